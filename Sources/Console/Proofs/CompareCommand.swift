public import ArgumentParser
internal import Export
internal import Foundation
internal import Merkle

/// The command `compare`, which `strongroom` and the auditor's `strongroom-verify` share.
public struct CompareCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Say whether two copies of a ledger are the same, one behind, or a fork.",
        discussion: """
            Each is a ledger's folder, an export's folder, or a signed checkpoint's file. A fork \
            whose heads are both signed is written as a proof that anybody can check with \
            check-proof (Schemas/proofs.md).

            Exit status: 0 the same or one behind the other, 1 a fork, 2 not comparable, also \
            when a larger checkpoint alone only claims to go on from the other.

            Examples:
              strongroom compare /srv/treasury /backup/treasury
              strongroom compare /srv/treasury kept.checkpoint --proof fork.proof
            """)
    @Argument(help: "A ledger's folder, an export's folder, or a checkpoint.", completion: .file())
    var one: String
    @Argument(help: "Another one.", completion: .file())
    var two: String
    @Option(
        help: "The file for the proof of a fork; one that is there is not overwritten.",
        completion: .file())
    var proof = "fork.proof"
    @Option(help: "The log's verifier key; needed for two checkpoints alone.")
    var logKey: String?
    @OptionGroup var output: OutputOptions

    private struct Answer: Encodable {
        var verdict: String
        var size: UInt64?
        var behind: String?
        var by: UInt64?
        var common: UInt64?
        var proof: String?
    }

    /// Creates a command without values, for the parser.
    public init() {}

    /// Compares, prints, and throws the exit status of a fork or of what can not be compared.
    public func run() throws {
        let comparison: Comparison
        do {
            let key = try logKey.map { try NoteVerifierKey(parsing: $0) }
            comparison = try Comparison(ComparedLog(one), ComparedLog(two), logKey: key)
        } catch {
            complain("\(error)".plain)
            throw ExitCode(2)
        }
        let (answer, lines) = try report(comparison)
        if output.isJSON { try printJSON(answer) } else { for line in lines { print(line) } }
        guard answer.verdict != "fork" else { throw ExitCode(1) }
    }

    private func report(_ comparison: Comparison) throws -> (Answer, [String]) {
        switch comparison {
        case .same(let size):
            return (Answer(verdict: "same", size: size), ["Same: \(size) entries, one root."])
        case .prefix(let behind, let by, let size):
            return (
                Answer(verdict: "prefix", size: size, behind: behind, by: by),
                wrapped(
                    "",
                    "Prefix: \(behind.plain) has \(size) entries and is \(by) behind the other, "
                        + "which begins with them.")
            )
        case .fork(let common, let fork):
            var lines = wrapped(
                "",
                "FORK: they exclude each other"
                    + (common.map { "; they agree on the first \($0) entries alone" } ?? "") + ".")
            var answer = Answer(verdict: "fork", common: common)
            if let fork {
                do {
                    try Data(fork.encodedText.utf8).write(
                        to: URL(filePath: proof), options: .withoutOverwriting)
                } catch {
                    throw ValidationError(
                        "The proof can not be written to \(proof.plain); name another file with "
                            + "--proof.")
                }
                answer.proof = proof
                lines.append("Proof: \(proof.plain) holds the two signed checkpoints.")
                lines.append("Keep both copies as evidence.")
            } else {
                lines.append("No proof for others: the log has not signed both histories.")
            }
            return (answer, lines)
        }
    }
}
