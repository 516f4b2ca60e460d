package import Audit
internal import Bytes
package import Merkle

/// The signed checkpoints in the file `checkpoints`, smallest first, each note followed by an empty
/// line.
package struct CheckpointHistory {
    private var lines: FileLines
    private var upcoming: KnownHead?
    private var isStarted = false
    private var isAtEnd = false
    /// The size of the checkpoint that was read last.
    private(set) var lastSize: UInt64?
    /// What is wrong with the file itself.
    private(set) var findings = BoundedFindings()

    /// Opens the history; nil when the export has none.
    package init?(_ folder: EvidenceFolder) throws(AuditError) {
        guard
            let lines = try FileLines(
                .checkpoints, in: folder, maximumLineBytes: Note.maximumBytes)
        else { return nil }
        self.lines = lines
    }

    /// How many checkpoints are handed over at a time, and of how many bytes.
    private static let batch = (heads: 1_024, bytes: 4 * Note.maximumBytes)

    /// The next checkpoints of sizes up to `size`, some at a time; none when there are no more
    /// such.
    ///
    /// A file that can not be read on ends there, with a finding.
    mutating func heads(upTo size: UInt64) -> [KnownHead] {
        var heads: [KnownHead] = []
        var bytes = 0
        if !isStarted {
            isStarted = true
            advance()
        }
        while heads.count < Self.batch.heads, bytes < Self.batch.bytes, let head = upcoming,
            head.signed.checkpoint.size <= size
        {
            heads.append(head)
            bytes += head.signed.note.encodedText.utf8.count
            advance()
        }
        return heads
    }

    /// Calls `body` with each signed checkpoint, smallest first; what is wrong with the file is
    /// thrown in the end.
    package mutating func forEach(_ body: (SignedCheckpoint) -> Void) throws(AuditError) {
        while case let some = heads(upTo: .max), !some.isEmpty {
            for head in some { body(head.signed) }
        }
        guard let first = findings.items.first else { return }
        throw .unreadable(
            "the file \(ExportPath.checkpoints): expected \(first.expected), found \(first.found)")
    }

    private mutating func advance() {
        do throws(AuditError) { try readNext() } catch {
            isAtEnd = true
            add(
                .layout, EvidencePlace("\(ExportPath.checkpoints)", line: lines.number + 1),
                "notes, each followed by an empty line", "\(error)")
        }
    }

    private mutating func readNext() throws(AuditError) {
        upcoming = nil
        while upcoming == nil, !isAtEnd {
            let line = lines.number + 1
            let place = EvidencePlace("\(ExportPath.checkpoints)", line: line)
            guard let note = try readNote(place) else { return }
            do throws(MerkleError) {
                let signed = try SignedCheckpoint(parsing: note)
                let size = signed.checkpoint.size
                guard size <= ExportedLog.maximumEntries else {
                    add(
                        .checkpoint, place, "at most \(ExportedLog.maximumEntries) entries",
                        "\(size)")
                    continue
                }
                if let lastSize, size <= lastSize {
                    add(
                        .layout, place, "a checkpoint of more than \(lastSize) entries",
                        "one of \(size)")
                    continue
                }
                lastSize = size
                upcoming = KnownHead("the checkpoint of size \(size)", signed, place: place)
            } catch {
                add(.checkpoint, place, "a signed checkpoint", "\(error)")
            }
        }
    }

    /// The bytes of one note: its text, an empty line, its signatures; nil at the end.
    private mutating func readNote(_ place: EvidencePlace) throws(AuditError) -> [UInt8]? {
        var note: [UInt8] = []
        var blanks = 0
        while blanks < 2 {
            guard let line = try lines.next() else {
                isAtEnd = true
                if !note.isEmpty { add(.layout, place, "an empty line after each note", "the end") }
                return nil
            }
            if line.isEmpty { blanks += 1 }
            if blanks < 2 {
                note += line
                note.append(UInt8(ascii: "\n"))
            }
            guard note.count <= Note.maximumBytes else {
                throw .unreadable(
                    "\(place): a note of more than \(Note.maximumBytes) bytes")
            }
        }
        return note
    }

    private mutating func add(
        _ rule: Finding.Rule, _ place: EvidencePlace, _ expected: String, _ found: String
    ) {
        findings.append(
            Finding(
                position: nil, rule: rule, place: place, expected: expected, found: found))
    }
}
