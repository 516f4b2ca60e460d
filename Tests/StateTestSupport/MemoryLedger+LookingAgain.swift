internal import Bitcoin
internal import Bytes
public import Events
internal import State

extension MemoryLedger {
    /// The fact of what known blocks hold of ours and no event has observed there: what was left
    /// out, and what concerns scripts that are watched only since. Nil when there is nothing.
    public mutating func omission() throws -> Observed? {
        var ours = Set(state.coins.keys).union(state.coinsOffTheActiveBranch)
        var late: [ObservedTransaction] = []
        let known = state.blocks.blocks.values.sorted {
            ($0.chain.height, $0.chain.hash) < ($1.chain.height, $1.chain.hash)
        }
        for block in known {
            let mined = chain.block(block.chain.hash)
            for (index, transaction) in mined.transactions.enumerated() {
                let makes = transaction.outputs.indices.filter {
                    state.scripts[transaction.outputs[$0].scriptPubKey] != nil
                }.map { OutPoint(txid: transaction.txid, index: UInt32($0)) }
                let spends = transaction.inputs.map(\.previousOutput).filter(ours.contains)
                ours.formUnion(makes)
                let before = block.transactions.first { $0.txid == transaction.txid }
                let concerned = Set(before.map { $0.spends + $0.madeOutPoints } ?? [])
                guard !concerned.isSuperset(of: makes + spends) else { continue }
                let (observed, blob) = try chain.observed(index, in: mined)
                keep(blob)
                late.append(observed)
            }
        }
        guard !late.isEmpty else { return nil }
        return Observed(
            headers: [], scripts: state.watchedScripts,
            transactions: Array(late.prefix(Self.lateMax)))
    }

    /// So many transactions fit one event.
    private static let lateMax = 20

    /// Records what known blocks hold of ours, again and again, since each coin that is found can
    /// move the gap.
    public mutating func lookAgain(by watcher: MemberName) throws {
        while let late = try omission() { try record(.observed(late), by: watcher) }
    }
}
