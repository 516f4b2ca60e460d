import Acting
import ArgumentParser
import Auditing
import Bitcoin
import Bytes
import Events
import Keys
import Policy
import Reading
import State
import Terminal

extension MemberCommand {
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the members and what each may do.",
            discussion: """
                Examples:
                  strongroom member list
                  strongroom member list --at 2026-11-01
                """)
        @OptionGroup var ledger: EvidenceOptions
        @OptionGroup var moment: MomentOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let reading = try LedgerReading(ledger, at: moment)
            let members = reading.state.members.values.sorted { $0.name < $1.name }
                .map { MemberSummary($0, reading.state) }
            if output.isJSON { return try reading.answer(members) }
            reading.printMoment()
            for member in members { member.show() }
            print("\(counted(members.count, "member")).")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a member: his keys, what he may do, what waits for him.",
            discussion: """
                His name, if one was committed to at his enrolment, is read from beside the log; \
                below it stands the commitment.

                Examples:
                  strongroom member show alice
                  strongroom member show alice --at 41 --json
                """)
        @Argument(help: "The member's name.")
        var member: String
        @OptionGroup var ledger: EvidenceOptions
        @OptionGroup var moment: MomentOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let reading = try LedgerReading(ledger, at: moment)
            let member = try reading.member(named: try Parse.member(member))
            let person = try member.person.map {
                MemberSummary.Person(
                    commitment: $0.hex, name: try reading.ledger.opened($0)?.name)
            }
            let shown = MemberSummary(member, reading.state, person)
            if output.isJSON { return try reading.answer(shown) }
            reading.printMoment()
            shown.show()
        }
    }
}

extension MemberSummary {
    fileprivate func show() {
        let roles = roles.isEmpty ? "" : ", \(self.roles.joined(separator: ", "))"
        print("\(name): \(status)\(roles), since position \(since)")
        if let person {
            for line in wrapped("  person   ", person.name?.plain ?? "erased or not at hand") {
                print(line)
            }
            print("           \(person.commitment)")
        }
        for key in keys { print("  key      \(key.key)  \(key.status)") }
        for (index, line) in may.enumerated() {
            for part in wrapped(index == 0 ? "  may      " : "           ", line) { print(part) }
        }
        if may.isEmpty { print("  may      do nothing") }
        if !awaiting.isEmpty {
            print(
                "  awaited  by request "
                    + awaiting.map(String.init).joined(separator: ", "))
        }
    }
}
