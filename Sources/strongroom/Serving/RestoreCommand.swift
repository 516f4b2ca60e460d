import Acting
import ArgumentParser
import Audit
import Auditing
import Bytes
import Events
import Foundation
import Ledger
import Merkle
import State

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup in place, or catch a restored ledger up.",
        discussion: """
            A backup that is older than a known head opens for reading only. It goes on when the \
            missing entries are appended from another copy (--missing-from), or a successor ledger \
            is founded; the same sizes are never signed again. --missing-from also catches up an \
            older copy whose head knows no better, as far as the other copy's newest signed \
            checkpoint, and brings the refused events that it keeps as evidence.

            Examples:
              strongroom restore /backup/treasury --ledger /srv/treasury
              strongroom restore --missing-from /other/treasury --ledger /srv/treasury
            """)
    @Argument(help: "The backup's folder.")
    var backup: String?
    @Option(help: "A copy that has the entries which this ledger lacks.")
    var missingFrom: String?
    @OptionGroup var ledger: LedgerOptions

    func run() throws {
        let path = try ledger.path()
        switch (backup, missingFrom) {
        case (let backup?, nil):
            try OpenLedger.restore(from: backup, to: path)
            let open = try OpenLedger(path, .readOnly)
            print("Restored \(counted(try open.size(), "entry", "entries")) to \(path).")
            if let fault = open.log.fault { throw CommandError.refused("\(fault)") }
        case (nil, let other?):
            let open = try OpenLedger(path, .readOnly)
            let copy = try OpenLedger(other, .readOnly)
            let added = try open.appendMissing(from: copy)
            print(
                "Appended \(counted(added.entries, "entry", "entries")) from \(other)"
                    + (added.evidence > 0
                        ? ", and kept \(counted(added.evidence, "refused event")) as evidence."
                        : ".")
            )
            let rest = try copy.size().subtractingReportingOverflow(try open.size())
            guard rest.overflow || rest.partialValue == 0 else {
                throw CommandError.refused(
                    "\(other) has \(counted(rest.partialValue, "entry", "entries")) more, which no "
                        + "signed checkpoint covers; sign one there with `strongroom checkpoint`, "
                        + "and repeat this before anything is appended here")
            }
        default:
            throw CommandError.usage("give a backup's folder, or --missing-from; one of them")
        }
    }
}
