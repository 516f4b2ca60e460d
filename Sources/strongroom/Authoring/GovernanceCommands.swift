import Acting
import ArgumentParser
import Bitcoin
import Bytes
import Events
import Foundation
import Keys
import Policy
import State

/// Options of a command that makes a request.
struct RequestOptions: ParsableArguments {
    @Option(help: "When the request ends by itself: 90m, 12h, 7d; at most 30d.")
    var expires = "7d"
    @Option(help: "What the request is known as elsewhere, at most 140 bytes, public for ever.")
    var reference: String?

    /// Refuses what can not be meant, before anything is replayed or asked of a node.
    func check() throws {
        if let reference {
            guard reference.utf8.count <= Initiated.referenceLimit, reference.isOneSafeLine else {
                throw CommandError.usage(
                    "--reference takes one line of at most \(Initiated.referenceLimit) bytes")
            }
        }
        _ = try Parse.duration(expires)
    }
}

/// Shows a request, asks, initiates it and says what it needs.
///
/// - Parameter intent: the request, its blobs, and what is shown instead of ``IntentScreen``.
func initiate(
    _ options: ActOptions, _ request: RequestOptions, at place: Workplace? = nil,
    _ intent: (Brief) throws -> (Request, blobs: [[UInt8]], screen: [String]?)
) throws {
    try request.check()
    try act(options, at: place) { brief, member in
        let (intent, blobs, screen) = try intent(brief)
        let rule =
            brief.state.ruling(on: intent, by: member.name, at: brief.state.recorded)?.quorum
            .map { "\($0)" } ?? "the wallet's quorum"
        return Act(
            intention: brief.propose(
                intent, endingIn: try Parse.duration(request.expires),
                reference: request.reference, blobs: blobs),
            screen: screen ?? IntentScreen.lines(of: intent, brief.state) + ["Rule:       \(rule)"],
            question: "Make this request?",
            done: "Request \(brief.state.nextNumber) (\(intent.kind.rawValue)) initiated; it needs "
                + "\(rule)")
    }
}

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
                The new key counts once its owner has accepted with it (`strongroom member accept`); \
                until then the member is out.

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

struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Request another quorum for the ledger or a wallet.",
        discussion: """
            A quorum is K of (TERM, …); a term is a member, K of ROLE or a quorum. A member \
            whose consent is mandatory stands in an outer quorum that needs all its terms.

            Examples:
              strongroom policy "2 of (alice, bob, carol)" --as alice
              strongroom policy "2 of (regulator, 2 of (alice, bob))" \\
                --wallet treasury --as alice
            """)
    @Argument(help: "The new quorum.")
    var quorum: String
    @Option(help: "The wallet whose quorum is replaced. Default: the ledger's.")
    var wallet: String?
    @OptionGroup var options: ActOptions
    @OptionGroup var request: RequestOptions

    func run() throws {
        try initiate(options, request) { _ in
            let scope = try wallet.map { PolicyScope.wallet(try Parse.wallet($0)) } ?? .ledger
            return (.replacePolicy(scope, with: try Parse.quorum(quorum)), [], nil)
        }
    }
}
