import Acting
import Auditing
import Bytes
import Events
import Keys
import Reading
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
                "\(document.title), \(counted(document.fact.documentBytes, "byte")), by \(author): "
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

extension DocumentSummary {
    /// The document in two lines.
    var lines: [String] {
        wrapped(
            "  " + "\(position)  ",
            "\(label.map { "\"\($0.plain)\"" } ?? "without a label"), \(counted(bytes, "byte")), "
                + "by \(author), \(recorded)" + (isAtHand ? "" : "; not at hand"))
            + ["    " + digest]
    }
}
