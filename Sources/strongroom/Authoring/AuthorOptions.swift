import Acting
import ArgumentParser
import Bytes
import Events
import Foundation
import Keys
import Ledger
import Merkle
import Secrets
import State

/// Who signs, on which ledger of this machine.
struct AuthorOptions: ParsableArguments {
    @Option(
        name: .customLong("as"),
        help: ArgumentHelp("The event key to act with.", valueName: "key"))
    var name: String

    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var keys: KeyOptions

    @Flag(help: "Vouch for a clock that has jumped since the last entry.")
    var confirmClock = false

    /// Opens the ledger for appending.
    func open() throws -> OpenLedger {
        let open = try OpenLedger(
            try ledger.path(), .readWrite, isClockConfirmed: confirmClock)
        try open.requireSignedHead(from: try keys.keystore())
        return open
    }

    func keyName() throws -> KeyName { try KeyName(name) }

    /// Asks for the passphrase of the event key.
    func passphrase() throws -> Passphrase {
        try keys.source.read(prompt: "Passphrase of the key \(name): ")
    }
}
