import Acting
import ArgumentParser
import Bytes
import Export
import Foundation
import Ledger
import Secrets
import Terminal

/// Which ledger a command is about that needs the ledger itself.
struct LedgerOptions: ParsableArguments {
    @Option(
        name: .customLong("ledger"),
        help: ArgumentHelp(
            "The ledger's folder. Default: $STRONGROOM_LEDGER.", valueName: "folder"),
        completion: .directory)
    var folder: String?

    /// The folder that was named; an export is refused.
    func path() throws -> String {
        let path = try Self.named(folder)
        let form = EvidenceForm(of: path)
        // Of other files whoever opens the ledger says that they are none.
        let isArchive = [".tar", ".zst"].contains { path.hasSuffix($0) }
        guard !form.isExport || form == .archive && !isArchive else {
            throw CommandError.usage(
                "\(path.plain) is an export, which can be read and verified but neither changed "
                    + "nor signed for; this command needs the ledger's own folder")
        }
        return path
    }

    /// Opens the ledger for reading beside others who append.
    func read() throws -> OpenLedger { try OpenLedger(try path(), .readOnly) }

    fileprivate static func named(_ folder: String?) throws -> String {
        guard let path = folder ?? ProcessInfo.processInfo.environment["STRONGROOM_LEDGER"],
            !path.isEmpty
        else {
            throw CommandError.usage(
                "no ledger is named; give --ledger FOLDER or set STRONGROOM_LEDGER")
        }
        return path
    }
}

/// Which ledger a command reads; an export does as well.
struct EvidenceOptions: ParsableArguments {
    @Option(
        name: .customLong("ledger"),
        help: ArgumentHelp(
            "The ledger's folder, or an export of it: a folder, a .tar, a .tar.zst, a replica. "
                + "Default: $STRONGROOM_LEDGER.",
            valueName: "folder|export"),
        completion: .file())
    var folder: String?

    /// Opens the ledger for reading beside others who append; of an export, the ledger that follows
    /// from its replay, with what holds it.
    func read() throws -> (ledger: OpenLedger, replayed: ReplayedLedger?) {
        let path = try LedgerOptions.named(folder)
        switch EvidenceForm(of: path) {
        case .ledger: return (try OpenLedger(path, .readOnly), nil)
        case .text:
            throw CommandError.usage(
                "\(path.plain) holds text, and neither a ledger nor an export of one")
        case .url:
            throw CommandError.usage(
                "\(path.plain) is a URL, which verify, report and compare read; fetch the export "
                    + "and name its file or folder")
        case .folder, .archive:
            let interruption = Interruption()
            let export = try OpenedExport(path) { interruption.remove($0) }
            let bar = ProgressBar("Verifying", unit: "events")
            defer { bar.finish() }
            let replayed = try ReplayedLedger(export, created: { interruption.remove($0) }) {
                bar.update($0, of: $1)
            }
            if replayed.findings > 0 {
                complain(
                    "\(path.plain) has \(counted(replayed.findings, "finding")), incidents or "
                        + "documents that are not there; see `strongroom verify`")
            }
            return (replayed.ledger, replayed)
        }
    }
}
