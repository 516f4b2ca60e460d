import ArgumentParser
import Auditing
import Foundation
import Terminal

/// The auditor's program: it verifies and reports, and holds no code that signs.
struct StrongroomVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "strongroom-verify",
        abstract: "Verify a ledger: replay its whole history and judge every entry anew.",
        discussion: Verification.discussion(program: "strongroom-verify"),
        version: "0.1.0",
        subcommands: [
            Verify.self, CheckProofCommand.self, CompareCommand.self, Report.self,
        ],
        defaultSubcommand: Verify.self)

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verify a ledger; what is done when no command is named.",
            discussion: Verification.discussion(program: "strongroom-verify"))
        @OptionGroup var options: VerificationOptions

        func run() async throws { try await Verification.run(options) }
    }

    struct Report: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verify, and report a period for an auditor as one page or as JSON.",
            discussion: Reporting.discussion(program: "strongroom-verify report"))
        @OptionGroup var options: ReportingOptions

        func run() async throws { try await Reporting.run(options) }
    }
}

@main
enum Program {
    static func main() async {
        exit(await StrongroomVerify.status())
    }
}
