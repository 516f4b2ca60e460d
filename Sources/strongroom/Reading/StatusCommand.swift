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
        let reading = try LedgerReading(ledger, at: moment.moment)
        let state = reading.state
        // A checkpoint has no time in it: of an earlier moment is known what one covers by now.
        let standing = try reading.ledger.assurance().limited(to: state.size)
        if output.isJSON { return try reading.answer(try JSONStatus(reading, standing)) }
        reading.printMoment()
        let tip = state.blocks.tip
        print("Ledger   \(state.founding.name) on \(state.founding.network.rawValue)")
        print("  id     \(state.ledger.hex)")
        print(
            "Head     \(count(state.size, "entry", "entries")) appended, "
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
                "\(request.number)", try reading.intent(request.initiated.request),
                request.status.rawValue, reading.missing(request) ?? "nothing",
                String(CalendarTime.text(request.initiated.expires).prefix(10)))
        }
        return table
    }
}

extension LedgerReading {
    /// What a live request lacks to go on; nil when nothing, or when it is over.
    func missing(_ request: OpenRequest) -> String? {
        guard request.ending == nil, request.mined == nil else { return nil }
        if request.authorisedAt == nil { return state.progress(of: request)?.missing }
        guard let transfer = request.transfer, request.broadcastAt == nil else { return nil }
        let lacking = transfer.missingInputs(request.signatures).values.max() ?? 0
        return lacking == 0 ? "broadcast" : count(lacking, "signature") + " an input"
    }
}

private struct JSONStatus: Encodable {
    struct MemberItem: Encodable {
        let name: String
        let status: String
        let roles: [String]
        let key: String
    }
    struct RequestItem: Encodable {
        let number: UInt64
        let id: String
        let kind: String
        let intent: String
        let status: String
        let missing: String?
        let expires: String
    }
    struct IncidentItem: Encodable {
        let position: UInt64
        let kind: String
        let description: String
    }

    let ledger: String
    let name: String
    let network: String
    let appended: UInt64
    let checkpointed: UInt64
    let witnessed: UInt64?
    let recorded: String
    let fault: String?
    let founded: Bool
    let policy: String
    let height: UInt64
    let tip: String
    let members: [MemberItem]
    let wallets: [JSONBalance]
    let requests: [RequestItem]
    let incidentCount: UInt64
    let incidents: [IncidentItem]

    init(_ reading: LedgerReading, _ standing: Assurance) throws {
        let state = reading.state
        ledger = state.ledger.hex
        name = state.founding.name.text
        network = state.founding.network.rawValue
        appended = state.size
        checkpointed = standing.checkpointed
        witnessed = standing.witnessed
        recorded = CalendarTime.text(state.recorded)
        fault = reading.ledger.log.fault.map { "\($0)" }
        founded = state.isFounded
        policy = state.policy.description
        height = state.height
        tip = state.blocks.tip.hash.reversedHex
        members = state.members.values.sorted { $0.name < $1.name }.map {
            MemberItem(
                name: $0.name.text, status: $0.status.rawValue, roles: $0.roles.map(\.text),
                key: $0.key.hex)
        }
        wallets = try reading.wallets(nil).map { JSONBalance($0, state) }
        requests = try state.requests.values.sorted { $0.number < $1.number }.map {
            RequestItem(
                number: $0.number, id: $0.id.hex, kind: $0.initiated.request.kind.rawValue,
                intent: try reading.intent($0.initiated.request), status: $0.status.rawValue,
                missing: reading.missing($0), expires: CalendarTime.text($0.initiated.expires))
        }
        incidentCount = state.incidentCount
        incidents = state.incidents.map {
            IncidentItem(
                position: $0.position, kind: $0.kind.rawValue, description: $0.description)
        }
    }
}
