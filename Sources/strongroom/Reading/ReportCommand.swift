import ArgumentParser
import Auditing

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Verify, and report a period for an auditor as one page or as JSON.",
        discussion: Reporting.discussion(program: "strongroom report"))
    @OptionGroup var options: ReportingOptions

    func run() async throws { try await Reporting.run(options) }
}
