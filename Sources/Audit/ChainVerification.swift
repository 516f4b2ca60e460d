internal import Bitcoin
public import Bytes
public import Chain
public import Events
public import State

/// A comparison of the ledger with the chain itself, by reading every block from the founding
/// anchor to the node's tip with all scripts that were ever watched.
///
/// The node is believed in which chain has the most work, and in nothing else: blocks hash to their
/// headers, headers link, transactions are in their blocks.
public struct ChainVerification: Sendable {
    /// The transactions that the ledger has observed, and the blocks they were in.
    private var observed: [Digest32: Set<Digest32>] = [:]

    /// Starts without anything observed.
    public init() {}

    /// Notes what an admitted event reports of the chain; `blob` looks up long transactions.
    public mutating func take(
        _ event: SignedEvent, blob: (Digest32) throws(AuditError) -> [UInt8]?
    ) throws(AuditError) {
        guard case .observed(let fact) = event.event.fact else { return }
        for seen in fact.transactions {
            let long = try seen.bytes.reference.map { (reference) throws(AuditError) in
                try blob(reference.digest)
            }
            guard let bytes = long ?? seen.bytes.bytes(from: [:]),
                let transaction = try? Transaction.decode(bytes)
            else { continue }
            observed[transaction.txid, default: []].insert(seen.block)
        }
    }

    /// Compares with the chain that `source` shows and adds what differs to `report`.
    ///
    /// - Parameter progress: called with the height reached and the node's.
    /// - Throws: ``AuditError`` when the node can not be read to the end.
    public func compare(
        _ state: LedgerState, with source: some BlockSource, _ report: inout AuditReport,
        progress: (UInt64, UInt64) -> Void
    ) async throws(AuditError) {
        let anchor = state.founding.anchor
        guard let header = try? BlockHeader.decode(anchor.header) else {
            throw .unfounded("the anchor's header can not be read")
        }
        var scan = ChainScan(state, observed)
        do throws(ChainError) {
            let tip = state.blocks.tip
            let nodeHeight = try await source.blockCount()
            if nodeHeight >= Int(tip.height) {
                let hash = try await source.blockHash(height: Int(tip.height))
                if hash != tip.hash { scan.fork(at: tip, node: hash) }
            } else {
                scan.report(
                    "the block \(tip.hash.reversedHex) at height \(tip.height)",
                    "a node whose chain ends at height \(nodeHeight)")
            }
            var scanner = BlockScanner(
                source: source,
                known: [KnownBlock(height: Int(anchor.height), hash: header.hash)],
                scripts: Set(state.scripts.keys), outPoints: [])
            while let batch = try await scanner.next() {
                scan.take(batch)
                progress(UInt64(batch.height), UInt64(batch.nodeHeight))
            }
        } catch {
            guard case .noCommonBlock = error else {
                throw .unreadable("the node: \(error)")
            }
            scan.report(
                "the anchor \(header.hash.reversedHex) at height \(anchor.height)",
                "a node whose chain does not hold it")
        }
        scan.finish()
        for finding in scan.findings { report.add(finding) }
        report.notes += scan.notes
        report.notChecked.removeAll { $0 == .chain }
    }
}

/// What a node's chain shows of the watched scripts, against what the ledger says.
private struct ChainScan {
    let state: LedgerState
    /// Transactions that the ledger has and the scan has not met yet, with their blocks.
    private var unmet: [Digest32: Set<Digest32>]
    private var unspent: [OutPoint: TransactionOutput] = [:]
    private var ours: Set<OutPoint> = []
    /// Coins spent by transactions that no branch proves, each a finding of its own.
    private var goneUnproven: Set<OutPoint> = []
    private var isOnChain = true
    private var blocks: Set<Digest32> = []
    private(set) var findings: [Finding] = []
    private(set) var notes: [String] = []

    init(_ state: LedgerState, _ observed: [Digest32: Set<Digest32>]) {
        self.state = state
        unmet = observed
    }

    mutating func report(_ expected: String, _ found: String) {
        findings.append(
            Finding(position: nil, rule: .chain, expected: expected, found: found))
        isOnChain = false
    }

    mutating func fork(at tip: HeaderChainState, node: Digest32) {
        report(
            "the block \(tip.hash.reversedHex) at height \(tip.height), the ledger's tip",
            "the node's chain has \(node.reversedHex) there: the watcher has not recorded a "
                + "reorganisation, or recorded blocks of another chain")
    }

