import Acting
import ArgumentParser
import Auditing
import Bytes
import Copies
import Export
import Merkle
import Terminal

struct ReplicaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replica",
        abstract: "Keep a verified copy of somebody's log on a machine of your own.",
        subcommands: [Create.self, Apply.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a replica from a whole export, which is verified first.",
            discussion: """
                No node, no network and no key is needed. The replica is checked like any export: \
                strongroom-verify DIR.

                Example:
                  strongroom replica create 2026-q1.tar.zst ~/treasury --ledger-id 5c1f…
                """)
        @Argument(help: "The export: a folder, a .tar or a .tar.zst.", completion: .file())
        var export: String
        @Argument(help: "The folder to make.")
        var folder: String
        @Option(
            name: .customLong("ledger-id"),
            help: "The ledger's id as you know it from elsewhere; another one is refused.")
        var ledgerID: String?

        func run() throws {
            let id = try ledgerID.map { text in
                guard let id = Digest32(hex: text) else {
                    throw CommandError.usage(
                        "\(text) is no ledger id; it has 64 hexadecimal digits")
                }
                return id
            }
            let bar = ProgressBar("Verifying", unit: "events")
            let replica = try Replica.create(folder, from: export, ledgerID: id) {
                bar.update($0, of: $1)
            }
            bar.finish()
            let entries = counted(replica.checkpoint.size, "entry", "entries")
            print("Made \(folder): a verified copy of \(entries).")
            show(replica)
            if id == nil {
                complain(
                    "compare the ledger's id with the one that you know: whoever made the export "
                        + "could have made the ledger")
            }
        }
    }

    struct Apply: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take up the newer entries of a delta, after verifying them whole.",
            discussion: """
                The delta must go on where the replica ends, or before; a whole export does too. \
                Nothing changes unless every signature, decision and hash of it holds. A head \
                that contradicts the replica's is a fork: refused, and the proof of it is \
                written beside the replica, for `check-proof`.

                Example:
                  strongroom replica apply delta.tar.zst --replica ~/treasury
                """)
        @Argument(help: "The delta: a folder, a .tar or a .tar.zst.", completion: .file())
        var delta: String
        @Option(help: "The replica's folder.", completion: .directory)
        var replica: String

        func run() throws {
            let old = try Replica(replica)
            let bar = ProgressBar("Verifying", unit: "events")
            let new = try old.applying(delta) { bar.update($0, of: $1) }
            bar.finish()
            let added = new.checkpoint.size - old.checkpoint.size
            print("Took up \(counted(added, "entry", "entries")) from \(delta).")
            show(new)
        }
    }
}

private func show(_ replica: Replica) {
    print("  ledger  \(replica.ledger.hex)")
    print("  size    \(replica.checkpoint.size)")
    print("  root    \(replica.checkpoint.root.hex)")
    guard replica.incidents > 0 else { return }
    complain(
        "its entries show \(counted(replica.incidents, "incident")), which `strongroom-verify "
            + "\(replica.folder)` names")
}
