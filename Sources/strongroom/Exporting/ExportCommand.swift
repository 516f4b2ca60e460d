import Acting
import ArgumentParser
import Auditing
import Bytes
import Export
import Foundation
import Ledger
import Merkle
import Secrets
import Terminal

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the log's evidence for somebody who trusts nobody.",
        discussion: """
            A name that ends in .tar.zst or .tar makes one file, any other a folder, which a web \
            server can serve as it is (C2SP tlog-tiles). In it: the entries and their tree up to \
            the newest signed checkpoint, every checkpoint, the blobs, the schemas, and a \
            manifest that an export key signs. Its README says how to check it, with \
            Strongroom and without. It holds every attached document and every member's name, \
            readable: hand it to those who may read them.

            --wallet, --request and --from with --to disclose those events alone, together, each \
            with the proof of its place, and nothing of the others. Documents and names stay \
            closed unless --open and --open-name name them.

            Examples:
              strongroom export /media/audit/2026-q1
              strongroom export 2026-q1.tar.zst --key archive
              strongroom export delta.tar.zst --since kept.checkpoint
              strongroom export for-the-court --request 12 --open all
              strongroom export for-the-bank --request 12 --open-name alice
              strongroom export --csv tables
              strongroom export --jsonl tables.jsonl.zst
            """)
    @Argument(help: "The folder or file to make.")
    var target: String?
    @Option(
        help: "Write events, requests and coin movements as CSV into this folder instead.",
        completion: .directory)
    var csv: String?
    @Option(
        help: "Write them as JSON Lines: into a folder, or one file named .jsonl or .jsonl.zst.",
        completion: .file())
    var jsonl: String?
    @Option(
        name: .customLong("key"),
        help: "The export key that signs the manifest. Default: the only one of this home.")
    var keyName: String?
    @Option(
        help: "Only what is newer than this checkpoint, for a reader who has the rest.",
        completion: .file())
    var since: String?
    @OptionGroup var disclosure: DisclosureOptions
    @Flag(help: "Print JSON.")
    var json = false
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var keys: KeyOptions

    func run() throws {
        if csv != nil || jsonl != nil { return try writeTables() }
        guard let named = target else {
            throw CommandError.usage(
                "name the folder or file to make, or --csv FOLDER, or --jsonl FOLDER or FILE")
        }
        let target = try ExportTarget(named)
        let open = try ledger.read()
        if disclosure.isWanted {
            guard since == nil else {
                throw CommandError.usage("--since is for the whole log, not for chosen events")
            }
            return try disclose(open, to: target)
        }
        var export = LogExport(signer: try exportSigner(keyName, for: open, keys))
        export.policy = try open.witnessPolicy()
        export.since = try since.map { try InputFile.checkpoint($0) }
        let interruption = Interruption()
        export.begun = { interruption.remove($0) }
        let bar = ProgressBar("Exporting", unit: "entries")
        export.progress = { bar.update($0, of: $1) }
        let summary = try export.write(open.log, to: target)
        bar.finish()
        if json {
            try printJSON(ExportReport(summary, target: target, key: export.signer.key))
        } else {
            for line in lines(summary, target, export) { print(line) }
        }
        if summary.uncheckpointed > 0 {
            complain(
                "\(counted(summary.uncheckpointed, "newer entry", "newer entries")) not exported: "
                    + "no checkpoint covers them yet")
        }
    }

    private func disclose(_ open: OpenLedger, to target: ExportTarget) throws {
        let choice = try disclosure.choice(open)
        var export = DisclosureExport(choice, signer: try exportSigner(keyName, for: open, keys))
        export.policy = try open.witnessPolicy()
        let summary = try export.write(open.log, to: target)
        if json {
            return try printJSON(
                ExportReport(summary, target: target, key: export.signer.key))
        }
        let events = counted(summary.events, "event")
        print("Wrote \(target.path): \(events) of \(summary.checkpoint.size), each with its proof.")
        print("  log       \(summary.checkpoint.origin)")
        print("  root      \(summary.checkpoint.root.hex) at size \(summary.checkpoint.size)")
        print(
            "  closed    \(counted(summary.closedDocuments, "document")), "
                + counted(summary.closedNames, "name"))
        print("  manifest  \(export.signer.key.encodedText)")
    }

    private func lines(
        _ summary: LogExport.Summary, _ target: ExportTarget, _ export: LogExport
    ) -> [String] {
        let checkpoint = summary.checkpoint
        let what = since == nil ? "" : " from position \(checkpoint.size - summary.entries) on"
        return [
            "Wrote \(target.path): \(counted(summary.entries, "entry", "entries"))\(what), "
                + "\(counted(summary.files, "file")).",
            "  log       \(checkpoint.origin)",
            "  size      \(checkpoint.size)",
            "  root      \(checkpoint.root.hex)",
            "  manifest  \(export.signer.key.encodedText)",
        ]
    }
}
