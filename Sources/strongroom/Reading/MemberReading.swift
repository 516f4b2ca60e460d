import Acting
import ArgumentParser
import Auditing
import Bitcoin
import Bytes
import Events
import Keys
import Policy
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
            let reading = try LedgerReading(ledger, at: moment.moment)
            let members = reading.state.members.values.sorted { $0.name < $1.name }
                .map { JSONMember($0, reading.state) }
            if output.isJSON { return try reading.answer(members) }
            reading.printMoment()
            for member in members { member.show() }
            print("\(count(members.count, "member")).")
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
            let reading = try LedgerReading(ledger, at: moment.moment)
            let name = try Parse.member(member)
            guard let member = reading.state.members[name] else {
                throw CommandError.refused(
                    "no member is called \(name)\(reading.shown == nil ? "" : " then"); there are "
                        + reading.state.members.keys.sorted().map(\.text).joined(separator: ", "))
            }
            let person = try member.person.map {
                JSONMember.Person(
                    commitment: $0.hex, name: try reading.ledger.opened($0)?.name)
            }
            let shown = JSONMember(member, reading.state, person)
            if output.isJSON { return try reading.answer(shown) }
            reading.printMoment()
            shown.show()
        }
    }
}

/// A member with all that he may do at one moment.
struct JSONMember: Encodable {
    struct Key: Encodable {
        let key: String
        let status: String
        let events: UInt64
    }

    /// The name that was committed to; nil inside when its bytes are not here.
    struct Person: Encodable {
        let commitment: String
        let name: String?
    }

    let name: String
    /// Of one member who is shown, and nobody else's.
    let person: Person?
    let status: String
    let roles: [String]
    let since: UInt64
    let keys: [Key]
    /// What the rules, roles and descriptors in force let him do.
    let may: [String]
    /// Open requests whose rule counts his approval, and which he has not approved.
    let awaiting: [UInt64]

    init(_ member: Member, _ state: LedgerState, _ person: Person? = nil) {
        name = member.name.text
        self.person = person
        status = member.status.rawValue
        roles = member.roles.map(\.text)
        since = member.since
        // The one in force first, then the others in the order of their bytes.
        keys = state.authors.filter { $0.value.member == member.name }
            .sorted {
                ($0.key != member.key ? 1 : 0, $0.key.hex) < (
                    $1.key != member.key ? 1 : 0, $1.key.hex
                )
            }
            .map {
                Key(
                    key: $0.key.hex, status: $0.value.status.rawValue, events: $0.value.nextSequence
                )
            }
        may = Self.abilities(of: member, state)
        awaiting = state.requests.values.filter { request in
            request.ending == nil && request.authorisedAt == nil
                && request.subject != member.name && !request.approvers.contains(member.name)
                && state.rule(for: request.initiated.request)?
                    .approvers(in: state.roster).contains(member.name) == true
        }.map(\.number).sorted()
    }

    private static func abilities(of member: Member, _ state: LedgerState) -> [String] {
        switch member.status {
        case .suspended: return []
        case .awaitingAcceptance: return ["accept the membership"]
        case .active: break
        }
        var list: [String] = []
        if state.policy.approvers(in: state.roster).contains(member.name) {
            list.append(
                "approve changes of members, wallets and the ledger's rule, under "
                    + state.policy.description)
        }
        for wallet in state.wallets.values.sorted(by: { $0.name < $1.name }) {
            if wallet.awaiting.contains(member.name) {
                list.append("accept the descriptor of \(wallet.name)")
            }
            if !wallet.isRetired, wallet.quorum.approvers(in: state.roster).contains(member.name) {
                list.append("approve transfers of \(wallet.name), under \(wallet.quorum)")
            }
            let held = wallet.holders.count { $0 == member.name }
            if held > 0 {
                list.append(
                    "sign for \(wallet.name) with \(count(held, "key")) of "
                        + "\(wallet.holders.count), of which \(wallet.descriptor.threshold) sign")
            }
        }
        if member.roles.contains(.operator) {
            list.append("hand out addresses and PSBTs, initiate and broadcast, as operator")
        }
        if member.roles.contains(.watcher) {
            list.append("record blocks and the node's answers, as watcher")
        }
        if member.roles.contains(.auditor) { list.append("attest audits, as auditor") }
        return list
    }

    func show() {
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
