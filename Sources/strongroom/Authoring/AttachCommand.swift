import Acting
import ArgumentParser
import Auditing
import Bytes
import Events
import Foundation
import State
import Terminal

struct AttachCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach",
        abstract: "Attach a document to a request, or to the ledger.",
        discussion: """
            The event holds the label, the length and SHA-256(salt and document), for ever. The \
            document itself stands beside the log: who can read the ledger, or a whole export of \
            it, can read the document. A disclosure leaves it out unless it is opened.

            `show` lists a request's documents, `document` writes one to a file.

            Examples:
              strongroom attach invoice.pdf 3 --label "invoice 4711" --as alice
              strongroom attach minutes.pdf --label "minutes of March" --as alice
              strongroom attach invoice.pdf --label "invoice 4711" --as bob \\
                --request r3.request --out r3-invoice.event
            """)
    @Argument(help: "The document: 1 to 4194272 bytes.", completion: .file())
    var file: String
    @Argument(
        help: "The request's number; with --request, the one that the file is about, if any.")
    var number: UInt64?
    @Option(help: "What the document is, in a line of at most 140 bytes, public for ever.")
    var label: String
    @OptionGroup var options: ActOptions

    func run() throws {
        guard (1...Attached.labelLimit).contains(label.utf8.count), label.isOneSafeLine else {
            throw CommandError.usage(
                "--label takes one line of 1 to \(Attached.labelLimit) bytes without control "
                    + "characters, not \(label.utf8.count) bytes: \"\(label.escapedForDisplay)\"")
        }
        let place = try options.workplace()
        let document = try DocumentFile.read(file, salt: randomDigest())
        try act(options, at: place) { brief, member in
            let request = try request(place, brief)
            let target = request.map { " to \($0.name)" } ?? " to the ledger"
            return Act(
                intention: .attach(document, label: label, to: request?.id),
                screen: [
                    "Document:   \(counted(document.value.count, "byte")), SHA-256 "
                        + sha256(document.value).hex,
                    "Label:      \(label.plain), public for ever",
                    "Attached:  \(target)",
                    "Recorded:   as \(document.digest.hex)",
                ], question: "Attach this document?",
                done: "\(member.name) has attached a document\(target)")
        }
    }

    /// The request that is meant, alive or ended; nil for the ledger itself.
    private func request(
        _ place: Workplace, _ brief: Brief
    ) throws -> (id: Digest32, name: String)? {
        switch (place, number) {
        case (.ledger(let ledger), let number?):
            return (try ledger.request(number: number), "request \(number)")
        case (.file, let number?):
            let request = try brief.request(number)
            return (request.id, "request \(request.number)")
        case (_, nil):
            return brief.request.map { id in
                (id, brief.state.requests[id].map { "request \($0.number)" } ?? "the ended request")
            }
        }
    }
}
