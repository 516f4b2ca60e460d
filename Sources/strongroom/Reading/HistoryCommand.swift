import ArgumentParser
import Auditing
import Bytes
import Events
import Keys
import Reading
import State
import Terminal

struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List every change of a wallet, a member, the policy or a request.",
        discussion: """
            A change by request stands where it took effect, with who initiated it, who approved \
            it, and the rule that it was approved under.

            Examples:
              strongroom history
              strongroom history wallet main
              strongroom history member alice
              strongroom history policy
              strongroom history request 3
            """)

    /// What the history is of.
    enum Subject: String, CaseIterable, ExpressibleByArgument {
        case all, wallet, member, policy, request
    }

    @Argument(help: "all, wallet NAME, member NAME, policy, or request NUMBER.")
    var subject: Subject = .all
    @Argument(help: "The wallet's or member's name, or the request's number.")
    var name: String?
    @OptionGroup var ledger: EvidenceOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        guard (name != nil) == (subject != .all && subject != .policy) else {
            throw CommandError.usage(
                "write history wallet NAME, history member NAME, history policy, history request "
                    + "NUMBER, or history")
        }
        let reading = try LedgerReading(ledger)
        let changes = try changes(reading)
        if output.isJSON { return try printJSON(changes) }
        for change in changes {
            print("\(change.recorded)  position \(change.position)  \(change.author)")
            for line in wrapped("    ", change.what.plain) { print(line) }
            guard let decision = change.decision else { continue }
            let approvals = decision.approvals.map { "\($0.member) (position \($0.position))" }
            for line in wrapped(
                "    by    ",
                "\(decision.initiator), who initiated it (position \(decision.position)); approved "
                    + "by " + approvals.joined(separator: ", "))
            { print(line) }
            for line in wrapped("    under ", decision.rule) { print(line) }
        }
        if changes.isEmpty, let name {
            throw CommandError.refused("there never was a \(subject.rawValue) \(name.plain)")
        }
        print(changes.isEmpty ? "There are no changes." : "\(counted(changes.count, "change")).")
    }

    private func changes(_ reading: LedgerReading) throws -> [RecordedChange] {
        if subject == .request {
            guard let number = name.flatMap({ UInt64($0) }) else {
                throw CommandError.usage("a request is named by its number")
            }
            let id = try reading.ledger.request(number: number)
            return try reading.ledger.entries(ofRequest: id).map { try RecordedChange($0, reading) }
        }
        var changes: [RecordedChange] = []
        var next: UInt64 = 0
        let size = try reading.ledger.size()
        let bar = ProgressBar("Reading", unit: "events")
        defer { bar.finish() }
        while next < size {
            let end = min(next + 512, size)
            for event in try reading.ledger.entries(next..<end) {
                if let change = try change(by: event, reading) { changes.append(change) }
            }
            next = end
            bar.update(next, of: size)
        }
        return changes
    }

    /// The change that an event brings into force, when it is about the subject.
    private func change(by event: RecordedEvent, _ reading: LedgerReading) throws -> RecordedChange?
    {
        switch event.event.event.fact {
        case .founded(let fact):
            let isAbout =
                switch subject {
                case .member: fact.members.contains { $0.member.text == name }
                case .all, .policy: true
                case .wallet, .request: false
                }
            guard isAbout else { return nil }
            let roles = fact.members.map { member in
                member.member.text
                    + (member.roles.isEmpty
                        ? "" : " (\(member.roles.map(\.text).joined(separator: ", ")))")
            }
            return try RecordedChange(
                event, reading,
                what: "founded \(fact.name): "
                    + "\(roles.joined(separator: ", ")); policy \(fact.policy)")
        case .accepted(.membership(let member)):
            guard subject == .all || subject == .member && member.text == name else { return nil }
            return try RecordedChange(event, reading)
        case .accepted(.wallet(let wallet, _)):
            guard subject == .all || subject == .wallet && wallet.text == name else { return nil }
            return try RecordedChange(event, reading)
        case .approved(let fact):
            return try effect(of: fact.request, completedBy: event, reading)
        default: return nil
        }
    }

    private func effect(
        of id: Digest32, completedBy event: RecordedEvent, _ reading: LedgerReading
    ) throws -> RecordedChange? {
        guard let number = try reading.number(ofRequest: id),
            let outcome = try reading.ledger.outcome(number: number),
            outcome.position == event.position, outcome.status == .executed
        else { return nil }
        let life = try RequestLife(number, reading)
        guard isAbout(life.request.initiated.request) else { return nil }
        let decision = RecordedChange.Decision(life)
        return try RecordedChange(
            event, reading,
            what: "request \(number) took effect: "
                + (try reading.line(life.request.initiated.request)) + Self.before(life),
            decision: decision)
    }

    /// What the request changed, as it was before.
    private static func before(_ life: RequestLife) -> String {
        switch life.request.initiated.request {
        case .replacePolicy(.ledger, _): "; before by \(life.state.policy)"
        case .replacePolicy(.wallet(let name), _):
            life.state.wallets[name].map { "; before by \($0.quorum)" } ?? ""
        case .rotateKey(let name, _):
            life.state.members[name].map { "; before \($0.key.hex.prefix(16))…" } ?? ""
        default: ""
        }
    }

    private func isAbout(_ request: Request) -> Bool {
        switch (subject, request) {
        case (.all, _): true
        case (.policy, .replacePolicy): true
        case (.policy, _), (.wallet, .transfer), (.request, _): false
        case (.wallet, _): request.wallet?.text == name
        case (.member, _): request.member?.text == name
        }
    }
}
