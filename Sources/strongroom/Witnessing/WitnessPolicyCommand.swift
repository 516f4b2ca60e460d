import Acting
import ArgumentParser
import Audit
import Console
import Export
import Foundation
import Ledger
import Merkle
import State

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
        }

        func run() throws {
            let place = try PolicyPlace(ledger)
            guard !output.isJSON else { return try printJSON(place.answer) }
            print(String(decoding: place.policy.encoded, as: UTF8.self), terminator: "")
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
            let place = try PolicyPlace(ledger)
            let line = "witness \(name) \(key) \(url)"
            try place.write(
                place.witnessLines + [line], names: place.names + [name],
                threshold: max(1, place.threshold))
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
            let place = try PolicyPlace(ledger)
            guard let index = place.names.firstIndex(of: name) else {
                throw CommandError.refused("the policy has no witness \(name.plain)")
            }
            var (lines, names) = (place.witnessLines, place.names)
            lines.remove(at: index)
            names.remove(at: index)
            try place.write(lines, names: names, threshold: names.isEmpty ? 0 : place.threshold)
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
            let place = try PolicyPlace(ledger)
            try place.write(place.witnessLines, names: place.names, threshold: count)
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
            let place = try PolicyPlace(ledger)
            try place.write(try InputFile.policy(file))
        }
    }
}

/// The policy of a ledger, in the plain form that commands change: witnesses and one number.
private struct PolicyPlace {
    let policy: WitnessPolicy
    private let file: PolicyFile
    private let logKey: NoteVerifierKey

    init(_ options: LedgerOptions) throws {
        let open = try options.read()
        logKey = try open.state().logKey
        file = PolicyFile(ledger: open.log.folder)
        policy = try file.read() ?? WitnessPolicy(log: logKey)
    }

    var names: [String] { policy.witnesses.map { "\($0.name)" } }

    var witnessLines: [String] {
        policy.witnesses.map {
            "witness \($0.name) \($0.key.encodedText)" + ($0.url.map { " \($0)" } ?? "")
        }
    }

    var threshold: Int { policy.quorumCounts.needed }

    var answer: WitnessPolicyCommand.Show.Answer {
        let (needed, of) = policy.quorumCounts
        return WitnessPolicyCommand.Show.Answer(
            logs: policy.logs.map(\.key.encodedText), needed: needed, of: of,
            policy: String(decoding: policy.encoded, as: UTF8.self),
            witnesses: policy.witnesses.map {
                .init(key: $0.key.encodedText, name: "\($0.name)", url: $0.url.map { "\($0)" })
            })
    }

    /// Writes a policy of so many of these witnesses, in the place of one of that form.
    func write(_ lines: [String], names: [String], threshold: Int) throws {
        guard policy.groups.count <= 1,
            policy.groups.first?.members.count ?? 0 == 0
                || policy.groups[0].members.count == policy.witnesses.count
        else {
            throw CommandError.refused(
                "the policy has groups of its own; edit it and take it with `strongroom "
                    + "witness-policy set FILE`")
        }
        guard (names.isEmpty ? 0...0 : 1...names.count).contains(threshold) else {
            throw CommandError.refused(
                "\(threshold) of \(names.count) witnesses can not be; first change the quorum with "
                    + "`strongroom witness-policy quorum COUNT`")
        }
        var text = "log \(logKey.encodedText)\n" + lines.map { $0 + "\n" }.joined()
        text +=
            names.isEmpty
            ? "quorum none\n"
            : "group witnesses \(threshold) \(names.joined(separator: " "))\nquorum witnesses\n"
        try write(try WitnessPolicy(parsing: Array(text.utf8)))
    }

    /// Writes a policy that accepts this log.
    func write(_ policy: WitnessPolicy) throws {
        guard policy.logs.isEmpty || policy.logs.contains(where: { $0.key == logKey }) else {
            throw CommandError.refused(
                "the policy's logs are others than this one, \(logKey.encodedText)")
        }
        guard policy.witnesses.count < Note.maximumSignatures else {
            throw CommandError.refused(
                "\(policy.witnesses.count) witnesses; a checkpoint holds the lines of at most "
                    + "\(Note.maximumSignatures - 1)")
        }
        try file.write(policy)
        let (needed, of) = policy.quorumCounts
        print(
            of == 0
                ? "No witness is needed." : "Witnessed means: cosigned by \(needed) of \(of).")
    }
}
