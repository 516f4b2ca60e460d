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

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the ledger to a new folder while others go on appending.",
        discussion: "Example: strongroom backup /backup/treasury --ledger /srv/treasury")
    @Argument(help: "The folder to make.")
    var folder: String
    @OptionGroup var ledger: LedgerOptions

    func run() throws {
        let open = try ledger.read()
        try open.backup(to: folder)
        print(
            "Copied \(try open.size()) entries to \(folder). Keys are not in it: copy "
                + "\(KeyOptions.home())/keys too.")
    }
}
