public import Merkle
public import State

/// What a verification came to, and where another one can start.
public struct AuditOutcome: Sendable {
    public var report: AuditReport
    /// The state at the end, when the replay came so far.
    public let state: LedgerState?
    /// The tree's frontier there.
    public let frontier: CompactRange?
    /// The newest checkpoint of the log's key that the entries bear out.
    public let checkpoint: SignedCheckpoint?

    /// Puts a verification's results together; `replay` is nil, or not at the end, when it could
    /// not be completed.
    package init(_ report: AuditReport, _ replay: Replay?, checkpoint: SignedCheckpoint?) {
        self.report = report
        state = replay?.state
        frontier = replay?.tree.frontier
        self.checkpoint = checkpoint
    }

    /// What to keep for the next verification; nil when this one did not come to the end, or found
    /// what must not be gone on from, such as a fork: an auditor who started there would accuse the
    /// other history ever after.
    public var keptResult: KeptResult? {
        guard report.omittedFindings == 0, report.findings.allSatisfy(\.canBeKept) else {
            return nil
        }
        return resultAtEnd
    }

    /// What the verification came to, whatever it found; nil when it did not come to the end.
    public var resultAtEnd: KeptResult? {
        guard let state, let frontier, report.stateDigest != nil else { return nil }
        return KeptResult(
            state, frontier, checkpoint: checkpoint,
            findings: foundInAll)
    }

    /// The findings of this verification and of the one that it started from, whose own were one
    /// finding here.
    private var foundInAll: UInt64 {
        let found = UInt64(report.findings.count + report.omittedFindings)
        guard let earlier = report.kept?.findings, earlier > 0 else { return found }
        return found - 1 + earlier
    }
}
