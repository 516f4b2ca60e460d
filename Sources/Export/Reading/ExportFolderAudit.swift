internal import Audit
internal import Bytes
internal import Events
internal import Merkle
internal import State

/// The verification of an export on its way.
struct ExportFolderAudit {
    let terms: AuditTerms
    let exportKey: NoteVerifierKey?
    let folder: EvidenceFolder
    private(set) var report = AuditReport(ledger: .zero, name: "")
    private var signed: SignedCheckpoint?
    /// The checkpoint that a delta starts from.
    private var since: SignedCheckpoint?
    private var isDelta = false
    private var witnesses: [NoteVerifierKey] = []
    private var size: UInt64 = 0
    private(set) var heads: KnownHeads?
    private var history: CheckpointHistory?
    private var older: OlderRoots?
    private var stored: [Digest32] = []
    private var named: Set<Digest32> = []
    private var treeRoot: Digest32?
    /// Whether an entry was not admitted, so that what it names is not known.
    private var hasUnexplained = false

    /// After so many entries the checkpoints among them are looked at.
    private static let segment: UInt64 = 1 << 16

    init(_ terms: AuditTerms, _ folder: EvidenceFolder, exportKey: NoteVerifierKey?) {
        self.terms = terms
        self.folder = folder
        self.exportKey = exportKey
    }

    // MARK: Before the replay

    /// Reads the checkpoint, takes stock of the files, and says where entries are to be read.
    mutating func open() throws(AuditError) -> ExportSource {
        signed = try checkpoint(.checkpoint, isNeeded: true)
        since = try checkpoint(.since, isNeeded: false)
        let start = terms.kept?.head.size ?? 0
        if let count = signed?.checkpoint.size, count > ExportedLog.maximumEntries {
            signed = nil
            add(
                .checkpoint, .checkpoint, "at most \(ExportedLog.maximumEntries) entries",
                "\(count)")
        }
        if folder.isListed {
            try takeStock(from: start)
        } else {
            size = signed?.checkpoint.size ?? 0
        }
        let policy = try SenderPolicy(folder, terms)
        witnesses = policy.witnesses
        report.add([policy.finding].compactMap(\.self))
        if !folder.isListed {
            report.notChecked.append(
                .other(
                    "files that nothing names: a web server is asked for what is needed alone; the "
                        + "manifest is not read"))
        } else {
            let note = try ManifestNote(folder, checkpoint: signed?.checkpoint, key: exportKey)
            report.add(note.findings)
            report.notes += note.notes
            report.notChecked += note.notChecked
        }
        history = try CheckpointHistory(folder)
        return ExportSource(folder, size: size, start: isDelta ? since?.checkpoint.size ?? 0 : 0)
    }

    private mutating func takeStock(from start: UInt64) throws(AuditError) {
        var inventory = try Inventory(
            folder, size: signed?.checkpoint.size, isDelta: isDelta, from: start)
        try inventory.run()
        report.add(inventory.findings)
        report.add(inventory.manifestFindings)
        stored = inventory.blobs
        // Without a checkpoint the entries themselves say how many there are.
        size = signed?.checkpoint.size ?? inventory.lastBundle?.end ?? 0
    }

    private mutating func checkpoint(
        _ file: ExportPath, isNeeded: Bool
    ) throws(AuditError) -> SignedCheckpoint? {
        let content = try folder.signedCheckpoint(file)
        if case .failure(let fault) = content, fault.kind == .missing {
            // The inventory says so too, where there is one.
            if isNeeded, !folder.isListed { add(fault) }
            return nil
        }
        if file == .since { isDelta = true }
        switch content {
        case .success(let signed): return signed
        case .failure(let fault):
            add(fault)
            return nil
        }
    }

    /// Hashes the entries and compares the tiles.
    mutating func checkTree(from replay: Replay) throws(AuditError) {
        var check = try TileCheck(folder, size: size, from: replay.tree.frontier)
        try check.run { _ in }
        report.add(check.findings)
        treeRoot = check.root
        guard replay.size > 0 else { return }
        let head = replay.head
        let tiles = StoredTiles(folder, size: size)
        older = OlderRoots(before: head) { (size) throws(AuditError) in
            try tiles.provenRoot(at: size, in: head.size)
        }
    }

    /// Whether the export's entries go on where the replay starts.
    mutating func reaches(_ replay: Replay) -> Bool {
        let start = replay.size
        if start > size {
            add(
                .rollback, .checkpoint, "\(start) entries, which the kept result has verified",
                "\(size): an older export, or entries were removed")
            return false
        }
        return true
    }

    /// Has the report name the head of the checkpoint, of entries that nothing was replayed of.
    mutating func takeSignedHead() {
        guard let checkpoint = signed?.checkpoint else { return }
        report.takeUnreplayed(TreeHead(size: checkpoint.size, root: checkpoint.root))
    }

    /// The founding event is known: its key signs the log.
    mutating func begin(
        _ replay: Replay, _ source: ExportSource, passedOver start: UInt64
    ) throws(AuditError) {
        guard heads == nil, let state = replay.state else { return }
        if let expected = terms.ledgerID, expected != state.ledger {
            throw .otherLedger(expected: expected, found: state.ledger)
        }
        source.begin(state.ledger, at: start)
        do throws(MerkleError) {
            var heads = try KnownHeads(state, witnesses: witnesses)
            var known: [KnownHead] = []
            if let signed {
                known.append(
                    KnownHead("the checkpoint", signed, place: EvidencePlace("checkpoint")))
            }
            if let since {
                known.append(
                    KnownHead(
                        "the checkpoint that the delta starts from", since,
                        place: EvidencePlace("since")))
            }
            if let since = terms.since {
                known.append(KnownHead("the checkpoint given with --since", since))
            }
            report.add(heads.add(known))
            self.heads = heads
        } catch {
            report.add(
                Finding(
                    position: 0, rule: .checkpoint, expected: "a log key", found: "\(error)"))
        }
        checkConsistency()
    }

