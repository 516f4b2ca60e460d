internal import Bytes

/// Which parts of a transaction a signature covers.
public struct SighashType: RawRepresentable, Sendable, Hashable {
    /// The byte that follows a signature, or 0 for taproot's implicit ``all``.
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Everything, without a byte of its own (BIP-341).
    public static let `default` = SighashType(rawValue: 0)
    /// All inputs and all outputs.
    public static let all = SighashType(rawValue: 1)
    /// All inputs and no output.
    public static let none = SighashType(rawValue: 2)
    /// All inputs and the output at the input's position.
    public static let single = SighashType(rawValue: 3)

    /// The same outputs, but of the inputs only the one that is signed.
    public var anyoneCanPay: SighashType { SighashType(rawValue: rawValue | 0x80) }

    /// Whether only the signed input is covered.
    public var isAnyoneCanPay: Bool { rawValue & 0x80 != 0 }

    /// Whether no output is covered.
    var isNone: Bool { rawValue & 0x1f == 2 }

    /// Whether only the output at the input's position is covered.
    var isSingle: Bool { rawValue & 0x1f == 3 }

    /// Whether BIP-341 defines it.
    var isTaprootType: Bool { rawValue <= 3 || (0x81...0x83).contains(rawValue) }
}

extension SighashType: CustomStringConvertible {
    /// The name that Core's documentation uses, such as `SIGHASH_SINGLE|ANYONECANPAY`.
    public var description: String {
        let names = [1: "SIGHASH_ALL", 2: "SIGHASH_NONE", 3: "SIGHASH_SINGLE"]
        if rawValue == 0 { return "SIGHASH_DEFAULT" }
        guard let name = names[Int(rawValue & 0x7f)] else {
            return "sighash type 0x\(encodeHex([rawValue]))"
        }
        return name + (isAnyoneCanPay ? "|ANYONECANPAY" : "")
    }
}
