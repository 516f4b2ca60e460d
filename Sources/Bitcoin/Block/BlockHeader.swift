public import Bytes

/// The 80 bytes that a block's miner hashes.
public struct BlockHeader: Sendable, Hashable {
    /// The version, signed as consensus compares it.
    public var version: Int32
    /// The hash of the header before.
    public var previousHash: Digest32
    /// The root of the tree of txids.
    public var merkleRoot: Digest32
    /// When the miner claims to have found it, in seconds since 1970.
    public var time: UInt32
    /// The target in compact form.
    public var bits: UInt32
    /// What the miner varied.
    public var nonce: UInt32

    /// The size of every header, in bytes.
    public static let byteCount = 80

    /// Creates a header.
    public init(
        version: Int32, previousHash: Digest32, merkleRoot: Digest32, time: UInt32, bits: UInt32,
        nonce: UInt32
    ) {
        self.version = version
        self.previousHash = previousHash
        self.merkleRoot = merkleRoot
        self.time = time
        self.bits = bits
        self.nonce = nonce
    }

    /// Decodes exactly 80 bytes; every value of them is a header, if not a valid one.
    public static func decode(_ bytes: Span<UInt8>) throws(BitcoinError) -> BlockHeader {
        var reader = ByteReader(bytes)
        do throws(ReadError) {
            let header = try BlockHeader(from: &reader)
            try reader.end()
            return header
        } catch { throw .malformed(error) }
    }

    /// Decodes exactly 80 bytes of an array.
    public static func decode(_ bytes: [UInt8]) throws(BitcoinError) -> BlockHeader {
        try decode(bytes.span)
    }

    init(from reader: inout ByteReader) throws(ReadError) {
        let version: UInt32 = try reader.littleEndian()
        self.version = Int32(bitPattern: version)
        previousHash = try reader.digest()
        merkleRoot = try reader.digest()
        time = try reader.littleEndian()
        bits = try reader.littleEndian()
        nonce = try reader.littleEndian()
    }

    /// The 80 bytes.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        bytes.appendLittleEndian(UInt32(bitPattern: version))
        bytes.append(previousHash)
        bytes.append(merkleRoot)
        bytes.appendLittleEndian(time)
        bytes.appendLittleEndian(bits)
        bytes.appendLittleEndian(nonce)
        return bytes
    }

    /// The block's hash, in the order in which it is hashed.
    public var hash: Digest32 { sha256d(encoded) }
}
