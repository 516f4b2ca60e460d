import Acting
import ArgumentParser
import Auditing
import Bitcoin
import Bytes
import Events
import Keys
import Ledger
import Merkle
import Policy
import Reading
import Report
import State
import Terminal

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the ledger at a glance: head, members, wallets, requests, incidents.",
        discussion: """
            Examples:
              strongroom status
              strongroom status --json
              strongroom status --at 1024
              strongroom status --ledger 2026-q1.tar.zst
            """)
    @OptionGroup var ledger: EvidenceOptions
    @OptionGroup var moment: MomentOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let reading = try LedgerReading(ledger, at: moment)
        let state = reading.state
        // A checkpoint has no time in it: of an earlier moment is known what one covers by now.
        let standing = try reading.ledger.assurance().limited(to: state.size)
        if output.isJSON { return try reading.answer(try LedgerSummary(reading, standing)) }
        reading.printMoment()
        let tip = state.blocks.tip
        print("Ledger   \(state.founding.name) on \(state.founding.network.rawValue)")
        print("  id     \(state.ledger.hex)")
        print(
            "Head     \(counted(state.size, "entry", "entries")) appended, "
                + "\(standing.checkpointed) checkpointed; the last one at "
                + "\(CalendarTime.text(state.recorded))")
        if let witnessed = standing.witnessed {
            print("  seen   \(witnessed) witnessed, by \(standing.needed) of \(standing.of)")
        }
        print("Chain    height \(tip.height), \(tip.hash.reversedHex)")
        for line in wrapped("Policy   ", state.policy.description) { print(line) }
        if let fault = reading.ledger.log.fault {
            for line in wrapped("FAULT    ", "\(fault)".plain) { print(line) }
        }
        if !state.isFounded { print("Founding is not complete: founding members have to accept.") }
        print("\nMembers")
        members(state).show(indent: 2)
        print("\nWallets")
        BalanceCommand.table(try reading.wallets(nil), state).show(indent: 2)
        print("\nRequests")
        try requests(reading).show(indent: 2)
        guard state.incidentCount > 0 else { return }
        print("\nIncidents: \(state.incidentCount)")
        for incident in state.incidents.suffix(10) {
            let label = "  position \(incident.position)  "
            for line in wrapped(label, incident.description.plain) { print(line) }
        }
    }

    private func members(_ state: LedgerState) -> Table {
        var table = Table(.text("NAME"), .text("STATUS"), .text("ROLES"), .text("KEY"))
        for member in state.members.values.sorted(by: { $0.name < $1.name }) {
            table.add(
                member.name.text, member.status.rawValue,
                member.roles.map(\.text).joined(separator: ", "),
                "\(member.key.hex.prefix(16))…")
        }
        return table
    }

    private func requests(_ reading: LedgerReading) throws -> Table {
        var table = Table(
            .number("NO"), .text("WHAT"), .text("STATUS"), .text("MISSING"), .whole("EXPIRES"))
        for request in reading.state.requests.values.sorted(by: { $0.number < $1.number }) {
            table.add(
                "\(request.number)", try reading.line(request.initiated.request),
                request.status.rawValue, reading.missing(request) ?? "nothing",
                String(CalendarTime.text(request.initiated.expires).prefix(10)))
        }
        return table
    }
}
