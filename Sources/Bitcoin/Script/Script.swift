internal import Bytes

/// A Bitcoin script as bytes; nothing here executes it.
public struct Script: Sendable, Hashable {
    /// The serialised script. Any bytes are a script, also those that no one can satisfy.
    public let bytes: [UInt8]

    /// Takes bytes as a script.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Decodes a script from hexadecimal, or returns nil.
    public init?(hex: String) {
        guard let bytes = decodeHex(hex) else { return nil }
        self.bytes = bytes
    }

    /// The longest script that consensus executes (`MAX_SCRIPT_SIZE`), in bytes.
    public static let executableBytesMax = 10_000

    /// Whether no one can ever spend an output with this script: it starts with `OP_RETURN` or is
    /// longer than ``executableBytesMax`` (Core's `IsUnspendable`).
    public var isUnspendable: Bool {
        bytes.first == Opcode.return || bytes.count > Self.executableBytesMax
    }

    /// The bytes in hexadecimal.
    public var hex: String { encodeHex(bytes) }
}

extension Script: CustomStringConvertible {
    public var description: String { hex }
}

/// The opcodes that our scripts are built from and recognised by, by Core's names.
public enum Opcode {
    /// `OP_0`: pushes the empty string; also witness version 0.
    public static let zero: UInt8 = 0x00
    /// `OP_PUSHDATA1`: one byte of length follows.
    public static let pushData1: UInt8 = 0x4c
    /// `OP_PUSHDATA2`: two bytes of length follow.
    public static let pushData2: UInt8 = 0x4d
    /// `OP_PUSHDATA4`: four bytes of length follow.
    public static let pushData4: UInt8 = 0x4e
    /// `OP_1NEGATE`.
    public static let oneNegate: UInt8 = 0x4f
    /// `OP_1`; `OP_2` to `OP_16` follow it.
    public static let one: UInt8 = 0x51
    /// `OP_16`.
    public static let sixteen: UInt8 = 0x60
    /// `OP_RETURN`.
    public static let `return`: UInt8 = 0x6a
    /// `OP_DUP`.
    public static let dup: UInt8 = 0x76
    /// `OP_EQUAL`.
    public static let equal: UInt8 = 0x87
    /// `OP_EQUALVERIFY`.
    public static let equalVerify: UInt8 = 0x88
    /// `OP_NUMEQUAL`.
    public static let numEqual: UInt8 = 0x9c
    /// `OP_HASH160`.
    public static let hash160: UInt8 = 0xa9
    /// `OP_CHECKSIG`.
    public static let checkSig: UInt8 = 0xac
    /// `OP_CHECKMULTISIG`.
    public static let checkMultiSig: UInt8 = 0xae
    /// `OP_CHECKSIGADD` (BIP-342).
    public static let checkSigAdd: UInt8 = 0xba
}
