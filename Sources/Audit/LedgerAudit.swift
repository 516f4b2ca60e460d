internal import Foundation
internal import Ledger
internal import Merkle

/// The full verification of a ledger's folder, which changes no byte and no time of it.
///
/// Everything is replayed from the entries: each decision, each signature, the tree. Then
/// everything else that is stored is compared with what follows from them: hashes, blobs,
/// checkpoints, the head file, snapshots, indexes and outcomes. What differs is a finding; it never
/// stops at the first.
@dynamicMemberLookup
public struct LedgerAudit {
    /// What the auditor knows and demands.
    public var terms: AuditTerms

    /// After so many entries the checkpoints among them are looked at.
    private static let segment: UInt64 = 1 << 16

    /// Creates a verification, without anything known beforehand unless told so.
    public init(_ terms: AuditTerms = AuditTerms()) { self.terms = terms }

    /// One of the ``terms``.
    public subscript<Value>(dynamicMember path: WritableKeyPath<AuditTerms, Value>) -> Value {
        get { terms[keyPath: path] }
        set { terms[keyPath: path] = newValue }
    }

    /// Verifies the ledger in `folder`.
    ///
    /// - Throws: ``AuditError`` when nothing could be checked: no ledger, another ledger, a newer
    ///   format or newer rules, a kept result that is not to be trusted.
    public func run(_ folder: String) throws(AuditError) -> AuditOutcome {
        let start = Date()
        let log = try LogSource.reading { () throws(LedgerError) in try Log.open(folder, .audit) }
        if let ledgerID = terms.ledgerID, ledgerID != log.ledgerID {
            throw .otherLedger(expected: ledgerID, found: log.ledgerID)
        }
        if let kept = terms.kept, kept.ledger != log.ledgerID {
            throw .otherLedger(expected: kept.ledger, found: log.ledgerID)
        }
        let source: LogSource
        do throws(AuditError) { source = try LogSource(log) } catch {
            guard let fault = log.fault else { throw error }
            var report = AuditReport(ledger: log.ledgerID, name: log.name)
            report.add(Finding(fault))
            report.notChecked.append(.other("anything else: the entries can not be counted"))
            return AuditOutcome(report, nil, checkpoint: nil)
        }
        var audit = LedgerFolderAudit(log, source, terms)
        var replay = try terms.startingReplay(of: source, &audit.report)
        audit.checkStored(from: replay)
        do throws(AuditError) {
            if try audit.extends(replay) {
                try run(&replay, &audit)
            } else {
                try audit.takeStoredHead()
            }
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
        return AuditOutcome(audit.report, replay, checkpoint: audit.heads?.newest.first)
    }

    private func run(
        _ replay: inout Replay, _ audit: inout LedgerFolderAudit
    ) throws(AuditError) {
        let source = audit.source
        let end = source.size
        defer { audit.take(replay) }
        var isBegun = false
        if replay.size > 0 {
            try audit.begin(replay)
            isBegun = true
        }
        while replay.size < end {
            let next = min(replay.size + Self.segment, end)
            try replay.run(
                source, to: next,
                root: { (seen) throws(AuditError) in try audit.root(for: seen) },
                progress: { terms.progress($0, end) },
                observe: { (position, event, state, effects) throws(AuditError) in
                    audit.compare(position, event, state, effects)
                    if let event {
                        terms.observe(event, source)
                        terms.follow(position, event, state, effects, source)
                    }
                })
            if !isBegun {
                try audit.begin(replay)
                isBegun = true
            }
            try audit.compareHeads(replay)
            // A gap ends the replay; there is a finding of it.
            guard replay.size == next else { break }
        }
        try audit.compareHeads(replay)
        try audit.compareRoot(replay)
    }
}
