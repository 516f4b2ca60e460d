public import Bytes

/// Proves that a transaction stands at one position of a block, with the siblings on the way to the
/// root of the block's header.
///
/// Bitcoin's tree tells neither leaves from nodes nor a repeated last node from two equal ones, so
/// a branch proves less than its hashes say. Three rules close that: a transaction of 64 bytes
/// without witnesses is no leaf; no node on the way may read as such a transaction (an attacker who
/// gets one mined could otherwise hang an invented transaction below it); and no leaf lies in the
/// repeated half of an uneven level, so that each transaction has one position (CVE-2012-2459).
public struct MerkleBranch: Sendable, Hashable {
    /// The position among the block's transactions.
    public let index: UInt32
    /// The sibling on each level, the leaf's own first.
    public let hashes: [Digest32]

    /// The most levels: a block holds at most 4,000,000 / 240 transactions, as none that is valid
    /// has less than 60 bytes.
    public static let depthMax = 15

    /// Takes a branch; throws ``BitcoinError`` when it has more levels than ``depthMax`` or no such
    /// position.
    public init(index: UInt32, hashes: [Digest32]) throws(BitcoinError) {
        guard hashes.count <= Self.depthMax else {
            throw .branchDepth(found: hashes.count, maximum: Self.depthMax)
        }
        guard index >> UInt32(hashes.count) == 0 else {
            throw .branchIndex(index, depth: hashes.count)
        }
        self.index = index
        self.hashes = hashes
    }

    /// Builds the branch of transaction `index` of a block with these txids; throws
    /// ``BitcoinError`` when there is no such transaction or the block's tree is ambiguous. Costs a
    /// hash for each txid.
    public init(txids: [Digest32], index: Int) throws(BitcoinError) {
        guard txids.indices.contains(index) else {
            throw .branchIndex(UInt32(clamping: index), depth: 0)
        }
        let siblings = try MerkleTree.reduce(txids, siblingsOf: index).siblings
        try self.init(index: UInt32(clamping: index), hashes: siblings)
    }

    /// Computes the root that the branch leads to from `txid`; throws ``BitcoinError`` for a node
    /// that breaks one of the rules above.
    ///
    /// Whether `txid` is that of a transaction is for the caller to know: ``check(_:in:)`` does.
    public func root(from txid: Digest32) throws(BitcoinError) -> Digest32 {
        var node = txid
        for (level, sibling) in hashes.enumerated() {
            let isRight = index >> UInt32(level) & 1 == 1
            guard !isRight || sibling != node else { throw .branchRepeats(level: level) }
            let bytes =
                isRight
                ? MerkleTree.joined(sibling, node) : MerkleTree.joined(node, sibling)
            guard !Self.readsAsTransaction(bytes) else { throw .branchAmbiguous(level: level + 1) }
            node = sha256d(bytes)
        }
        return node
    }

    /// Checks that `transaction` is in the block of `header` at ``index``.
    public func check(
        _ transaction: Transaction, in header: BlockHeader
    ) throws(BitcoinError) {
        guard transaction.strippedSize != 64 else { throw .branchAmbiguous(level: 0) }
        let found = try root(from: transaction.txid)
        guard found == header.merkleRoot else {
            throw .branchRoot(expected: header.merkleRoot, found: found)
        }
    }

    /// Whether 64 bytes are a transaction that a block could hold; honest nodes are with a chance
    /// of 2⁻⁴³.
    private static func readsAsTransaction(_ bytes: [UInt8]) -> Bool {
        // The count of inputs stands at the fifth byte and is one where both fit into 64 bytes.
        guard bytes[4] == 1, let transaction = try? Transaction.decode(bytes, as: .stripped) else {
            return false
        }
        return !transaction.outputs.isEmpty
    }
}
