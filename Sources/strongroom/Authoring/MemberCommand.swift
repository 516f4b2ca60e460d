import Acting
import ArgumentParser
import Auditing
import Bitcoin
import Bytes
import Events
import Foundation
import Keys
import State
import Terminal

struct MemberCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "member",
        abstract: "Accept membership; enrol, suspend, rotate; list and show.",
        subcommands: [
            Accept.self, Enrol.self, Suspend.self, Rotate.self, List.self, Show.self,
        ])

    struct Accept: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Accept your membership with the key that you were enrolled with.",
            discussion: """
                Examples:
                  strongroom member accept --as alice --ledger /srv/treasury
                  strongroom member accept --as bob --request founding.request --out bob.event
                """)
        @OptionGroup var options: ActOptions

        func run() throws {
            try act(options) { brief, member in
                let founding = brief.state.founding
                return Act(
                    intention: .accept(membershipOf: member),
                    screen: [
                        "Ledger:   \(founding.name) on \(founding.network.rawValue)",
                        "Id:       \(brief.state.ledger.hex)",
                        "You:      \(member.name), roles "
                            + (member.roles.isEmpty
                                ? "none" : member.roles.map(\.text).joined(separator: ", ")),
                        "Members:  "
                            + brief.state.members.keys.sorted().map(\.text).joined(separator: ", "),
                        "Rule:     \(brief.state.policy)",
                    ] + Self.keys(brief.state), question: "Accept?",
                    done: "\(member.name) has accepted")
            }
        }

        /// Whom a name stands for is the key: who founds a ledger could name others and give them
        /// keys that nobody else has.
        private static func keys(_ state: LedgerState) -> [String] {
            state.members.values.filter { $0.status != .suspended }.sorted { $0.name < $1.name }
                .map { "Key:      \($0.key.hex) of \($0.name)" }
        }
    }

    struct Enrol: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Request that a new member be enrolled.",
            discussion: """
                A handle, once used, is used for ever: a suspended member comes back under another \
                handle with another key. The event holds no name, but SHA-256(salt and name) when \
                --person is given; salt and name stand beside the log, for who can read the ledger.

                Examples:
                  strongroom member enrol dave:02…:auditor --as alice
                  strongroom member enrol dave:02…:auditor --person "Dave's name" --as alice
                """)
        @Argument(help: "NAME:KEY or NAME:KEY:ROLE,ROLE.")
        var member: String
        @Option(
            help: ArgumentHelp(
                "The person's name, at most 256 bytes; the log holds its salted digest alone.",
                valueName: "name"))
        var person: String?
        @OptionGroup var options: ActOptions
        @OptionGroup var request: RequestOptions

        func run() throws {
            let person = try person.map { try Parse.person($0) }
            try initiate(options, request) { _ in
                (
                    .enrolMember(try Parse.enrolment(member, person: person)),
                    person.map { [$0.blob] } ?? [], nil
                )
            }
        }
    }

    struct Suspend: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Request that a member be suspended; the member has no vote on it.",
            discussion: """
                There is no way back for the handle and its keys: the person can be enrolled again \
                under another handle with a new key.

                Example: strongroom member suspend carol --as alice
                """)
        @Argument(help: "The member's name.")
        var member: String
        @OptionGroup var options: ActOptions
        @OptionGroup var request: RequestOptions

        func run() throws {
            try initiate(options, request) { _ in
                (.suspendMember(try Parse.member(member)), [], nil)
            }
        }
    }

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Request that a member's event key be replaced; the member has no vote on it.",
            discussion: """
                The new key counts once its owner has accepted with it (`strongroom member \
                accept`); until then the member is out.

                Example: strongroom member rotate carol --key 02… --as alice
                """)
        @Argument(help: "The member's name.")
        var member: String
        @Option(help: "The new key, as `strongroom key show` prints it.")
        var key: String
        @OptionGroup var options: ActOptions
        @OptionGroup var request: RequestOptions

        func run() throws {
            try initiate(options, request) { _ in
                (.rotateKey(try Parse.member(member), to: try Parse.key(key)), [], nil)
            }
        }
    }
}
