import Acting
import ArgumentParser
import Audit
import Auditing
import Export
import Foundation
import Ledger
import Merkle
import State
import Terminal

struct WitnessPolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness-policy",
        abstract: "Say which witnesses cosign this ledger, and how many it takes.",
        discussion: """
            The ledger's file `tlog-policy` (C2SP tlog-policy) names them with their URLs; \
            `strongroom checkpoint` asks them. It is no part of the history, and whoever verifies \
            uses a policy of their own.

            Examples:
              strongroom witness-policy show
              strongroom witness-policy add w1 auditor.example/w1+0a1b2c3d+BE… \\
                http://w1:8080
              strongroom witness-policy quorum 2
            """,
        subcommands: [Show.self, Add.self, Remove.self, Quorum.self, Replace.self],
        defaultSubcommand: Show.self)

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the policy; without a file, that of the log alone.",
            discussion: "Example: strongroom witness-policy show --json")
        @OptionGroup var output: OutputOptions
        @OptionGroup var ledger: LedgerOptions

        struct Answer: Encodable {
            struct Witness: Encodable {
                let key, name: String
                let url: String?
            }
            let logs: [String]
            let needed, of: Int
            /// The file as it is, which alone says all of groups of groups.
            let policy: String
            let witnesses: [Witness]

            init(_ policy: WitnessPolicy) {
                logs = policy.logs.map(\.key.encodedText)
                (needed, of) = policy.quorumCounts
                self.policy = String(decoding: policy.encoded, as: UTF8.self)
                witnesses = policy.witnesses.map {
                    Witness(
                        key: $0.key.encodedText, name: "\($0.name)", url: $0.url.map { "\($0)" })
                }
            }
        }

        func run() throws {
            let policy = try WitnessPolicyEditor(try ledger.read()).policy
            guard !output.isJSON else { return try printJSON(Answer(policy)) }
            print(String(decoding: policy.encoded, as: UTF8.self), terminator: "")
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a witness; the quorum stays as it is, and is 1 for the first.",
            discussion: """
                Example:
                  strongroom witness-policy add w1 auditor.example/w1+0a1b2c3d+BE… \\
                    http://w1:8080
                """)
        @Argument(help: "The witness's name in the policy.")
        var name: String
        @Argument(help: "Its verifier key, as `witness init` prints it.")
        var key: String
        @Argument(help: "Where it takes checkpoints: the URL before /add-checkpoint.")
        var url: String
        @OptionGroup var ledger: LedgerOptions

        func run() throws {
            guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
                throw CommandError.usage("a witness's URL begins with http:// or https://")
            }
            tell(try WitnessPolicyEditor(try ledger.read()).add(name, key, at: url))
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a witness; a quorum that needs more than are left is refused.",
            discussion: "Example: strongroom witness-policy remove w1")
        @Argument(help: "The witness's name in the policy.")
        var name: String
        @OptionGroup var ledger: LedgerOptions

        func run() throws {
            tell(try WitnessPolicyEditor(try ledger.read()).remove(name))
        }
    }

    struct Quorum: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say how many witnesses make an entry witnessed.",
            discussion: "Example: strongroom witness-policy quorum 2")
        @Argument(help: "How many of the witnesses.")
        var count: Int
        @OptionGroup var ledger: LedgerOptions

        func run() throws {
            tell(try WitnessPolicyEditor(try ledger.read()).setQuorum(count))
        }
    }

    struct Replace: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set",
            abstract: "Take a policy from a file, with groups of groups if you like.",
            discussion: "Example: strongroom witness-policy set treasury.policy")
        @Argument(
            help: "A C2SP tlog-policy; its logs must be none or this one.", completion: .file())
        var file: String
        @OptionGroup var ledger: LedgerOptions

        func run() throws {
            let policy = try InputFile.policy(file)
            tell(try WitnessPolicyEditor(try ledger.read()).replace(by: policy))
        }
    }
}

/// Says what makes an entry witnessed from now on.
private func tell(_ policy: WitnessPolicy) {
    let (needed, of) = policy.quorumCounts
    print(of == 0 ? "No witness is needed." : "Witnessed means: cosigned by \(needed) of \(of).")
}
