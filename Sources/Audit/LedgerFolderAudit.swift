internal import Bitcoin
internal import Bytes
internal import Events
internal import Ledger
internal import Merkle
internal import State

/// The verification of a ledger's folder on its way: what its tables hold, compared with what the
/// replay derives.
struct LedgerFolderAudit {
    let log: Log
    let source: LogSource
    let terms: AuditTerms
    var report: AuditReport
    private(set) var state: LedgerState?

    /// The rows that must be there.
    private var rows = RowCounts()
    /// Entries that were not admitted, whose rows nothing explains.
    private var unexplained: UInt64 = 0
    private var snapshots: Set<UInt64> = []
    private var blobs: Set<Digest32> = []
    private(set) var heads: KnownHeads?
    private var older: OlderRoots?
    /// The size from which on stored checkpoints were not taken yet.
    private var nextCheckpoint: UInt64 = 0
    private var hasStrangeCheckpoint = false
    /// How many of them are held at a time, and of how many bytes.
    private static let page = (rows: 1_024, bytes: 4 * Note.maximumBytes)
    /// Where the replay started.
    private var start: UInt64 = 0
    private var replayed: UInt64 = 0

    init(_ log: Log, _ source: LogSource, _ terms: AuditTerms) {
        self.terms = terms
        self.log = log
        self.source = source
        report = AuditReport(ledger: log.ledgerID, name: log.name)
    }

    // MARK: Before the replay

    /// Compares the stored tree with the head that the replay starts from. Whether the log extends
    /// it.
    mutating func extends(_ start: Replay) throws(AuditError) -> Bool {
        let head = start.head
        guard head.size > 0 else { return true }
        guard let stored = try source.root(at: head.size) else {
            add(
                .rollback, "\(head.size) entries, which the kept result has verified",
                "\(source.size): an older copy, or entries were removed")
            return false
        }
        guard stored == head.root else {
            add(
                .rollback, "the root \(head.root.hex) at size \(head.size), of the kept result",
                "\(stored.hex): there are two histories, keep both as evidence",
                at: head.size - 1)
            return false
        }
        older = OlderRoots(before: head) { [source] (size) throws(AuditError) in
            try source.provenRoot(at: size, in: head.size)
        }
        return true
    }

    /// Has the report name the head that is stored, of entries that nothing was replayed of.
    mutating func takeStoredHead() throws(AuditError) {
        let root = try source.root(at: source.size) ?? .zero
        report.takeUnreplayed(TreeHead(size: source.size, root: root))
    }

    /// Compares the stored tree with the one that the replay of the new entries came to.
    mutating func compareRoot(_ replay: Replay) throws(AuditError) {
        guard start > 0, replay.size == source.size else { return }
        guard let stored = try source.root(at: replay.size), stored != replay.head.root else {
            return
        }
        add(
            .tree,
            "the root \(replay.head.root.hex) at size \(replay.size), to which the entries "
                + "after the kept result lead", stored.hex)
    }

    /// Compares stored hashes and blobs with the entries, and gathers what the replay will meet.
    mutating func checkStored(from start: Replay) {
        self.start = start.size
        nextCheckpoint = start.size
        if start.size == 0 {
            reading("the tree") { audit throws(LedgerError) in
                for error in try audit.log.check() { audit.report.add(Finding(error)) }
            }
        }
        reading("the snapshots") { audit throws(LedgerError) in
            let sizes = try audit.log.read { (view) throws(LedgerError) in
                try view.snapshotSizes()
            }
            for size in sizes {
                guard let size, size >= 1, size <= audit.source.size else {
                    audit.add(
                        .projection, "snapshots of sizes up to \(audit.source.size)",
                        "one of size \(size.map { "\($0)" } ?? "that is no number")")
                    continue
                }
                if size > audit.start { audit.snapshots.insert(size) }
            }
        }
    }

    /// The founding event is known: its key signs the log, and its names must be those stored.
    mutating func begin(_ replay: Replay) throws(AuditError) {
        guard let state = replay.state else { return }
        if let expecting = terms.ledgerID, expecting != state.ledger {
            throw .otherLedger(expected: expecting, found: state.ledger)
        }
        if state.ledger != log.ledgerID {
            add(
                .projection, "the ledger id \(state.ledger.hex), the founding event's",
                "\(log.ledgerID.hex) in the table meta")
        }
        if state.founding.name.text != log.name {
            add(
                .projection, "the name \(state.founding.name), the founding event's",
                "\(log.name.escapedForDisplay) in the table meta")
        }
        let witnesses = terms.policy?.witnesses.map(\.key) ?? []
        do { heads = try KnownHeads(state, witnesses: witnesses) } catch {
            add(.checkpoint, "a log key", "\(error)")
        }
        gatherHeads()
    }

    private mutating func gatherHeads() {
        if let since = terms.since { know(KnownHead("the checkpoint given with --since", since)) }
        do throws(LedgerError) {
            if let head = try log.head() {
                know(KnownHead("the head file", head))
            } else {
                report.notes.append(
                    "there is no head file: a restored older copy could not be told by it")
            }
        } catch { add(.checkpoint, "a signed checkpoint in the head file", "\(error)") }
    }

