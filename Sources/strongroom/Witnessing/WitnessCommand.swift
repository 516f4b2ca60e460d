import Acting
import ArgumentParser
import Auditing
import Bytes
import Export
import Foundation
import Merkle
import Secrets
import Synchronization
import Terminal
import Witness

struct WitnessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness",
        abstract: "Run a witness: cosign other ledgers' checkpoints, never two histories.",
        discussion: """
            A witness has keys and a database of its own. It cosigns a checkpoint only if that \
            extends the newest one it has cosigned of the log, over the C2SP tlog-witness \
            protocol. With a second key it also states that it has replayed every entry.

            Examples:
              strongroom key create w1 --witness
              strongroom witness init /srv/witness --key w1 --name auditor.example/w1
              strongroom witness log add /srv/witness treasury/5c1f…+0a1b2c3d+AX…
              strongroom witness serve /srv/witness --listen 127.0.0.1:8080
            """,
        subcommands: [Initialize.self, Serve.self, LogCommands.self, Show.self])

    struct Initialize: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "init", abstract: "Make a witness in a new folder.",
            discussion: """
                Prints the keys that a ledger's tlog-policy names. --heads keeps what was cosigned \
                apart from the database, so that a restored older copy of it is noticed.

                Example:
                  strongroom witness init /srv/witness --key w1 \\
                    --name auditor.example/w1 --heads /mnt/heads
                """)
        @Argument(help: "The folder to make.", completion: .directory)
        var folder: String
        @Option(help: "The witness key of this home that cosigns what is consistent.")
        var key: String
        @Option(help: "Another witness key, which cosigns what was also replayed in full.")
        var fullKey: String?
        @Option(
            help: "The name in its cosignatures, such as auditor.example/w1. Default: the key's.")
        var name: String?
        @Option(help: "Another folder for the head files, best on another disk.")
        var heads: String?
        @OptionGroup var keys: KeyOptions

        func run() throws {
            let keystore = try keys.keystore()
            let name = name ?? key
            let plain = try WitnessKeys.verifierKey(of: key, name: name, in: keystore)
            let full = try fullKey.map {
                try WitnessKeys.verifierKey(of: $0, name: "\(name)-full", in: keystore)
            }
            _ = try WitnessStore.create(
                folder, key: plain, fullKey: full, heads: heads.map { absolute($0) })
            print("Consistent  \(plain.encodedText)")
            if let full { print("Replayed    \(full.encodedText)") }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a witness's keys, its logs, and how far it has cosigned each.",
            discussion: "Example: strongroom witness show /srv/witness --json")
        @Argument(help: "The witness's folder.", completion: .directory)
        var folder: String
        @OptionGroup var output: OutputOptions

        struct Answer: Encodable {
            struct Log: Encodable {
                let key: String
                let source: String?
                let size: UInt64
                let root: String?
            }
            let key: String
            let fullKey: String?
            let logs: [Log]
        }

        func run() throws {
            let store = try WitnessStore.open(folder)
            let answer = Answer(
                key: try store.key().encodedText, fullKey: try store.fullKey()?.encodedText,
                logs: try store.logs().map { log in
                    let head = try store.head(log.key.name)?.checkpoint
                    return Answer.Log(
                        key: log.key.encodedText, source: log.source, size: head?.size ?? 0,
                        root: head?.root.hex)
                })
            if output.isJSON { return try printJSON(answer) }
            print("Consistent  \(answer.key)")
            if let key = answer.fullKey { print("Replayed    \(key)") }
            for log in answer.logs {
                print("\nLog         \(log.key.plain)")
                print(
                    "  cosigned  \(counted(log.size, "entry", "entries"))"
                        + (log.root.map { ", root \($0)" } ?? ""))
                if let source = log.source { print("  entries   \(source.plain)") }
            }
        }
    }

    struct LogCommands: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "log", abstract: "Say which logs a witness knows.",
            subcommands: [Add.self, Recover.self])

        struct Add: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Let a witness cosign a log's checkpoints.",
                discussion: """
                    The log's verifier key is shown by `strongroom witness-policy` where the \
                    ledger lives. With --full-from every entry is replayed before the second key \
                    cosigns. For a log that is known already the place stays as it was, unless \
                    --full-from names another one or --no-full ends the replay.

                    Example:
                      strongroom witness log add /srv/witness treasury/5c1f…+0a1b2c3d+AX… \\
                        --full-from https://treasury.example/export
                    """)
            @Argument(help: "The witness's folder.", completion: .directory)
            var folder: String
            @Argument(help: "The log's verifier key, name+id+key.")
            var key: String
            @Option(help: "The ledger's id as you know it from elsewhere; another one is refused.")
            var ledgerID: String?
            @Option(help: "Where the entries are: an export's or ledger's folder, or a URL.")
            var fullFrom: String?
            @Flag(help: "Replay nothing: the second key does not cosign this log any more.")
            var noFull = false

            func run() throws {
                guard fullFrom == nil || !noFull else {
                    throw CommandError.usage("--full-from and --no-full exclude each other")
                }
                let store = try WitnessStore.open(folder)
                let key = try NoteVerifierKey(parsing: key)
                if let ledgerID, !key.name.hasSuffix("/\(ledgerID)") {
                    throw CommandError.refused(
                        "the key is of \(key.name.plain), not of \(ledgerID)")
                }
                if fullFrom != nil, try store.fullKey() == nil {
                    throw CommandError.refused(
                        "this witness was made without --full-key, so it makes no statement about "
                            + "what it replays")
                }
                var source = fullFrom.map { $0.contains("://") ? $0 : absolute($0) }
                if source == nil, !noFull { source = try store.log(key.name)?.source }
                try store.add(.init(key: key, source: source))
                print("The witness knows \(key.name.plain).")
                print(
                    source.map { "Every entry is replayed from \($0.plain)." }
                        ?? "No entry is replayed: consistency alone is cosigned.")
            }
        }

        struct Recover: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Let a restored witness go on from what it has last cosigned.",
                discussion: """
                    A database that is older than its head files cosigns nothing. This takes the \
                    size and root of the head file over; whoever has lost the head files too must \
                    make a new witness with a new key.

                    Example: strongroom witness log recover /srv/witness treasury/5c1f…
                    """)
            @Argument(help: "The witness's folder.", completion: .directory)
            var folder: String
            @Argument(help: "The log's origin, name/ledger-id.")
            var origin: String

            func run() throws {
                let size = try WitnessStore.open(folder).recover(origin)
                let entries = counted(size, "entry", "entries")
                print("The witness goes on from \(entries) of \(origin.plain).")
            }
        }
    }
}

/// A path that stays right in another working directory.
private func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
}
