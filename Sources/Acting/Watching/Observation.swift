internal import Bitcoin
internal import Bytes
internal import Chain
public import Events
internal import State

/// What a watcher has to record next.
public struct Observation: Sendable {
    /// Headers and transactions with their branches.
    public let fact: Observed
    /// The transactions that stand in the event by digest.
    public let blobs: [[UInt8]]
    /// What it was, in a line.
    public let summary: String
    /// Each transaction's id, and the block that it is in.
    private let places: [(txid: Digest32, block: Digest32)]

    /// What a batch shows beyond what the state knows; nil when that is nothing.
    init?(_ batch: ScannedBlocks, _ state: LedgerState) {
        let made = batch.transactions.flatMap { $0.outPoints(paying: state) }
        let known = state.knownOutPoints.union(made)
        let headers = batch.headers.filter { state.blocks.blocks[$0.hash] == nil }
        let news = batch.transactions.filter { state.lacks($0, knowing: known) }
        guard !headers.isEmpty || !news.isEmpty else { return nil }
        self.init(
            headers, news, state,
            "Block \(batch.height): \(headers.count) header\(headers.count == 1 ? "" : "s"), ")
    }

    /// What known blocks hold beyond what the state knows; nil when that is nothing.
    init?(_ late: LateTransactions, _ state: LedgerState) {
        guard let first = late.proven.first?.height, let last = late.proven.last?.height else {
            return nil
        }
        let place = first == last ? "Block \(first)" : "Blocks \(first) to \(last)"
        self.init([], late.proven, state, "\(place), looked through again: ")
    }

    private init(
        _ headers: [BlockHeader], _ news: [ProvenTransaction], _ state: LedgerState, _ place: String
    ) {
        var blobs: [[UInt8]] = []
        var transactions: [ObservedTransaction] = []
        for proven in news {
            let (value, blob) = ByteString.holding(proven.transaction.encoded())
            if let blob { blobs.append(blob) }
            transactions.append(
                ObservedTransaction(
                    block: proven.blockHash, index: proven.branch.index,
                    branch: proven.branch.hashes, bytes: value))
        }
        fact = Observed(
            headers: headers.map(\.encoded), scripts: state.watchedScripts,
            transactions: transactions)
        self.blobs = blobs
        places = news.map { ($0.transaction.txid, $0.blockHash) }
        summary = place + "\(news.count) transaction\(news.count == 1 ? "" : "s") of ours"
    }

    /// Whether all of it is in the state.
    func isRecorded(in state: LedgerState) -> Bool {
        places.allSatisfy { place in
            state.blocks.blocks[place.block]?.transactions.contains { $0.txid == place.txid }
                ?? false
        }
    }
}

extension ProvenTransaction {
    /// The coins of watched scripts that the transaction makes.
    func outPoints(paying state: LedgerState) -> [OutPoint] {
        let txid = transaction.txid
        return transaction.outputs.indices.filter {
            state.scripts[transaction.outputs[$0].scriptPubKey] != nil
        }.map { OutPoint(txid: txid, index: UInt32($0)) }
    }
}

extension LedgerState {
    /// The coins that an observed transaction can spend: those of the active branch, and of others.
    var knownOutPoints: Set<OutPoint> { Set(coins.keys).union(coinsOffTheActiveBranch) }

    /// Whether a transaction makes a coin, or spends one of `outPoints`, that it is not known for
    /// in its block.
    func lacks(_ proven: ProvenTransaction, knowing outPoints: Set<OutPoint>) -> Bool {
        let before = blocks.blocks[proven.blockHash]?.transactions
            .first { $0.txid == proven.transaction.txid }
        let known = before.map { Set($0.spends + $0.madeOutPoints) } ?? []
        let spends = proven.transaction.inputs.map(\.previousOutput).filter(outPoints.contains)
        return !known.isSuperset(of: proven.outPoints(paying: self) + spends)
    }
}
