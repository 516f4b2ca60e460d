public import Audit
public import Events

/// A verification of the whole ledger whose result an auditor is about to sign.
public struct Attestation {
    /// What the verification has come to.
    public let outcome: AuditOutcome
    /// The result at the log's end, with the state's digest.
    public let result: KeptResult

    /// Verifies the ledger in `folder`.
    ///
    /// - Parameter progress: called now and then with how many entries of how many are verified.
    /// - Throws: ``HistoryFault/notVerified`` where it does not come to the end.
    public init(
        verifying folder: String, progress: @escaping (UInt64, UInt64) -> Void = { _, _ in }
    ) throws {
        var audit = LedgerAudit()
        audit.progress = progress
        outcome = try audit.run(folder)
        guard let result = outcome.resultAtEnd else { throw ActingError.history(.notVerified) }
        self.result = result
    }

    /// The head that was verified.
    public var head: TreeHead { outcome.report.head }

    /// What is signed; nil when the log has grown since, so that it has to be verified again.
    public func intention(in brief: Brief) -> Intention? {
        guard brief.head == head else { return nil }
        return Intention(
            .attested(
                Attested(head: head, state: result.stateDigest, findings: result.findings)))
    }
}
