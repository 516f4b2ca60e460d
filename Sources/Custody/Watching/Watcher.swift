internal import Bitcoin
internal import Bytes
public import Chain
public import Events
public import State

/// What a watcher has to record next.
public struct Watching: Sendable {
    public let fact: Observed
    /// The transactions that stand in the event by digest.
    public let blobs: [[UInt8]]
    /// What it was, in a line.
    public let summary: String

    /// Scans the node from the newest block that the state and the node share; nil when the node
    /// shows nothing that the state does not know.
    public static func next(
        _ source: some BlockSource, _ state: LedgerState
    ) async throws -> Watching? {
        let known = state.blocks.active.reversed().compactMap { hash in
            state.blocks.blocks[hash].map { KnownBlock(height: Int($0.chain.height), hash: hash) }
        }
        var scanner = BlockScanner(
            source: source, known: known, scripts: Set(state.scripts.keys),
            outPoints: Set(state.coins.keys))
        while let batch = try await scanner.next() {
            if let watching = Watching(batch, state) { return watching }
        }
        return nil
    }

    private init?(_ batch: ScannedBlocks, _ state: LedgerState) {
        let headers = batch.headers.filter { state.blocks.blocks[$0.hash] == nil }
        var blobs: [[UInt8]] = []
        var transactions: [ObservedTransaction] = []
        for proven in batch.transactions {
            let seen = state.blocks.blocks[proven.blockHash]?.transactions ?? []
            guard !seen.contains(where: { $0.txid == proven.transaction.txid }) else { continue }
            let (value, blob) = ByteString.holding(proven.transaction.encoded())
            if let blob { blobs.append(blob) }
            transactions.append(
                ObservedTransaction(
                    block: proven.blockHash, index: proven.branch.index,
                    branch: proven.branch.hashes, bytes: value))
        }
        guard !headers.isEmpty || !transactions.isEmpty else { return nil }
        fact = Observed(
            headers: headers.map(\.encoded), scripts: state.watchedScripts,
            transactions: transactions)
        self.blobs = blobs
        let count = transactions.count
        summary =
            "Block \(batch.height): \(headers.count) header\(headers.count == 1 ? "" : "s"), "
            + "\(count) transaction\(count == 1 ? "" : "s") of ours"
    }
}
