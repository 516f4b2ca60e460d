public import Bytes
public import Events
internal import Foundation
internal import Ledger
public import Merkle
public import State

/// The full verification of a ledger's folder, which changes no byte and no time of it.
///
/// Everything is replayed from the entries: each decision, each signature, the tree. Then everything
/// else that is stored is compared with what follows from them: hashes, blobs, checkpoints, the head
/// file, snapshots, indexes and outcomes. What differs is a finding; it never stops at the first.
public struct LedgerAudit {
    /// The id that the ledger must have, when the auditor knows it.
    public var ledgerID: Digest32?
    /// An older checkpoint that the auditor has kept: it must be of this log.
    public var since: SignedCheckpoint?
    /// Called now and then with how many entries of how many are replayed.
    public var progress: (UInt64, UInt64) -> Void = { _, _ in }
    /// Called after each entry that was admitted, with where its blobs are.
    public var observe: (SignedEvent, LogSource) -> Void = { _, _ in }

    /// After so many entries the checkpoints among them are looked at.
    private static let segment: UInt64 = 1 << 16

    /// Creates a verification without anything known beforehand.
    public init() {}

    /// What was found, and the state at the end when the replay came so far.
    public struct Outcome: Sendable {
        public var report: AuditReport
        public internal(set) var state: LedgerState?
    }

    /// Verifies the ledger in `folder`.
    ///
    /// - Throws: ``AuditError`` when nothing could be checked: no ledger, another ledger, a newer
    ///   format or newer rules.
    public func run(_ folder: String) throws(AuditError) -> Outcome {
        let start = Date()
        let log = try LogSource.reading { () throws(LedgerError) in try Log.open(folder, .audit) }
        if let ledgerID, ledgerID != log.ledgerID {
            throw .otherLedger(expected: ledgerID, found: log.ledgerID)
        }
        let source: LogSource
        do throws(AuditError) { source = try LogSource(log) } catch {
            guard let fault = log.fault else { throw error }
            var report = AuditReport(ledger: log.ledgerID, name: log.name)
            report.add(Finding(fault))
            report.notChecked.append("anything else: the entries can not be counted")
            return Outcome(report: report)
        }
        var audit = RunningAudit(log, source)
        audit.checkStored()
        do throws(AuditError) {
            try replay(&audit)
        } catch {
            // What stops the replay of a damaged log is one finding more; that of a sound log
            // means that it can not be judged.
            if case .otherLedger = error { throw error }
            guard !audit.report.findings.isEmpty else { throw error }
            audit.report.add(
                Finding(
                    position: nil, rule: .encoding, expected: "entries that can be replayed",
                    found: "\(error); nothing after that was judged"))
        }
        audit.finish()
        audit.report.seconds = Date().timeIntervalSince(start)
        return Outcome(report: audit.report, state: audit.state)
    }

    private func replay(_ audit: inout RunningAudit) throws(AuditError) {
        let source = audit.source
        let end = source.size
        var replay = Replay()
        defer { audit.take(replay) }
        while replay.size < end {
            let before = replay.size
            try replay.run(
                source, to: min(before + Self.segment, end),
                progress: { progress($0, end) },
                observe: { (position, event, state, effects) throws(AuditError) in
                    audit.compare(position, event, state, effects)
                    if let event { observe(event, source) }
                })
            if before == 0 { try audit.begin(replay, since: since, expecting: ledgerID) }
            audit.compareHeads(replay)
            // A gap ends the replay; there is a finding of it.
            guard replay.size > before else { break }
        }
    }
}
