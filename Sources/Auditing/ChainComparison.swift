internal import Audit
internal import Chain
internal import Events
internal import State
internal import Terminal

/// The comparison of a verified history with the blocks of a node: what verify and report do for
/// --node.
final class ChainComparison {
    private let client: NodeClient
    private var chain = ChainVerification()
    private var failure: AuditError?

    init(_ client: NodeClient) { self.client = client }

    /// Has a verification by these terms show its events to this comparison.
    func follow(_ terms: inout AuditTerms) throws(AuditError) {
        guard terms.kept == nil else {
            throw .unreadable(
                "--node compares the whole history with the chain; a kept result has no history")
        }
        terms.observe = { [self] event, source in
            do throws(AuditError) {
                try chain.take(event) { (digest) throws(AuditError) in try source.blob(digest) }
            } catch { failure = error }
        }
    }

    /// Reads the node's blocks and adds what they say to the outcome's report.
    func finish(_ outcome: inout AuditOutcome) async throws {
        if let failure { throw failure }
        guard let state = outcome.state else {
            outcome.report.notChecked.append(
                .other(
                    "the chain: there is no state to compare --node's blocks with"))
            // What was asked for and not done must not end as done.
            guard !outcome.report.isClean else {
                throw AuditError.unreadable(
                    "a disclosure says nothing of all coins: --node has nothing to compare")
            }
            return
        }
        try await client.check(state.founding.network)
        let blocks = ProgressBar("Scanning ", unit: "blocks")
        defer { blocks.finish() }
        try await chain.compare(state, with: client, &outcome.report) {
            blocks.update($0, of: $1)
        }
    }
}
