import Acting
import ArgumentParser
import Audit
import Auditing
import Bytes
import Events
import Foundation
import Ledger
import Merkle
import Reading
import State
import Terminal

struct CheckpointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Sign a checkpoint over all entries, let witnesses cosign it, and print it.",
        discussion: """
            Keep what it prints elsewhere: no later history can contradict it unnoticed. The \
            witnesses of the ledger's tlog-policy (`strongroom witness-policy`) are asked all at \
            once; what each said goes to standard error.

            Exit status: 0 signed and witnessed as the policy says, 1 not (yet) so.

            Example: strongroom checkpoint --ledger /srv/treasury > treasury.checkpoint
            """)
    @Flag(help: "Sign, but do not ask the witnesses.")
    var offline = false
    @Option(help: "Seconds to wait for a witness, 1 to 600.")
    var timeout = 10
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var keys: KeyOptions

    func run() async throws {
        guard (1...600).contains(timeout) else {
            throw CommandError.usage("--timeout is from 1 to 600 seconds, not \(timeout)")
        }
        let open = try OpenLedger(try ledger.path(), .readWrite)
        // A policy that can not be read is known before anything is signed.
        let policy = try open.witnessPolicy()
        guard let signed = try signCheckpoint(open, keys) else {
            throw ActingError.author(.noLogKey(try open.writer.state().founding.logKey))
        }
        guard let policy, policy.quorumCounts.of > 0, !offline else {
            return print(signed.signed.note.encodedText, terminator: "")
        }
        let cosigning = Cosigning(
            open, policy, logKey: try open.state().logKey, secondsMax: timeout)
        for outcome in try await cosigning.gather(signed) {
            let names = outcome.witnesses.map { "\($0.name)" }.joined(separator: ", ")
            complain("\(names): \(outcome.failure.map(sentence) ?? "cosigned")".plain)
        }
        let size = signed.checkpoint.size
        let stored = try open.log.read { (view) throws(LedgerError) in
            try view.checkpoint(size: size)
        }
        print((stored ?? signed.signed).note.encodedText, terminator: "")
        let assurance = try open.assurance()
        complain(assurance.text)
        guard assurance.witnessed ?? 0 >= size else {
            throw ActingError.witnesses(
                .notWitnessed(needed: assurance.needed, of: assurance.of))
        }
    }
}
