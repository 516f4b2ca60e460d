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

/// Where keys are kept and passphrases come from.
struct KeyOptions: ParsableArguments {
    @Option(
        name: .customLong("passphrase-fd"),
        help: ArgumentHelp(
            """
            Read passphrases, one a line, from this file descriptor. Default: \
            $STRONGROOM_PASSPHRASE (for the log's key $STRONGROOM_LOG_PASSPHRASE), else the \
            terminal.
            """, valueName: "n"))
    var passphraseDescriptor: Int32?

    /// The folder of this user's key files.
    func keystore() throws -> Keystore { try Keystore(folder: Self.home() + "/keys") }

    static func home() -> String {
        let environment = ProcessInfo.processInfo.environment
        if let home = environment["STRONGROOM_HOME"], !home.isEmpty { return home }
        return (environment["HOME"] ?? ".") + "/.strongroom"
    }

    /// The descriptor if one is given, else STRONGROOM_PASSPHRASE, else the terminal.
    var source: PassphraseSource {
        if let descriptor = passphraseDescriptor { return .descriptor(descriptor) }
        if ProcessInfo.processInfo.environment["STRONGROOM_PASSPHRASE"] != nil {
            return .environment("STRONGROOM_PASSPHRASE")
        }
        return .terminal
    }

    /// Where the passphrase of the log's key comes from.
    var logSource: PassphraseSource {
        ProcessInfo.processInfo.environment["STRONGROOM_LOG_PASSPHRASE"] != nil
            ? .environment("STRONGROOM_LOG_PASSPHRASE") : source
    }
}