    /// Takes the next stored checkpoints of sizes up to `size`, some at a time, since there may be
    /// as many as entries; returns whether there were any.
    private mutating func takeCheckpoints(upTo size: UInt64) -> Bool {
        var found: [(size: UInt64, signed: Result<SignedCheckpoint, MerkleError>)] = []
        var isStrange = false
        reading("the checkpoints") { audit throws(LedgerError) in
            var bytes = 0
            let start = audit.nextCheckpoint
            try audit.log.read { (view) throws(LedgerError) in
                try view.forEachCheckpointRow(from: start) { (row, note) throws(LedgerError) in
                    guard let row else {
                        isStrange = true
                        return true
                    }
                    guard row <= size else { return false }
                    bytes += note.count
                    let copy = [UInt8](capacity: note.count) { $0.append(note) }
                    do throws(MerkleError) {
                        found.append((row, .success(try SignedCheckpoint(parsing: copy))))
                    } catch { found.append((row, .failure(error))) }
                    return found.count < Self.page.rows && bytes < Self.page.bytes
                }
            }
        }
        if isStrange, !hasStrangeCheckpoint {
            hasStrangeCheckpoint = true
            add(.checkpoint, "stored checkpoints by their sizes", "one by what is no number")
        }
        if let last = found.last?.size { nextCheckpoint = last == .max ? .max : last + 1 }
        var known: [KnownHead] = []
        for (size, parsed) in found {
            let label = "the stored checkpoint of size \(size)"
            switch parsed {
            case .failure(let error): add(.checkpoint, "a signed note as \(label)", "\(error)")
            case .success(let signed):
                if signed.checkpoint.size != size {
                    add(.checkpoint, label, "one of size \(signed.checkpoint.size) in its place")
                }
                known.append(KnownHead(label, signed))
            }
        }
        report.add(heads?.add(known) ?? [])
        return !found.isEmpty
    }

    /// Takes the checkpoints that the replay did not reach, and those of more entries than there
    /// are: not of those that came during the audit; of the others the first ones say enough.
    private mutating func takeCheckpointsBeyond() {
        while takeCheckpoints(upTo: source.size) {}
        reading("the size") { audit throws(LedgerError) in
            let size = try audit.log.read { (view) throws(LedgerError) in view.size }
            audit.nextCheckpoint = max(audit.nextCheckpoint, size + 1)
        }
        _ = takeCheckpoints(upTo: .max)
    }

    private mutating func know(_ head: KnownHead) {
        report.add(heads?.add([head]) ?? [])
    }

    // MARK: During the replay

    /// The root of an older size than the replay's start, for an event that has seen it.
    mutating func root(for seen: TreeHead) throws(AuditError) -> Digest32? {
        try older?.root(for: seen)
    }

    /// Compares the roots of the known heads that the replay has passed.
    mutating func compareHeads(_ replay: Replay) throws(AuditError) {
        var isMore = true
        while isMore {
            isMore = takeCheckpoints(upTo: replay.size)
            guard var heads else { return }
            self.heads = nil
            defer { self.heads = heads }
            let found = try heads.compare(replay) { (size) throws(AuditError) in
                try older?.root(at: size)
            }
            report.add(found)
        }
    }

    /// Compares the rows that follow from one entry.
    mutating func compare(
        _ position: UInt64, _ event: SignedEvent?, _ state: LedgerState,
        _ effects: LedgerState.Effects
    ) {
        reading("the indexes") { audit throws(LedgerError) in
            try audit.compareIndexes(position, event, state)
            for outcome in effects.outcomes { try audit.compare(outcome, at: position) }
            if audit.snapshots.contains(state.size) { try audit.compareSnapshot(state) }
        }
    }

    private mutating func compareIndexes(
        _ position: UInt64, _ event: SignedEvent?, _ state: LedgerState
    ) throws(LedgerError) {
        guard let event else { return unexplained += 1 }
        let fact = event.event.fact
        rows.authors += 1
        blobs.formUnion(fact.blobDigests)
        let isInitiation = fact.type == .initiated
        let request = event.request
        let number = isInitiation ? state.nextNumber - 1 : nil
        let found = try log.read { (view) throws(LedgerError) in
            (
                author: try view.event(of: event.author, sequence: event.event.sequence),
                hasRequest: try request.map { (id) throws(LedgerError) in
                    try view.hasRow(ofRequest: id, at: position)
                } ?? true,
                numbered: try number.map { (number) throws(LedgerError) in
                    try view.request(number: number)
                } ?? nil
            )
        }
        if found.author?.position != position || found.author?.id != event.id {
            add(
                .projection, "the event \(event.id.hex) at its place in the table authors",
                found.author.map { "\($0.id.hex) at position \($0.position)" } ?? "no row",
                at: position)
        }
        if request != nil {
            rows.requests += 1
            if !found.hasRequest {
                add(
                    .projection, "a row for its request in the table requests", "no row",
                    at: position)
            }
        }
        guard let number else { return }
        rows.numbers += 1
        if found.numbered != event.id {
            add(
                .projection, "the number \(number) for the request \(event.id.hex)",
                found.numbered?.hex ?? "no row in the table numbers", at: position)
        }
    }