    mutating func take(_ batch: ScannedBlocks) {
        for header in batch.headers { blocks.insert(header.hash) }
        // In the order of the chain, since one may spend what the other makes.
        var unprovable = batch.unprovable[...]
        for proven in batch.transactions {
            while let item = unprovable.first, item.height <= proven.height {
                take(unprovable.removeFirst())
            }
            take(proven)
        }
        for item in unprovable { take(item) }
    }

    /// A transaction that no event can speak of, since no branch proves it.
    private mutating func take(_ item: UnprovableTransaction) {
        let spends = item.transaction.inputs.map(\.previousOutput).filter { ours.contains($0) }
        for outPoint in spends {
            findings.append(
                Finding(
                    position: nil, rule: .chain,
                    expected: "spends that a request explains and an event observes",
                    found: "the transaction \(item.txid.reversedHex) at height \(item.height) "
                        + "spends the coin \(outPoint), and no event can observe it: no Merkle "
                        + "branch proves a transaction of 64 bytes"))
            unspent[outPoint] = nil
            goneUnproven.insert(outPoint)
        }
        if spends.isEmpty {
            notes.append(
                "the transaction \(item.txid.reversedHex) at height \(item.height) pays us, and no "
                    + "event can observe it: no Merkle branch proves it")
        }
    }

    private mutating func take(_ proven: ProvenTransaction) {
        let transaction = proven.transaction
        let txid = transaction.txid
        let spends = transaction.inputs.map(\.previousOutput).filter { ours.contains($0) }
        if proven.height <= Int(state.height) {
            if unmet[txid]?.remove(proven.blockHash) == nil, isOnChain {
                findings.append(
                    Finding(
                        position: nil, rule: .chain,
                        expected: "the transaction \(txid.reversedHex) at height \(proven.height), "
                            + (spends.isEmpty ? "which pays us" : "which spends our coins"),
                        found: "no event that observed it there"))
            }
            for outPoint in spends { unspent[outPoint] = nil }
        } else if !spends.isEmpty, !isExplained(txid) {
            findings.append(
                Finding(
                    position: nil, rule: .chain, expected: "spends that a request explains",
                    found: "the transaction \(txid.reversedHex) at height \(proven.height), not "
                        + "observed yet, spends "
                        + spends.map(\.description).joined(separator: ", ")))
        } else {
            notes.append(
                "the transaction \(txid.reversedHex) at height \(proven.height) is not observed "
                    + "yet; the ledger's tip is \(state.height)")
        }
        for (index, output) in transaction.outputs.enumerated()
        where state.scripts[output.scriptPubKey] != nil {
            let outPoint = OutPoint(txid: txid, index: UInt32(index))
            ours.insert(outPoint)
            if proven.height <= Int(state.height) { unspent[outPoint] = output }
        }
    }

    private func isExplained(_ txid: Digest32) -> Bool {
        state.requests.values.contains { $0.explainsSpends(by: txid) }
    }

    /// Compares the coins, once the node's chain was read whole. Without the ledger's tip on it
    /// they are those of two chains and can not be equal.
    mutating func finish() {
        guard isOnChain else { return }
        for (txid, claimed) in unmet.sorted(by: { $0.key < $1.key }) {
            for block in claimed where blocks.contains(block) {
                findings.append(
                    Finding(
                        position: nil, rule: .chain,
                        expected: "no more transactions of ours than the blocks hold",
                        found: "the ledger observed \(txid.reversedHex) in the block "
                            + "\(block.reversedHex), which does not hold it as one of ours"))
            }
        }
        let held = state.coins.values.filter { $0.height != nil && $0.spent == nil }
        for coin in held.sorted(by: { $0.outPoint < $1.outPoint })
        where unspent.removeValue(forKey: coin.outPoint)?.amount != coin.amount
            && !goneUnproven.contains(coin.outPoint)
        {
            findings.append(
                Finding(
                    position: nil, rule: .chain,
                    expected: "the coin \(coin.outPoint) of \(coin.amount) unspent on the chain",
                    found: "a chain without it"))
        }
        for (outPoint, output) in unspent.sorted(by: { $0.key < $1.key }) {
            findings.append(
                Finding(
                    position: nil, rule: .chain,
                    expected: "the coin \(outPoint), which the chain "
                        + "holds for us, of \(output.amount)", found: "a ledger without it"))
        }
    }
}
