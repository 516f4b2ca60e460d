internal import Bytes

/// An amount and the script that whoever spends it has to satisfy.
public struct TransactionOutput: Sendable, Hashable {
    /// How much.
    public var amount: Amount
    /// To whom: the locking script.
    public var scriptPubKey: Script

    /// Creates an output.
    public init(amount: Amount, scriptPubKey: Script) {
        self.amount = amount
        self.scriptPubKey = scriptPubKey
    }

    init(from reader: inout ByteReader) throws(ReadError) {
        let offset = reader.offset
        let satoshis: UInt64 = try reader.littleEndian()
        guard let amount = Amount(satoshis: satoshis) else {
            throw .limit(
                offset: offset, field: "amount", value: satoshis,
                maximum: Amount.maximum.satoshis)
        }
        self.amount = amount
        scriptPubKey = Script(try reader.lengthPrefixed("scriptPubKey"))
    }
}

extension [UInt8] {
    /// Appends an output as it stands in a transaction: amount, then script with its length.
    mutating func append(_ output: TransactionOutput) {
        appendLittleEndian(output.amount.satoshis)
        append(lengthPrefixed: output.scriptPubKey.bytes)
    }

    /// Appends bytes after their length as a CompactSize.
    mutating func append(lengthPrefixed bytes: [UInt8]) {
        appendCompactSize(bytes.count)
        append(contentsOf: bytes)
    }
}

/// The length of the CompactSize that announces `count`.
func compactSizeLength(_ count: Int) -> Int {
    switch count {
    case ..<0xfd: 1
    case ...0xffff: 3
    case ...0xffff_ffff: 5
    default: 9
    }
}