    /// The proof that a delta extends the checkpoint that it starts from.
    private mutating func checkConsistency() {
        guard isDelta, let since, let signed else { return }
        do {
            let proof: [Digest32]
            switch try folder.consistencyProof() {
            case .success(let hashes): proof = hashes
            case .failure(let fault):
                // The inventory tells what is missing or no file.
                if fault.kind == .malformed { add(fault) }
                return
            }
            try Merkle::checkConsistency(
                proof, from: since.checkpoint.size, oldRoot: since.checkpoint.root,
                to: signed.checkpoint.size, newRoot: signed.checkpoint.root)
        } catch {
            add(.rollback, .consistency, "a proof that the log extends the file since", "\(error)")
        }
    }

    // MARK: During the replay

    mutating func run(_ replay: inout Replay, _ source: ExportSource) throws(AuditError) {
        defer { report.take(replay, end: size) }
        let start = replay.size
        if start > 0 { try begin(replay, source, passedOver: start) }
        while replay.size < size {
            let end = min(replay.size + Self.segment, size)
            try replay.run(
                source, to: end,
                root: { (seen) throws(AuditError) in try older?.root(for: seen) },
                progress: { terms.progress($0, size) },
                observe: { (position, event, state, effects) throws(AuditError) in
                    guard let event else { return hasUnexplained = true }
                    note(event)
                    terms.observe(event, source)
                    terms.follow(position, event, state, effects, source)
                })
            try begin(replay, source, passedOver: start)
            try compareHeads(replay)
            // A gap ends the replay; there is a finding of it.
            guard replay.size == end else { break }
        }
        try compareHeads(replay)
    }

    private mutating func note(_ event: SignedEvent) {
        let fact = event.event.fact
        for digest in fact.blobDigests { named.insert(digest) }
    }

    private mutating func compareHeads(_ replay: Replay) throws(AuditError) {
        guard var heads else { return }
        self.heads = nil
        defer { self.heads = heads }
        // Those that the kept result covers were verified with it.
        let start = terms.kept?.head.size ?? 0
        var isMore = true
        while isMore {
            let known = history?.heads(upTo: replay.size) ?? []
            report.add(heads.add(known.filter { $0.signed.checkpoint.size >= start }))
            let found = try heads.compare(replay) { (size) throws(AuditError) in
                try older?.root(at: size)
            }
            report.add(found)
            isMore = !known.isEmpty
        }
    }

    // MARK: After the replay

    mutating func finish(_ replay: Replay) throws(AuditError) {
        if var history {
            // Each of these is a finding: the first ones say enough.
            let rest = history.heads(upTo: .max)
            report.add(heads?.add(rest) ?? [])
            report.add(history.findings)
            // Of a delta that brings nothing, those above its start are none.
            let isBare = signed?.checkpoint.size == since?.checkpoint.size
            if let signed, !isBare, history.lastSize ?? 0 < signed.checkpoint.size {
                add(
                    .layout, .checkpoints,
                    "the checkpoint of size \(signed.checkpoint.size), the last",
                    history.lastSize.map { "one of size \($0)" } ?? "none")
            }
        }
        report.add(heads?.beyond(size) ?? [])
        report.add(older?.findings ?? [])
        report.checkpointed = heads?.checkpointed ?? 0
        if let signed, replay.size < size, let treeRoot, treeRoot != signed.checkpoint.root {
            add(
                .checkpoint, .checkpoint, "the root \(treeRoot.hex), to which the entries lead",
                signed.checkpoint.root.hex)
        }
        if replay.size == size, !hasUnexplained { checkBlobs() }
        if let unreached = older?.unreached, unreached > 0 {
            report.notChecked.append(
                .other(
                    "the heads from before entry \(terms.kept?.head.size ?? 0) that \(unreached) "
                        + "events had seen: their tiles are not in this export"))
        }
        report.checkWitnesses(terms, heads?.newest ?? [], replay.state)
        report.close(replay.state)
    }

    /// Every blob that is there is named by an event; what it holds, the replay has compared.
    private mutating func checkBlobs() {
        guard terms.kept == nil else { return }
        for digest in stored where !named.contains(digest) {
            add(.layout, .blob(digest), "blobs that an event names", "one that none does")
        }
    }

    mutating func add(_ finding: Finding) { report.add(finding) }

    /// Takes over a report that has been added to.
    mutating func resume(_ report: AuditReport) { self.report = report }

    private mutating func add(_ fault: FileFault) {
        add(
            fault.kind == .malformed ? .checkpoint : .layout, fault.file, fault.expected,
            fault.found, line: fault.line)
    }

    private mutating func add(
        _ rule: Finding.Rule, _ file: ExportPath, _ expected: String, _ found: String,
        line: UInt64? = nil
    ) {
        report.add(
            Finding(
                position: nil, rule: rule, place: EvidencePlace("\(file)", line: line),
                expected: expected, found: found))
    }
}
