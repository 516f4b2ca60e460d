internal import Audit
internal import Bytes
internal import Events
public import Export
internal import Files
internal import Ledger
internal import Merkle
internal import State

/// A ledger made again from an export, to be read: its indexes, snapshots and outcomes follow from
/// a replay that judges every entry, as `verify` does.
///
/// It lies in a private folder that goes away with this object. An export with a finding, but for
/// incidents and documents that nobody kept, is refused: what is shown of it would not be evidence.
public final class ReplayedLedger: Sendable {
    /// The ledger, open for reading.
    public let ledger: OpenLedger
    /// How many incidents and missing documents the replay has found.
    public let findings: Int
    private let folder: PrivateFolder

    /// Replays an export that holds the whole log.
    ///
    /// - Parameters:
    ///   - created: called with the private folder as soon as there is one.
    ///   - progress: called now and then with how many entries of how many are replayed.
    public init(
        _ export: OpenedExport, created: (String) -> Void = { _ in },
        progress: @escaping (UInt64, UInt64) -> Void = { _, _ in }
    ) throws {
        try Self.requireWhole(export)
        folder = try PrivateFolder()
        created(folder.path)
        findings = try Self.fill(folder.path, from: export, progress)
        ledger = try OpenLedger(folder.path, .readOnly)
    }

    /// Refuses what holds a part of the log alone.
    public static func requireWhole(_ export: OpenedExport) throws {
        switch export.extent {
        case .whole: return
        case .delta:
            throw ActingError.export(export.path, .isDelta)
        case .disclosure:
            throw ActingError.export(export.path, .isDisclosure)
        }
    }

    private static func fill(
        _ folder: String, from export: OpenedExport, _ progress: @escaping (UInt64, UInt64) -> Void
    ) throws -> Int {
        var copy = LedgerCopy(folder)
        var failure: (any Error)?
        var terms = AuditTerms()
        terms.progress = progress
        terms.follow = { position, event, state, effects, source in
            guard failure == nil else { return }
            do { try copy.take(event, at: position, state, effects, source) } catch {
                failure = error
            }
        }
        let outcome = try export.verify(ExportAudit(terms))
        let report = outcome.report
        if let first = report.findings.first(where: { !$0.isPartOfHistory }) {
            throw ActingError.export(
                export.path,
                .unsound(
                    findings: report.findings.count + report.omittedFindings,
                    rule: first.rule.name))
        }
        if let failure { throw failure }
        guard let state = outcome.state else {
            throw ActingError.export(export.path, .notReplayed)
        }
        try copy.finish(state)
        try copy.take(export, newest: outcome.checkpoint, state)
        return report.findings.count + report.omittedFindings
    }
}

/// The database that a replay fills.
private struct LedgerCopy {
    private let folder: String
    private var log: Log?
    private var records: [LogRecord] = []
    private var gatheredBytes = 0

    /// The most bytes of blobs that are gathered before they are written.
    private static let gatheredLimit = 32 << 20

    init(_ folder: String) { self.folder = folder }

    mutating func take(
        _ event: SignedEvent, at position: UInt64, _ state: LedgerState,
        _ effects: LedgerState.Effects, _ source: any EventSource
    ) throws {
        // The state has given it the number before the next.
        var record = LogRecord(
            event, entry: Entry(recorded: state.recorded, event: event.bytes).encoded,
            number: state.nextNumber - 1, outcomes: effects.outcomes)
        for digest in Set(event.event.fact.blobDigests) {
            guard let bytes = try source.blob(digest) else { continue }
            record.blobs.append(LogRecord.Blob(digest: digest, bytes: bytes))
            gatheredBytes += bytes.count
        }
        if position == 0 {
            log = try Log.create(
                folder, ledgerID: state.ledger, name: state.founding.name.text)
        }
        records.append(record)
        let isDue = state.size % LedgerWriter.snapshotInterval == 0
        if isDue || gatheredBytes >= Self.gatheredLimit { try write(state) }
    }

    /// Writes what is gathered, with the state after it.
    private mutating func write(_ state: LedgerState) throws {
        let records = records
        self.records = []
        gatheredBytes = 0
        try log?.append { (batch) throws(LedgerError) in
            for record in records { try batch.append(record) }
            try batch.putSnapshot(size: state.size, state.encoded)
        }
    }

    mutating func finish(_ state: LedgerState) throws {
        if !records.isEmpty { try write(state) }
    }

    /// Takes over the policy, the newest checkpoint, and the newest that meets the policy.
    func take(
        _ export: OpenedExport, newest: SignedCheckpoint?, _ state: LedgerState
    ) throws {
        guard let newest, let log else { return }
        let key = try state.logKey
        var kept = [newest]
        let policy = try export.policy()
        if let policy {
            try PolicyFile(ledger: folder).write(policy)
            var witnessed: SignedCheckpoint?
            try export.forEachCheckpoint { signed in
                if (try? policy.judge(signed, logKey: key))?.isSatisfied == true {
                    witnessed = signed
                }
            }
            if let witnessed, policy.quorumCounts.needed > 0 { kept.insert(witnessed, at: 0) }
        }
        for signed in kept {
            try log.record(
                signed, logKey: key, cosigners: policy?.witnesses.map(\.key) ?? [])
        }
    }
}
