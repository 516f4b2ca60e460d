import Acting
import ArgumentParser
import Auditing
import Bytes
import Events
import Reading
import Terminal

struct DocumentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "document",
        abstract: "Write an attached document to a file, compared with the log.",
        discussion: """
            The document is named by the position of the event that attached it, as `show` and \
            `log --type attached` list it, or by its digest there. On another machine it is read \
            from the request file, which carries the documents of its request.

            Examples:
              strongroom document 19 --out invoice.pdf
              strongroom document 19 --request r3.request --out invoice.pdf
            """)
    @Argument(
        help: ArgumentHelp(
            "The position of the event, or the document's digest.", valueName: "position|digest"))
    var document: String
    @Option(
        help: "The file to write, which must not exist; - is standard output.", completion: .file())
    var out: String
    @Option(
        name: .customLong("request"),
        help: ArgumentHelp(
            "Read this request file instead of a ledger on this machine.", valueName: "file"),
        completion: .file())
    var requestFile: String?
    @OptionGroup var ledger: LedgerOptions

    func run() throws {
        let found: AttachedDocument
        let value: SaltedValue?
        if let requestFile {
            let file = try RequestFile(reading: requestFile)
            found = try chosen(among: try file.documents, in: requestFile)
            value = try file.opened(found.fact.document.digest)
        } else {
            let open = try ledger.read()
            if let digest = Digest32(hex: document) {
                found = try open.document(digest)
            } else {
                found = try open.document(at: try position())
            }
            value = try open.opened(found.fact.document.digest)
        }
        guard let value else {
            throw CommandError.refused(
                "the document of position \(found.position), \(found.fact.document.digest.hex), is "
                    + (requestFile == nil
                        ? "not at hand: it was erased or lost, and `strongroom verify` finds it "
                            + "missing"
                        : "not in the file; ask for one made without --without-documents"))
        }
        guard value.blob.count == found.fact.document.size else {
            throw CommandError.refused(
                "the document of position \(found.position) has \(value.blob.count) bytes with its "
                    + "salt, but the event attaches \(found.fact.document.size)")
        }
        try DocumentFile.write(value, to: out)
        guard out != "-" else { return }
        print(
            "Wrote \(out): \(counted(value.value.count, "byte"))"
                + (found.fact.label.map { ", \($0.plain)" } ?? "") + ".")
        print("SHA-256 \(sha256(value.value).hex)")
    }

    private func position() throws -> UInt64 {
        guard let position = UInt64(document) else {
            throw CommandError.usage(
                "\(document.plain) is no document: a position in the log or a digest of 64 "
                    + "hexadecimal digits is accepted")
        }
        return position
    }

    private func chosen(
        among documents: [AttachedDocument], in file: String
    ) throws -> AttachedDocument {
        let digest = Digest32(hex: document)
        let position = digest == nil ? try position() : nil
        guard
            let found = documents.first(where: {
                $0.position == position || $0.fact.document.digest == digest
            })
        else {
            let places = documents.map { "\($0.position)" }.joined(separator: ", ")
            throw CommandError.refused(
                "\(file) has no document \(document.plain) of its request"
                    + (places.isEmpty ? "; it has none" : "; those it knows are at \(places)"))
        }
        return found
    }
}
