public import Bytes

/// A block whose transactions are those that its header commits to.
///
/// The commitment to witnesses is not checked: nothing here depends on them.
public struct Block: Sendable, Hashable {
    /// The header. Its own validity is ``HeaderChainState``'s subject.
    public let header: BlockHeader
    /// The transactions, the coinbase first.
    public let transactions: [Transaction]
    /// Their ids, in the same order.
    public let txids: [Digest32]

    /// Decodes exactly one block of at most ``Transaction/weightMax`` in weight and checks its
    /// Merkle root. Costs a hash for each transaction and node.
    ///
    /// Throws ``BitcoinError`` for bytes out of format, for another root than the header's, and for
    /// a tree that would fit a second list of transactions (CVE-2012-2459).
    public static func decode(_ bytes: Span<UInt8>) throws(BitcoinError) -> Block {
        let block: Block
        do throws(ReadError) {
            guard bytes.count <= Transaction.weightMax else { throw .overweight(bytes.count) }
            block = try Block(parsing: bytes)
        } catch { throw .malformed(error) }
        let root = try MerkleTree.reduce(block.txids).root
        guard root == block.header.merkleRoot else {
            throw .merkleRoot(expected: block.header.merkleRoot, found: root)
        }
        return block
    }

    /// Decodes exactly one block from an array.
    public static func decode(_ bytes: [UInt8]) throws(BitcoinError) -> Block {
        try decode(bytes.span)
    }

    private init(parsing bytes: Span<UInt8>) throws(ReadError) {
        var reader = ByteReader(bytes)
        header = try BlockHeader(from: &reader)
        let countOffset = reader.offset
        // The smallest transaction with an input has 51 bytes.
        let count = try reader.count("transactions", bytesEach: 51)
        guard count > 0 else { throw .nonCanonical(offset: countOffset, field: "transactions") }
        var weight = reader.offset * 4
        var transactions: [Transaction] = []
        transactions.reserveCapacity(count)
        for _ in 0..<count {
            let transaction = try Transaction(from: &reader, as: .full)
            weight += transaction.weight
            guard weight <= Transaction.weightMax else { throw .overweight(weight) }
            transactions.append(transaction)
        }
        try reader.end()
        self.transactions = transactions
        txids = transactions.map(\.txid)
    }

    /// Builds the branch of the transaction at `index`; throws ``BitcoinError`` when there is none.
    public func branch(_ index: Int) throws(BitcoinError) -> MerkleBranch {
        try MerkleBranch(txids: txids, index: index)
    }
}
