import ArgumentParser
import Auditing
import Bytes
import Events
import Policy
import Reading
import Report
import State
import Terminal

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why a request was or was not authorised, and how it ended.",
        discussion: """
            The rule is the one that decided: in force when the quorum was complete, or, while it \
            is not, where the request stands or ended. When another is in force now, it says so.

            Examples:
              strongroom explain 3
              strongroom explain 3 --json
              strongroom explain 3 --at 41
            """)
    @Argument(help: "The request's number.")
    var number: UInt64
    @OptionGroup var ledger: EvidenceOptions
    @OptionGroup var moment: MomentOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let reading = try LedgerReading(ledger, at: moment)
        let life = try RequestLife(number, reading)
        let explanation = try Explanation(life, reading)
        if output.isJSON { return try reading.answer(explanation) }
        reading.printMoment()
        for line in wrapped("", explanation.sentence) { print(line) }
        if let rule = explanation.rule {
            let since = explanation.ruleSince.map { ", in force since position \($0)" } ?? ""
            print("")
            for line in wrapped("Rule      ", rule + since) { print(line) }
            for line in explanation.terms {
                print(
                    String(repeating: " ", count: 10 + 2 * line.depth)
                        + "\(line.isMet ? "[x]" : "[ ]") \(line.text)")
            }
        }
        if let now = explanation.ruleNow {
            for line in wrapped("Now       ", now) { print(line) }
        }
        if !explanation.approvals.isEmpty { print("\nApproved") }
        var approvals = Table(.text("WHO"), .whole("WHEN"), .number("POSITION"))
        for approval in explanation.approvals {
            approvals.add(approval.member, approval.recorded, "\(approval.position)")
        }
        for line in approvals.lines(indent: 2) { print(line) }
        print("")
        for line in wrapped("Quorum    ", explanation.quorum) { print(line) }
        for line in wrapped("Standing  ", explanation.outcome) { print(line) }
        if !explanation.documents.isEmpty {
            let listed = explanation.documents.map {
                ($0.label.map { "\"\($0.plain)\"" } ?? "without a label")
                    + " at position \($0.position)"
            }
            for line in wrapped("Documents ", listed.joined(separator: ", ")) { print(line) }
        }
    }
}
