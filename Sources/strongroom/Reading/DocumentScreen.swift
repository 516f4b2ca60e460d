import Acting
import Auditing
import Bytes
import Events
import Keys
import Report
import State
import Terminal

/// Attached documents as people read them.
enum DocumentScreen {
    /// The documents of a request that is about to be decided on, and how to read each: from the
    /// request file, where there is one.
    static func lines(
        _ documents: [AttachedDocument], _ state: LedgerState, requestFile: String?
    ) -> [String] {
        let source = requestFile.map { " --request \($0)" } ?? ""
        return documents.flatMap { document in
            let author = state.authors[document.author]?.member.text ?? document.author.hex
            return wrapped(
                "Attached:   ",
                "\(document.title), \(count(document.fact.documentBytes, "byte")), by \(author): "
                    + (document.isAtHand
                        ? "`strongroom document \(document.position)\(source)` writes it"
                        : "not at hand"))
        }
    }
}

extension AttachedDocument {
    /// The label, or words for there being none.
    var title: String { fact.label.map { "\"\($0.plain)\"" } ?? "a document without a label" }
}

/// A document for programs.
struct JSONDocument: Encodable {
    let position: UInt64
    let recorded: String
    let author: String
    let label: String?
    let bytes: Int
    let digest: String
    let isAtHand: Bool

    init(_ document: AttachedDocument, _ reading: LedgerReading) {
        position = document.position
        recorded = CalendarTime.text(document.recorded)
        author = reading.member(document.author)
        label = document.fact.label
        bytes = document.fact.documentBytes
        digest = document.fact.document.digest.hex
        isAtHand = document.isAtHand
    }

    var lines: [String] {
        wrapped(
            "  " + "\(position)  ",
            "\(label.map { "\"\($0.plain)\"" } ?? "without a label"), \(count(bytes, "byte")), by "
                + "\(author), \(recorded)" + (isAtHand ? "" : "; not at hand"))
            + ["    " + digest]
    }
}
