public import Bitcoin
public import Bytes
internal import Events

/// The recent headers of the chain, all branches of them, with our transactions in their blocks.
///
/// The branch with the most work is active. Blocks deeper than ``reorganisationLimit`` below its
/// tip are forgotten: they are settled, and a branch that leaves the chain below them is refused.
public struct BlockTree: Sendable, Equatable {
    /// A block that could still be reorganised away.
    public struct Block: Sendable, Equatable {
        /// What the next header is judged by.
        public let chain: HeaderChainState
        /// The header itself.
        public let header: BlockHeader
        /// Our transactions in it, in the order in which they were observed.
        public var transactions: [SeenTransaction] = []
    }

    /// The blocks by hash.
    public internal(set) var blocks: [Digest32: Block]
    /// The hashes of the active branch, oldest first; never empty.
    public internal(set) var active: [Digest32]

    /// How many blocks may be undone.
    public static let reorganisationLimit = 288

    init(blocks: [Digest32: Block], active: [Digest32]) {
        self.blocks = blocks
        self.active = active
    }

    /// Begins with the anchor that the founders signed.
    init(anchor: Anchor, network: Network) throws(Refusal) {
        guard let header = try? BlockHeader.decode(anchor.header),
            let period = try? BlockHeader.decode(anchor.periodStart),
            let height = UInt32(exactly: anchor.height),
            let chain = HeaderChainState(
                network: network, height: height, hash: header.hash,
                chainWork: ChainWork(bigEndian: anchor.chainWork),
                times: anchor.times.map { UInt32(truncatingIfNeeded: $0) },
                periodTime: period.time, periodBits: period.bits)
        else {
            throw Refusal(
                .header,
                "the anchor's height, times and headers do not belong together on "
                    + network.rawValue)
        }
        blocks = [chain.hash: Block(chain: chain, header: header)]
        active = [chain.hash]
    }

    /// The last block of the active branch.
    public var tip: HeaderChainState {
        guard let hash = active.last, let block = blocks[hash] else {
            preconditionFailure("the active branch is never empty")
        }
        return block.chain
    }

    /// Whether a block is on the active branch.
    public func isActive(_ hash: Digest32) -> Bool {
        guard let height = blocks[hash]?.chain.height, let first = active.first,
            let lowest = blocks[first]?.chain.height, height >= lowest
        else { return false }
        let index = Int(height - lowest)
        return index < active.count && active[index] == hash
    }
}

/// A transaction of ours in a block: the coins it spends and those it makes.
public struct SeenTransaction: Sendable, Equatable {
    /// The transaction's id.
    public let txid: Digest32
    /// The coins of ours that it spends.
    public internal(set) var spends: [OutPoint]
    /// The coins of ours that it makes.
    public internal(set) var makes: [MadeCoin]
    /// Whether it is the first of its block, whose coins rest for 100 blocks.
    public let isCoinbase: Bool
    /// Where the event stands that observed it.
    public let observedAt: UInt64

    /// An output that pays a watched script.
    public struct MadeCoin: Sendable, Equatable {
        /// The output's index.
        public let output: UInt32
        /// What the output is worth.
        public let amount: Amount
        /// The scriptPubKey, which is watched.
        public let script: Script
        /// Whose the script is.
        public let owner: ScriptOwner
    }

    /// The coins that it makes.
    public var madeOutPoints: [OutPoint] {
        makes.map { OutPoint(txid: txid, index: $0.output) }
    }

    /// Whether it neither spends nor makes a coin of ours.
    var isNothing: Bool { spends.isEmpty && makes.isEmpty }

    /// What it spends and makes that the same transaction did not when it was observed before.
    func beyond(_ before: SeenTransaction) -> SeenTransaction {
        var news = self
        news.spends.removeAll { before.spends.contains($0) }
        news.makes.removeAll { made in before.makes.contains { $0.output == made.output } }
        return news
    }
}

extension BlockTree {
    /// Whether one of the known blocks, on whatever branch, makes a coin.
    func makes(_ outPoint: OutPoint) -> Bool {
        blocks.values.contains { block in
            block.transactions.contains {
                $0.txid == outPoint.txid && $0.madeOutPoints.contains(outPoint)
            }
        }
    }
}

extension BlockTree.Block {
    /// Adds a transaction of ours, or what it spends and makes beyond what it did before.
    mutating func add(_ transaction: SeenTransaction) {
        guard let known = transactions.firstIndex(where: { $0.txid == transaction.txid }) else {
            return transactions.append(transaction)
        }
        transactions[known].spends += transaction.spends
        transactions[known].makes += transaction.makes
    }
}

/// What an `observed` event adds to the tree, judged.
struct ChainUpdate: Sendable {
    var blocks: [BlockTree.Block] = []
    /// Each transaction with the hash of its block, in the order of the event; of one that was
    /// observed before, only what it spends and makes beyond that.
    var transactions: [(block: Digest32, transaction: SeenTransaction)] = []
}
