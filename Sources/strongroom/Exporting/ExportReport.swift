import Bytes
import Export
import Merkle

/// What `export --json` prints, of the whole log or of chosen events.
struct ExportReport: Encodable {
    let target: String
    let origin: String
    let size: UInt64
    let root: String
    let files: UInt64
    let key: String
    // Of the log.
    var entries: UInt64?
    var uncheckpointed: UInt64?
    var bytes: UInt64?
    // Of chosen events.
    var events: UInt64?
    var closedDocuments: UInt64?

    init(_ summary: LogExport.Summary, target: ExportTarget, key: NoteVerifierKey) {
        self.init(summary.checkpoint, summary.files, target, key)
        entries = summary.entries
        uncheckpointed = summary.uncheckpointed
        bytes = summary.bytes
    }

    init(_ summary: DisclosureExport.Summary, target: ExportTarget, key: NoteVerifierKey) {
        self.init(summary.checkpoint, summary.files, target, key)
        events = summary.events
        closedDocuments = summary.closedDocuments
    }

    private init(
        _ checkpoint: Checkpoint, _ files: UInt64, _ target: ExportTarget, _ key: NoteVerifierKey
    ) {
        self.target = target.path
        origin = checkpoint.origin
        size = checkpoint.size
        root = checkpoint.root.hex
        self.files = files
        self.key = key.encodedText
    }
}
