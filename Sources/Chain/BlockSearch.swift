public import Bitcoin
internal import Bytes

/// Finds what concerns watched scripts and coins in one block after the other, oldest first.
public struct BlockSearch: Sendable {
    private let scripts: Set<Script>
    /// The watched coins, those included that the blocks searched so far have made.
    public private(set) var outPoints: Set<OutPoint>

    /// Starts a search for these scripts and these coins, which earlier blocks have made.
    public init(scripts: Set<Script>, outPoints: Set<OutPoint>) {
        self.scripts = scripts
        self.outPoints = outPoints
    }

    /// What a block holds of ours, in its order.
    public struct Found: Sendable {
        /// The transactions, each with its proof.
        public var proven: [ProvenTransaction] = []
        /// Those that no branch proves.
        public var unprovable: [UnprovableTransaction] = []
    }

    /// The block's transactions that pay a watched script or spend a watched coin.
    ///
    /// Coins that they make are watched from then on, so that a spend further on in the same block
    /// is found too; not those of a transaction without a proof, which no event can speak of.
    public mutating func find(
        in block: Block, at place: KnownBlock
    ) throws(ChainError) -> Found {
        var found = Found()
        for (index, transaction) in block.transactions.enumerated() {
            let spends = transaction.inputs.contains { outPoints.contains($0.previousOutput) }
            let made = transaction.outputs.indices.filter {
                scripts.contains(transaction.outputs[$0].scriptPubKey)
            }
            guard spends || !made.isEmpty else { continue }
            let txid = block.txids[index]
            do throws(BitcoinError) {
                let branch = try block.branch(index)
                try branch.check(transaction, in: block.header)
                found.proven.append(
                    ProvenTransaction(
                        height: place.height, blockHash: place.hash, transaction: transaction,
                        branch: branch))
            } catch {
                guard case .branchAmbiguous = error else {
                    throw .inconsistent(block: place.hash, reason: "\(error)")
                }
                found.unprovable.append(
                    UnprovableTransaction(
                        height: place.height, blockHash: place.hash, txid: txid,
                        transaction: transaction))
                continue
            }
            outPoints.formUnion(made.map { OutPoint(txid: txid, index: UInt32($0)) })
        }
        return found
    }
}
