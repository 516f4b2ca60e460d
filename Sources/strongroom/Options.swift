import ArgumentParser
import Bytes
import Console
import Custody
import Foundation
import Ledger
import Secrets

/// Which ledger a command is about.
struct LedgerOptions: ParsableArguments {
    @Option(
        name: .customLong("ledger"),
        help: ArgumentHelp(
            "The ledger's folder. Default: $STRONGROOM_LEDGER.", valueName: "folder"),
        completion: .directory)
    var folder: String?

    /// The folder that was named.
    func path() throws -> String {
        guard let path = folder ?? ProcessInfo.processInfo.environment["STRONGROOM_LEDGER"],
            !path.isEmpty
        else {
            throw CustodyError.usage(
                "no ledger is named; give --ledger FOLDER or set STRONGROOM_LEDGER")
        }
        return path
    }

    /// Opens the ledger for reading beside others who append.
    func read() throws -> OpenLedger { try OpenLedger(try path(), .readOnly) }
}

extension CustodyError: UsageError {}
