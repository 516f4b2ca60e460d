public import Bitcoin
public import Bytes
public import Events
internal import Keys

/// A regtest chain in memory: real headers with their trivial work, real Merkle branches, and as
/// many branches as a test likes. Whether its transactions are valid is the test's concern.
public struct MemoryChain: Sendable {
    /// A mined block.
    public struct Block: Sendable {
        public let header: BlockHeader
        public let hash: Digest32
        public let height: UInt32
        /// The coinbase first.
        public let transactions: [Transaction]
    }

    /// The blocks by hash, the genesis block included.
    public private(set) var blocks: [Digest32: Block] = [:]
    /// The last block of the branch that is mined on.
    public private(set) var tip: Digest32
    /// Every transaction that was ever mined, by its id.
    public private(set) var transactions: [Digest32: Transaction] = [:]
    /// How many blocks were mined, so that no two coinbases are equal.
    private var mined: UInt32 = 0

    /// The hash of the first block.
    public static let genesis = Network.regtest.genesis.hash

    /// Starts with regtest's genesis block.
    public init() {
        let header = Network.regtest.genesis
        tip = header.hash
        blocks[tip] = Block(header: header, hash: tip, height: 0, transactions: [])
    }

    /// The anchor of a ledger that follows the chain from its genesis block on.
    public static var anchor: Anchor {
        let genesis = HeaderChainState(genesisOf: .regtest)
        let header = Network.regtest.genesis.encoded
        return Anchor(
            height: 0, header: header, times: genesis.times.map(UInt64.init), periodStart: header,
            chainWork: genesis.chainWork.bigEndian)
    }

    /// The height of the tip.
    public var height: UInt32 { block(tip).height }

    /// The block with this hash.
    public func block(_ hash: Digest32) -> Block {
        guard let block = blocks[hash] else { preconditionFailure("\(hash.hex) was never mined") }
        return block
    }

    /// The hash of the block of the tip's branch at a height.
    public func hash(at height: UInt32) -> Digest32 {
        var block = block(tip)
        while block.height > height { block = self.block(block.header.previousHash) }
        return block.hash
    }

    /// Mines a block on the tip, whose coinbase pays `reward` to `coinbase`.
    @discardableResult
    public mutating func mine(
        _ included: [Transaction] = [], coinbase: Script = Script([0x51]), reward: Amount = 5_000
    ) -> Block {
        let parent = block(tip)
        mined += 1
        var number: [UInt8] = []
        number.appendPush(number: parent.height + 1)
        number.appendPush(number: mined)
        let first = Transaction(
            inputs: [
                TransactionInput(
                    previousOutput: .null, scriptSig: Script(number), sequence: .max)
            ],
            outputs: [TransactionOutput(amount: reward, scriptPubKey: coinbase)])
        let all = [first] + included
        let header = Self.header(on: parent, root: Self.root(all.map(\.txid)))
        let block = Block(
            header: header, hash: header.hash, height: parent.height + 1, transactions: all)
        blocks[block.hash] = block
        tip = block.hash
        for transaction in all { transactions[transaction.txid] = transaction }
        return block
    }

    /// Goes back to an earlier block, so that what is mined next is another branch.
    public mutating func rewind(to hash: Digest32) { tip = block(hash).hash }

    /// The blocks of the tip's branch behind the last one that `isKnown`, oldest first.
    public func branch(isKnown: (Digest32) -> Bool) -> [Block] {
        var unknown: [Block] = []
        var hash = tip
        while !isKnown(hash) {
            let block = block(hash)
            unknown.append(block)
            hash = block.header.previousHash
        }
        return unknown.reversed()
    }

    /// A transaction of a block with its proof, and the blob that holds it when it is long.
    public func observed(
        _ index: Int, in block: Block
    ) throws -> (transaction: ObservedTransaction, blob: [UInt8]?) {
        let branch = try MerkleBranch(txids: block.transactions.map(\.txid), index: index)
        let (bytes, blob) = ByteString.holding(block.transactions[index].encoded())
        return (
            ObservedTransaction(
                block: block.hash, index: UInt32(index), branch: branch.hashes, bytes: bytes), blob
        )
    }

    private static func header(on parent: Block, root: Digest32) -> BlockHeader {
        var header = BlockHeader(
            version: 0x2000_0000, previousHash: parent.hash, merkleRoot: root,
            time: parent.header.time + 600, bits: parent.header.bits, nonce: 0)
        guard let target = Target(compact: header.bits) else {
            preconditionFailure("regtest has a target")
        }
        // Every second nonce will do.
        while !target.isMet(by: header.hash) { header.nonce += 1 }
        return header
    }

    private static func root(_ txids: [Digest32]) -> Digest32 {
        do {
            return try MerkleBranch(txids: txids, index: 0).root(from: txids[0])
        } catch {
            preconditionFailure("different transactions have a tree: \(error)")
        }
    }
}
