public import Bitcoin
public import Bytes

/// A block that is known already: where a scan goes on, or finds where two chains part.
public struct KnownBlock: Sendable, Hashable {
    /// The height.
    public let height: Int
    /// The hash.
    public let hash: Digest32

    /// Creates a known block.
    public init(height: Int, hash: Digest32) {
        self.height = height
        self.hash = hash
    }
}

/// A batch of evidence: headers that link to a known block, and the watched transactions in them.
public struct ScannedBlocks: Sendable {
    /// The height of the known block that the first header links to. Below the newest known
    /// height: the chain was reorganised, and what was known above it is off the node's chain.
    public let forkHeight: Int
    /// The headers after it, without a gap. Empty when the batch goes on inside the block before.
    public let headers: [BlockHeader]
    /// The watched transactions, in the chain's order. The first may belong to the block at
    /// ``forkHeight``, when that one had more than a batch holds.
    public let transactions: [ProvenTransaction]
    /// Watched transactions without a branch that proves anything; people have to look at them.
    public let unprovable: [UnprovableTransaction]
    /// The outlines of the blocks that are in the batch with all that they hold of ours, by their
    /// hashes.
    public let outlines: [Digest32: BlockOutline]
    /// The height of the node's chain when the batch was read.
    public let nodeHeight: Int

    /// The height of the last header.
    public var height: Int { forkHeight + headers.count }
}

/// A transaction with the proof that it is in a block.
public struct ProvenTransaction: Sendable, Hashable {
    /// The block's height.
    public let height: Int
    /// The block's hash.
    public let blockHash: Digest32
    /// The transaction.
    public let transaction: Transaction
    /// The way to the header's Merkle root.
    public let branch: MerkleBranch

    /// What it costs in an event, in bytes at most: a transaction over
    /// ``inlineBytesMax`` stands there as size and digest.
    public var eventBytes: Int {
        let size = transaction.size
        return Self.overheadBytes + 34 * branch.hashes.count
            + (size > Self.inlineBytesMax ? 40 : size)
    }

    /// Whether the transaction still fits into `room` bytes of an event, which become less by it.
    public func take(from room: inout Int) -> Bool {
        guard eventBytes <= room else { return false }
        room -= eventBytes
        return true
    }

    /// The longest transaction that stands in an event itself.
    public static let inlineBytesMax = FormatLimit.inlineBytes
    /// Room for height, position, lengths and names.
    static let overheadBytes = 64
}

/// A watched transaction of 64 bytes without witnesses, or below a node that reads as one: such a
/// branch proves nothing (CVE-2017-12842).
public struct UnprovableTransaction: Sendable, Hashable {
    /// The block's height.
    public let height: Int
    /// The block's hash.
    public let blockHash: Digest32
    /// The transaction's id.
    public let txid: Digest32
    /// The transaction.
    public let transaction: Transaction
}

/// How much a batch may hold, so that it fits one event.
public struct BatchLimits: Sendable, Hashable {
    /// The most headers.
    public let headersMax: Int
    /// The most bytes of headers and transactions in an event.
    public let bytesMax: Int

    /// Creates limits; the defaults leave 1,000 bytes of a 60,000-byte event for the rest of it.
    public init(headersMax: Int = 200, bytesMax: Int = 59_000) {
        precondition(
            (1...200).contains(headersMax) && bytesMax >= Self.bytesMin,
            "a batch holds a header and the largest inline transaction")
        self.headersMax = headersMax
        self.bytesMax = bytesMax
    }

    /// What one header costs.
    static let headerBytes = BlockHeader.byteCount + 2
    /// A header and the largest inline transaction with the longest branch.
    public static let bytesMin =
        headerBytes + ProvenTransaction.overheadBytes + 34 * MerkleBranch.depthMax
        + ProvenTransaction.inlineBytesMax
}
