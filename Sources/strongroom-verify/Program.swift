import ArgumentParser
import Console
import Foundation

/// The auditor's program: it verifies, and holds no code that signs.
struct StrongroomVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "strongroom-verify",
        abstract: "Verify a ledger: replay its whole history and judge every entry anew.",
        discussion: Verification.discussion(program: "strongroom-verify"),
        version: "0.1.0",
        subcommands: [Whole.self, CheckProofCommand.self, CompareCommand.self],
        defaultSubcommand: Whole.self)

    /// What the program does unless told otherwise.
    struct Whole: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ledger",
            abstract: "Verify a ledger; what is done when no subcommand is named.",
            discussion: Verification.discussion(program: "strongroom-verify"))
        @OptionGroup var options: VerificationOptions

        func run() async throws { try await Verification.run(options) }
    }
}

@main
enum Program {
    static func main() async {
        exit(await StrongroomVerify.status())
    }
}
