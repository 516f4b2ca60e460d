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
                throw ActingError.history(
                    .anotherLedger(
                        what: "this is", found: open.log.ledgerID, expected: id))
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
