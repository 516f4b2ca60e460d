import Acting
import ArgumentParser
import Audit
import Auditing
import Bytes
import Events
import Foundation
import State
import Terminal

struct AttestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest",
        abstract: "Verify the whole ledger and record the result, as an auditor.",
        discussion: """
            The event `attested` names the head that was verified, the digest of the state there, \
            and how many findings there were. With it, the file of --keep is good in other hands \
            too: `verify --since FILE --attested-by KEY` starts from it.

            Example: strongroom attest --as audrey --keep 2026-q1.cbor
            """)
    @Option(help: "Write the verified state to this file, to verify from next time.")
    var keep: String?
    @OptionGroup var author: AuthorOptions
    @OptionGroup var consent: ConsentOptions

    /// How often the log may grow between its verification and the signing.
    private static let attempts = 3

    func run() throws {
        let file = try keep.map { try KeptFile($0) }
        for _ in 0..<Self.attempts where try attest(file) { return }
        throw ActingError.history(.grows(attempts: Self.attempts))
    }

    /// Verifies and signs; false when the log has grown meanwhile.
    private func attest(_ file: KeptFile?) throws -> Bool {
        let bar = ProgressBar("Verifying", unit: "events")
        let attestation = try Attestation(verifying: try author.ledger.path()) {
            bar.update($0, of: $1)
        }
        bar.finish()
        let (head, result) = (attestation.head, attestation.result)
        do {
            try act(author, at: .ledger(try author.open()), consent) { brief, _ in
                guard let intention = attestation.intention(in: brief) else { throw Growth() }
                return Act(
                    intention: intention,
                    screen: [
                        "Head:       \(head.size) entries, root \(head.root.hex)",
                        "State:      \(result.stateDigest.hex)",
                        "Findings:   \(result.findings)",
                    ],
                    question: "Attest this result?",
                    done: "Attested: \(head.size) entries, \(result.findings) findings")
            }
        } catch is Growth {
            return false
        }
        guard let file else { return true }
        guard attestation.outcome.keptResult != nil else {
            throw CommandError.refused(
                "attested, but nothing was kept: no later verification may start from such "
                    + "findings; \(file.path) is as it was")
        }
        try file.write(result, startedFrom: nil)
        print("Kept: \(file.path)")
        return true
    }
}

/// The log has entries that the verification has not seen.
private struct Growth: Error {}
