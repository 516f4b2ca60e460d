internal import Audit
internal import Bytes
internal import Events
internal import Keys
internal import Merkle

/// The check of a disclosure on its way.
struct DisclosureFolderAudit {
    private let folder: EvidenceFolder
    private let ledger: Digest32
    private let key: NoteVerifierKey
    private var report: AuditReport
    private var head: SignedCheckpoint?
    private var positions: [UInt64] = []
    private var proven: Set<UInt64> = []
    private var blobs: Set<Digest32> = []
    private var evidence: [Digest32: UInt64] = [:]
    private var documents: [Digest32: (position: UInt64, fact: Attached)] = [:]
    private var persons: [Digest32: (position: UInt64, member: MemberName)] = [:]

    /// Reads the founding event, from which everything else follows.
    init(_ folder: EvidenceFolder, _ expected: Digest32?) throws(AuditError) {
        self.folder = folder
        guard case .bytes(let bytes) = try folder.read(.disclosedEntry(0)) else {
            throw .unfounded("there is no \(ExportPath.disclosedEntry(0)), which names the key")
        }
        let event: SignedEvent
        do {
            let entry = try Entry(decoding: bytes.span)
            event = try SignedEvent(decoding: entry.event, ledger: nil)
        } catch { throw .unfounded("\(error)") }
        guard case .founded(let founded) = event.event.fact else {
            throw .unfounded("the entry at position 0 is \(event.event.fact.type.rawValue)")
        }
        if let expected, expected != event.id {
            throw .otherLedger(expected: expected, found: event.id)
        }
        ledger = event.id
        do throws(MerkleError) {
            key = try NoteVerifierKey(
                logOf: event.id, named: founded.name.text, publicKey: founded.logKey)
        } catch { throw .unfounded("\(error)") }
        report = AuditReport(ledger: event.id, name: founded.name.text)
    }

    mutating func add(_ findings: [Finding]) { report.add(findings) }

    // MARK: Files

    /// Walks through the folder and compares every file with the manifest.
    mutating func checkFiles(_ exportKey: NoteVerifierKey?) throws(AuditError) {
        let lines = try manifestLines()
        var listed = lines ?? [:]
        var needed: Set<ExportPath> = [.readme, .policy, .schema(""), .sums, .sumsNote]
        var found: [ExportPath] = []
        var strangers: [FolderWalk.Stranger] = []
        try FolderWalk.run(
            folder.path, take: { (file) throws(AuditError) in found.append(file) },
            refuse: { strangers.append($0) })
        for stranger in strangers {
            add(.layout, stranger.path.escapedForDisplay, "files of a disclosure", stranger.reason)
        }
        for file in found {
            try take(file)
            needed.remove(file)
            if case .schema = file { needed.remove(.schema("")) }
            guard lines != nil, file != .sums, file != .sumsNote else { continue }
            guard let digest = listed.removeValue(forKey: file) else {
                add(.manifest, "\(file)", "a line in \(ExportPath.sums)", "none")
                continue
            }
            let computed = try folder.digest(of: file)
            guard computed != digest else { continue }
            add(
                .manifest, "\(file)", "SHA-256 \(digest.hex)",
                computed?.hex ?? "not a regular file")
        }
        for file in listed.keys.sorted(by: { "\($0)" < "\($1)" }) {
            add(.manifest, "\(file)", "the file, which the manifest lists", "no such file")
        }
        for name in needed.map({ $0 == .schema("") ? "schemas" : "\($0)" }).sorted() {
            add(.layout, name, "the file", "none")
        }
        head = try checkpoint()
        let note = try ManifestNote(folder, checkpoint: head?.checkpoint, key: exportKey)
        report.add(note.findings)
        report.notes += note.notes
        report.notChecked += note.notChecked
    }

    private mutating func take(_ file: ExportPath) throws(AuditError) {
        switch file {
        case .disclosedEntry(let position): positions.append(position)
        case .disclosedProof(let position): proven.insert(position)
        case .blob(let digest): blobs.insert(digest)
        case .checkpoints, .consistency, .since, .tile, .entries, .kept:
            add(.layout, "\(file)", "files of a disclosure", "one of an export of the whole log")
        case .readme, .schema, .policy, .sums, .sumsNote:
            guard let reason = try folder.refusal(of: file) else { return }
            add(.layout, "\(file)", "a file of at most \(file.maximumBytes) bytes", reason)
        // Its reader says what is wrong with it.
        case .checkpoint: break
        }
    }

