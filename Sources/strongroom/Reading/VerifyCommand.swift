import ArgumentParser
import Auditing

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Replay the whole history and judge every entry anew.",
        discussion: Verification.discussion(program: "strongroom verify"))
    @OptionGroup var options: VerificationOptions

    func run() async throws { try await Verification.run(options) }
}
