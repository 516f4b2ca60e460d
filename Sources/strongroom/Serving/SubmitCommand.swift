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

struct SubmitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Append signed events that came by file.",
        discussion: "Example: strongroom submit r3-bob.event --ledger /srv/treasury")
    @Argument(help: "Event files; - is standard input.")
    var files: [String]
    @Flag(help: "Vouch for a clock that has jumped since the last entry.")
    var confirmClock = false
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var keys: KeyOptions

    func run() throws {
        let open = try OpenLedger(
            try ledger.path(), .readWrite, isClockConfirmed: confirmClock)
        try open.requireSignedHead(from: try keys.keystore())
        defer { checkpoint(open, keys) }
        for path in files {
            let submitted = try open.submit(try EventFile(reading: path))
            let (fact, receipt) = (submitted.event.event.fact, submitted.receipt)
            let request = submitted.request.map {
                ", request \($0.number) (\($0.initiated.request.kind.rawValue))"
            }
            print(
                "\(fact.type.rawValue) by \(submitted.author?.text ?? "?"): position "
                    + "\(receipt.position)" + (request ?? "")
                    + (receipt.isRepetition ? ", recorded before" : ""))
            if case .issued(let issued) = fact { print(try open.writer.state().address(issued)) }
        }
    }
}
