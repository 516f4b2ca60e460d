import Acting
import ArgumentParser
import Bytes
import Console
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
            $STRONGROOM_PASSPHRASE (for the log's key $STRONGROOM_LOG_PASSPHRASE), else the terminal.
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
}

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
        try requireSignedHead(open, keys)
        return open
    }

    func keyName() throws -> KeyName { try KeyName(name) }

    /// Asks for the passphrase of the event key.
    func passphrase() throws -> Passphrase {
        try keys.source.read(prompt: "Passphrase of the key \(name): ")
    }
}

/// Whether the question before signing is answered beforehand.
struct ConsentOptions: ParsableArguments {
    @Flag(help: "Do not ask; for scripts.")
    var yes = false
}

/// What a command has that signs one event, where the ledger lives or over a request file.
struct ActOptions: ParsableArguments {
    @OptionGroup var place: PlaceOptions
    @OptionGroup var consent: ConsentOptions

    var author: AuthorOptions { place.author }
    var requestFile: String? { place.requestFile }
    var out: String? { place.out }

    func workplace() throws -> Workplace { try place.workplace() }
}

/// Who signs and where, of a command that has nothing to ask.
struct PlaceOptions: ParsableArguments {
    @OptionGroup var author: AuthorOptions

    @Option(
        name: .customLong("request"),
        help: ArgumentHelp(
            "Act on this request file instead of a ledger on this machine.", valueName: "file"),
        completion: .file())
    var requestFile: String?

    @Option(
        help: ArgumentHelp(
            "Write the signed event to this file, to be submitted where the ledger lives.",
            valueName: "file"),
        completion: .file())
    var out: String?

    @Option(
        name: .customLong("ledger-id"),
        help: ArgumentHelp(
            "The ledger's id as you know it from elsewhere; another one is refused.",
            valueName: "id"))
    var ledgerID: String?

    func workplace() throws -> Workplace {
        let id = try ledgerID.map { text in
            guard let id = Digest32(hex: text) else {
                throw CommandError.usage("\(text) is no ledger id; it has 64 hexadecimal digits")
            }
            return id
        }
        guard let requestFile else {
            guard out == nil else {
                throw CommandError.usage(
                    "--out goes with --request; where the ledger lives, events are appended")
            }
            let open = try author.open()
            if let id, id != open.log.ledgerID {
                throw CommandError.refused(
                    "this is the ledger \(open.log.ledgerID.hex), not \(id.hex)")
            }
            return .ledger(open)
        }
        guard out != nil else {
            throw CommandError.usage(
                "a request file is answered with a file: add --out NAME.event (or --out -)")
        }
        return .file(try RequestFile(reading: requestFile), ledger: id)
    }
}

/// Asks a question on the terminal; `yes` answers it.
func confirm(_ question: String, yes: Bool) throws {
    if yes { return }
    guard isatty(STDIN_FILENO) == 1 else {
        throw CommandError.usage("nobody is there to answer \"\(question)\"; add --yes in scripts")
    }
    writeError("\(question) [y/N] ")
    guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
        throw CommandError.refused("not confirmed; nothing was signed")
    }
}