    /// The manifest; nil when there is none.
    private mutating func manifestLines() throws(AuditError) -> [ExportPath: Digest32]? {
        guard var manifest = try Manifest(folder) else { return nil }
        var lines: [ExportPath: Digest32] = [:]
        // Two files an event, and a blob for many: more lines than that are no disclosure's.
        let limit = 8 * DisclosedChoice.maximumEvents
        while let line = try manifest.next() {
            guard lines.count < limit else {
                throw .unreadable("\(ExportPath.sums) has more than \(limit) lines")
            }
            lines[line.file] = line.digest
        }
        report.add(manifest.findings)
        return lines
    }

    private mutating func checkpoint() throws(AuditError) -> SignedCheckpoint? {
        switch try folder.signedCheckpoint(.checkpoint) {
        case .success(let signed): return signed
        case .failure(let fault):
            add(
                fault.kind == .malformed ? .checkpoint : .layout, "\(fault.file)",
                fault.expected, fault.found)
            return nil
        }
    }

    // MARK: What the files say

    mutating func checkHead(_ terms: AuditTerms) throws(AuditError) {
        let policy = try SenderPolicy(folder, terms)
        report.add([policy.finding].compactMap(\.self))
        guard let head else { return }
        do throws(MerkleError) {
            _ = try head.verified(with: key)
            report.checkpointed = head.checkpoint.size
            let known = KnownHead(
                "the checkpoint", head, place: EvidencePlace("\(ExportPath.checkpoint)"))
            report.add(policy.witnesses.compactMap { known.forgery(of: $0) })
        } catch {
            add(
                .checkpoint, "\(ExportPath.checkpoint)", "the signature of \(key.name)",
                "\(error)")
        }
        report.head = TreeHead(size: head.checkpoint.size, root: head.checkpoint.root)
        report.checkWitnesses(terms, report.checkpointed > 0 ? [head] : [], nil)
        if let since = terms.since { compare(head.checkpoint, with: since) }
    }

    /// What two heads say without a proof between them.
    private mutating func compare(_ head: Checkpoint, with signed: SignedCheckpoint) {
        let file = "\(ExportPath.checkpoint)"
        let since = signed.checkpoint
        do throws(MerkleError) { _ = try signed.verified(with: key) } catch {
            return report.add(
                Finding(
                    position: nil, rule: .checkpoint,
                    expected:
                        "the signature of \(key.name) under the checkpoint given with --since",
                    found: "\(error)"))
        }
        guard since.size <= head.size else {
            return add(
                .rollback, file,
                "\(since.size) entries, which the checkpoint given with --since has signed",
                "\(head.size): an older copy, or entries were removed")
        }
        guard since.size == head.size else {
            return report.notChecked.append(
                .other(
                    "that the log extends the checkpoint given with --since: a disclosure holds no "
                        + "proof of it"))
        }
        guard since.root != head.root else { return }
        add(
            .rollback, file,
            "the root \(since.root.hex) at size \(since.size), which the checkpoint given with "
                + "--since has signed",
            "\(head.root.hex): there are two histories, keep both as evidence",
            at: since.size == 0 ? nil : since.size - 1)
    }

    mutating func checkEvents() throws(AuditError) {
        if positions.count > DisclosedChoice.maximumEvents {
            throw .unreadable(
                "\(positions.count) entries; a disclosure has at most "
                    + "\(DisclosedChoice.maximumEvents)")
        }
        for position in positions {
            guard case .bytes(let bytes) = try folder.read(.disclosedEntry(position)) else {
                add(
                    .layout, "\(ExportPath.disclosedEntry(position))",
                    "an entry of at most \(EntryBundle.maximumEntryBytes) bytes", "another file")
                continue
            }
            try checkProof(of: bytes, at: position)
            checkEvent(bytes, at: position)
        }
        for position in proven.subtracting(positions).sorted() {
            add(.layout, "\(ExportPath.disclosedProof(position))", "an entry beside it", "none")
        }
    }

    private mutating func checkProof(of entry: [UInt8], at position: UInt64) throws(AuditError) {
        let file = ExportPath.disclosedProof(position)
        guard case .bytes(let bytes) = try folder.read(file) else {
            return add(.tree, "\(file)", "a proof", "none that can be read", at: position)
        }
        do throws(MerkleError) {
            let proof = try LogProof(parsing: bytes)
            guard proof.index == position else {
                return add(.tree, "\(file)", "index \(position)", "\(proof.index)", at: position)
            }
            guard let head, proof.checkpoint.checkpoint == head.checkpoint else {
                return add(
                    .tree, "\(file)", "a proof that leads to the head in `checkpoint`",
                    "one that leads to \(proof.checkpoint.checkpoint)", at: position)
            }
            _ = try proof.verified(leaf: leafHash(entry), with: key)
        } catch {
            add(.tree, "\(file)", "the proof that the entry stands there", "\(error)", at: position)
        }
    }

