public import Bytes

/// Names one output of one transaction.
public struct OutPoint: Sendable, Hashable {
    /// The id of the transaction that created the output, in the order in which it is hashed.
    public let txid: Digest32
    /// The position among that transaction's outputs.
    public let index: UInt32

    /// The input of a coinbase, which spends no output.
    public static let null = OutPoint(txid: .zero, index: .max)

    /// Creates a reference to output `index` of transaction `txid`.
    public init(txid: Digest32, index: UInt32) {
        self.txid = txid
        self.index = index
    }

    init(from reader: inout ByteReader) throws(ReadError) {
        txid = try reader.digest()
        index = try reader.littleEndian()
    }
}

extension OutPoint: Comparable {
    /// Orders by the bytes of the id, then by position.
    public static func < (left: OutPoint, right: OutPoint) -> Bool {
        left.txid != right.txid ? left.txid < right.txid : left.index < right.index
    }
}

extension OutPoint: CustomStringConvertible {
    /// The id as Core prints it, a colon, and the position.
    public var description: String { "\(txid.reversedHex):\(index)" }
}

extension [UInt8] {
    /// Appends the 36 bytes of an outpoint.
    mutating func append(_ outPoint: OutPoint) {
        append(outPoint.txid)
        appendLittleEndian(outPoint.index)
    }
}