    private mutating func compare(
        _ outcome: RequestOutcome, at position: UInt64
    ) throws(LedgerError) {
        rows.outcomes += 1
        let stored = try log.read { (view) throws(LedgerError) -> [UInt8]? in
            guard let row = try view.outcome(number: outcome.number) else { return nil }
            return [UInt8](capacity: row.count) { $0.append(row) }
        }
        guard stored != outcome.encoded else { return }
        let found = stored.map { (try? RequestOutcome(decoding: $0.span))?.status.rawValue }
        add(
            .projection, "request \(outcome.number) to have ended as \(outcome.status.rawValue)",
            found.map { "\($0 ?? "other bytes") in the table outcomes" } ?? "no row", at: position)
    }

    private mutating func compareSnapshot(_ state: LedgerState) throws(LedgerError) {
        snapshots.remove(state.size)
        let expected = state.encoded
        let isEqual = try log.read { (view) throws(LedgerError) -> Bool in
            guard let stored = try view.snapshot(size: state.size),
                stored.count == expected.count
            else { return false }
            return sha256(stored) == sha256(expected)
        }
        if !isEqual {
            add(
                .projection, "a snapshot of size \(state.size) that follows from the entries",
                "another state", at: state.size - 1)
        }
    }

    // MARK: After the replay

    mutating func take(_ replay: Replay) {
        replayed = replay.size
        report.take(replay, end: source.size)
        state = replay.state
    }

    mutating func finish() {
        if replayed == source.size { compareCounts() }
        report.add(older?.findings ?? [])
        takeCheckpointsBeyond()
        report.add(heads?.beyond(source.size) ?? [])
        report.checkpointed = heads?.checkpointed ?? 0
        report.checkWitnesses(terms, heads?.newest ?? [], state)
        noteEvidence()
        noteGrowth()
        report.close(state)
    }

    private mutating func compareCounts() {
        guard start == 0 else {
            return report.notChecked.append(
                .other(
                    "the tables, as far as they are of the first \(start) entries: only rows that "
                        + "follow from later ones are compared"))
        }
        reading("the indexes") { audit throws(LedgerError) in
            let stored = try audit.log.read { (view) throws(LedgerError) in
                try view.rowCounts()
            }
            let pairs = [
                ("authors", audit.rows.authors, stored.authors),
                ("requests", audit.rows.requests, stored.requests),
                ("numbers", audit.rows.numbers, stored.numbers),
                ("outcomes", audit.rows.outcomes, stored.outcomes),
            ]
            // Entries that were not admitted have findings and rows of their own.
            for (table, expected, found) in pairs
            where found != expected && (audit.unexplained == 0 || found < expected) {
                audit.add(.projection, "\(expected) rows in the table \(table)", "\(found)")
            }
            var strangers: [Digest32] = []
            try audit.log.read { (view) throws(LedgerError) in
                try view.forEachBlob { (digest) throws(LedgerError) in
                    guard !audit.blobs.contains(digest), strangers.count < 100 else { return }
                    strangers.append(digest)
                }
            }
            for digest in strangers where audit.unexplained == 0 {
                audit.add(.projection, "blobs that an event names", "the blob \(digest.hex)")
            }
        }
    }

    private mutating func noteEvidence() {
        reading("the evidence") { audit throws(LedgerError) in
            var count = 0
            try audit.log.read { (view) throws(LedgerError) in
                try view.forEachEvidence { (_, _) throws(LedgerError) in
                    count += 1
                    return true
                }
            }
            guard count > 0 else { return }
            audit.report.notes.append(
                "\(count) refused event\(count == 1 ? " is" : "s are") kept as evidence of "
                    + "equivocation or of a fork")
        }
    }

    private mutating func noteGrowth() {
        reading("the size") { audit throws(LedgerError) in
            let size = try audit.log.read { (view) throws(LedgerError) in view.size }
            guard size != audit.source.size else { return }
            audit.report.notes.append(
                "the ledger grew from \(audit.source.size) to \(size) entries during the audit: "
                    + "verify a backup, or again when nobody appends, before you act on a finding")
        }
    }

    // MARK: Findings

    private mutating func add(
        _ rule: Finding.Rule, _ expected: String, _ found: String, at position: UInt64? = nil
    ) {
        report.add(Finding(position: position, rule: rule, expected: expected, found: found))
    }

    /// Runs a comparison; that it can not be read is a finding too.
    private mutating func reading(
        _ what: String, _ body: (inout LedgerFolderAudit) throws(LedgerError) -> Void
    ) {
        do { try body(&self) } catch { report.add(Finding(error, reading: what)) }
    }
}
