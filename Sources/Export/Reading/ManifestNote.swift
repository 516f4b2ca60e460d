internal import Audit
internal import Bytes
internal import Merkle

/// The signed note `verify/SHA256SUMS.note`, which vouches for the manifest.
struct ManifestNote {
    private(set) var findings: [Finding] = []
    private(set) var notes: [String] = []
    private(set) var notChecked: [Gap] = []

    /// Checks what the note says against the export, and its signature under `key`, when the
    /// auditor knows that.
    init(
        _ folder: EvidenceFolder, checkpoint: Checkpoint?, key: NoteVerifierKey?
    ) throws(AuditError) {
        let sums = try folder.digest(of: .sums)
        switch try folder.read(.sumsNote) {
        case .missing:
            // That a file is missing is for the inventory to say.
            if key != nil {
                add("a note signed by the key given with --export-key", "no such file")
            }
            notes.append("nobody vouches for the choice of files: the manifest is not signed")
        case .refused(let reason): add("a signed note", reason)
        case .bytes(let bytes):
            do throws(MerkleError) {
                check(try Note(parsing: bytes), checkpoint, sums, key)
            } catch { add("a signed note", "\(error)") }
        }
    }

    private mutating func check(
        _ note: Note, _ checkpoint: Checkpoint?, _ sums: Digest32?, _ key: NoteVerifierKey?
    ) {
        let lines = note.text.split(separator: "\n", omittingEmptySubsequences: false)
        if let checkpoint {
            let text = ExportManifest(checkpoint: checkpoint, sums: sums ?? .zero).text
            let wanted = text.split(separator: "\n", omittingEmptySubsequences: false)
            for (index, line) in wanted.enumerated() {
                let found = index < lines.count ? String(lines[index]) : "the end"
                guard !found.utf8.elementsEqual(line.utf8) else { continue }
                add(line.isEmpty ? "the end" : "\(line)", found.escapedForDisplay, line: index + 1)
                break
            }
            if lines.count > wanted.count { add("five lines", "more", line: 6) }
            let name = "\(checkpoint.origin)/export"
            if !note.signatures.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
                add("a signature by \(name)", "none by a key of that name")
            }
        } else {
            // Without a checkpoint to compare the others with, the last line stands for itself.
            let wanted = encodeBase64((sums ?? .zero).array)
            let found = lines.count > 4 ? String(lines[4]) : "the end"
            if found != wanted { add(wanted, found.escapedForDisplay, line: 5) }
        }
        guard let key else {
            return notChecked.append(
                .other(
                    "the manifest's signature: give the sender's key with --export-key"))
        }
        let signatures = note.signatures.filter {
            $0.keyID == key.id && $0.name.utf8.elementsEqual(key.name.utf8)
        }
        if signatures.isEmpty {
            add("the signature of \(key.name), the key given with --export-key", "none")
        } else if !signatures.allSatisfy({ key.isValid($0.bytes, for: note.text) }) {
            add("the signature of \(key.name)", "one that does not verify")
        }
    }

    private mutating func add(_ expected: String, _ found: String, line: Int? = nil) {
        findings.append(
            Finding(
                position: nil, rule: .manifest,
                place: EvidencePlace("\(ExportPath.sumsNote)", line: line.map { UInt64($0) }),
                expected: expected, found: found))
    }
}