    private mutating func checkEvent(_ bytes: [UInt8], at position: UInt64) {
        let event: SignedEvent
        do {
            let entry = try Entry(decoding: bytes.span)
            event = try SignedEvent(decoding: entry.event, ledger: position == 0 ? nil : ledger)
        } catch {
            return add(
                .encoding, "\(ExportPath.disclosedEntry(position))",
                "an entry in its only encoding", "\(error)", at: position)
        }
        report.signatures += 1
        if PublicKey(event.author)?.isValid(event.signature, for: event.id) != true {
            report.add(
                Finding(
                    position: position, event: event.id, rule: .signature,
                    expected: "a signature of \(event.author.hex)", found: "another one"))
        }
        report.counts[event.event.fact.type, default: 0] += 1
        note(event.event.fact, at: position)
    }

    private mutating func note(_ fact: Fact, at position: UInt64) {
        for reference in fact.evidence { evidence[reference.digest] = position }
        switch fact {
        case .attached(let attached): documents[attached.document.digest] = (position, attached)
        case .founded(let founded):
            for member in founded.members { note(member, at: position) }
        case .initiated(let initiated):
            if case .enrolMember(let member) = initiated.request { note(member, at: position) }
        default: break
        }
    }

    private mutating func note(_ enrolment: Enrolment, at position: UInt64) {
        if let person = enrolment.person { persons[person] = (position, enrolment.member) }
    }

    mutating func checkBlobs() throws(AuditError) {
        for digest in blobs.sorted() {
            let file = ExportPath.blob(digest)
            guard try folder.digest(of: file) == digest else {
                add(.blob, "\(file)", "bytes with that SHA-256", "others")
                continue
            }
            if let document = documents[digest] {
                try open(document.fact, at: document.position)
            } else if let person = persons[digest] {
                try open(digest, of: person.member, at: person.position)
            } else if evidence[digest] == nil {
                add(.layout, "\(file)", "blobs that a disclosed event names", "one that none does")
            }
        }
        report.opened.sort { $0.position < $1.position }
        for (digest, position) in evidence.sorted(by: { $0.value < $1.value })
        where !blobs.contains(digest) {
            add(
                .blob, "\(ExportPath.blob(digest))", "the blob, which the event's judgement needs",
                "no such file", at: position)
        }
    }

    private func bytes(behind digest: Digest32) throws(AuditError) -> [UInt8] {
        guard case .bytes(let bytes) = try folder.read(.blob(digest)) else { return [] }
        return bytes
    }

    private mutating func open(_ fact: Attached, at position: UInt64) throws(AuditError) {
        let digest = fact.document.digest
        let bytes = try bytes(behind: digest)
        guard bytes.count == fact.document.size, let value = SaltedValue(blob: bytes) else {
            return add(
                .blob, "\(ExportPath.blob(digest))",
                "the salt and document of \(fact.document.size) bytes that the event attaches",
                "\(bytes.count) bytes", at: position)
        }
        show(
            OpenedValue(
                position: position,
                .document(
                    label: fact.label, bytes: value.value.count, digest: sha256(value.value))))
    }

    private mutating func open(
        _ digest: Digest32, of member: MemberName, at position: UInt64
    ) throws(AuditError) {
        let bytes = try bytes(behind: digest)
        guard let name = SaltedValue(blob: bytes)?.name else {
            return add(
                .blob, "\(ExportPath.blob(digest))",
                "a salt, and a name in one line of at most \(SaltedValue.nameLimit) bytes",
                "\(bytes.count) bytes that are none", at: position)
        }
        show(OpenedValue(position: position, .person(member, name: name)))
    }

    private mutating func show(_ value: OpenedValue) {
        guard report.opened.count < AuditReport.findingLimit else { return }
        report.opened.append(value)
    }

    /// The report, with what a disclosure leaves open.
    var finished: AuditReport {
        var report = report
        let closed = documents.keys.count { !blobs.contains($0) }
        let names = persons.keys.count { !blobs.contains($0) }
        report.notes.append(
            "a disclosure: \(positions.count) of \(report.head.size) entries, each proven to "
                + "stand at its place; \(closed) of their documents are closed, and \(names) of "
                + "the names that they commit to")
        report.notChecked.append(
            .other(
                "decisions: whether the events were allowed follows from all events before them, "
                    + "which are not here"))
        report.notChecked.append(
            .other(
                "completeness: whether these are all events about their subject"))
        report.findings.sort()
        return report
    }

    private mutating func add(
        _ rule: Finding.Rule, _ path: String, _ expected: String, _ found: String,
        at position: UInt64? = nil
    ) {
        report.add(
            Finding(
                position: position, rule: rule, place: EvidencePlace(path), expected: expected,
                found: found))
    }
}
