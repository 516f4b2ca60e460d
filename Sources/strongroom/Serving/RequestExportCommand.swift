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
import Terminal

struct RequestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request", abstract: "Take a request to another machine.",
        subcommands: [Export.self])

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a request with the history that it takes to judge it.",
            discussion: """
                The file holds the log's entries, the signed checkpoint over them and the \
                request's events with their inclusion proofs; the reader replays it and trusts \
                nothing. Documents attached to the request come along (`strongroom document` \
                reads them there), those of other requests and people's names never. Without a \
                number the file is for acceptances. --since makes it small for somebody whose key \
                remembers that size. Entries that no checkpoint covers yet are signed for when the \
                log's key is in this home; without it, the request's own must be covered.

                Examples:
                  strongroom request export 3 --out r3.request
                  strongroom request export --out founding.request
                """)
        @Argument(help: "The request's number.")
        var number: UInt64?
        @Option(help: "The file to write; - is standard output.")
        var out: String
        @Option(help: "A size whose head the reader's key remembers.")
        var since: UInt64 = 0
        @Flag(help: "Leave the documents attached to the request out.")
        var withoutDocuments = false
        @OptionGroup var ledger: LedgerOptions
        @OptionGroup var keys: KeyOptions

        func run() throws {
            try signWhatIsNew()
            let open = try ledger.read()
            let id = try number.map { try open.request(number: $0) }
            guard try open.checkpointedSize() >= open.sizeCovering(request: id) else {
                throw ActingError.history(.notCheckpointed(request: number))
            }
            let file = try RequestFile(
                from: open, request: id, start: since, hasDocuments: !withoutDocuments)
            try file.write(to: out)
            guard out != "-" else { return }
            print(
                "Wrote \(out): \(counted(file.size - since, "entry", "entries")) up to a signed "
                    + "checkpoint.")
            let size = try open.size()
            guard file.size < size else { return }
            complain(
                "\(out) lacks \(counted(size - file.size, "newer entry", "newer entries")), which "
                    + "no checkpoint covers yet")
        }

        /// Signs a checkpoint over entries that none covers, when the log's key is here. Whoever
        /// can read the ledger may be unable to write it.
        private func signWhatIsNew() throws {
            guard try isBehind(try ledger.read()) else { return }
            do {
                _ = try signCheckpoint(try OpenLedger(try ledger.path(), .readWrite), keys)
            } catch { complain("no new checkpoint is signed: \(sentence(of: error))") }
        }

        private func isBehind(_ open: OpenLedger) throws -> Bool {
            try open.checkpointedSize() < open.size()
        }
    }
}
