internal import Audit
public import Bytes
public import Export
internal import Ledger
public import Merkle

/// One of two copies of a log that are compared: a ledger's folder, an export of any kind, or a
/// signed checkpoint alone.
public struct ComparedLog: Sendable {
    /// Where it was found.
    public let path: String
    /// The log's identity.
    public let origin: String
    /// How many entries it has.
    public let size: UInt64
    /// The root over them.
    public let root: Digest32
    /// The newest signed checkpoint; nil for a ledger that has none yet.
    public let checkpoint: SignedCheckpoint?
    /// The log's key by the founding event; nil where that is not at hand.
    public let logKey: NoteVerifierKey?
    /// The checkpoint that a delta starts from.
    let since: SignedCheckpoint?
    let tree: ComparedTree?
    let export: OpenedExport?

    /// Whether the tree is at hand from the first entry on, and not its head or its end alone.
    public var hasTree: Bool { tree != nil && since == nil }

    /// Opens a ledger's folder; nothing of it is changed.
    public init(ledger path: String) throws(ComparisonError) {
        self.path = path
        let log = try Self.reading(path) { () throws(LedgerError) in
            try Log.open(path, .readOnly)
        }
        if let fault = log.fault { throw .unreadable(path: path, reason: "\(fault)") }
        let (size, root, checkpoint, first) = try Self.reading(path) { () throws(LedgerError) in
            try log.read { (view) throws(LedgerError) in
                let first = try view.entry(0)
                return (
                    view.size, try view.root(), try view.latestCheckpoint(),
                    [UInt8](capacity: first.count) { $0.append(first) }
                )
            }
        }
        (self.size, self.root, self.checkpoint) = (size, root, checkpoint)
        origin = log.origin
        logKey = try Self.logKey(first, log.ledgerID, path)
        tree = .ledger(log)
        (since, export) = (nil, nil)
    }

    /// Takes an export, a delta, a disclosure or a replica; of a URL only what the comparison needs
    /// is fetched, on the calling thread.
    public init(_ export: OpenedExport) throws(ComparisonError) {
        path = export.path
        self.export = export
        let signed = try Self.head(.checkpoint, of: export)
        let head = signed.checkpoint
        (size, root, checkpoint, origin) = (head.size, head.root, signed, head.origin)
        guard let ledger = Digest32(hex: String(head.origin.split(separator: "/").last ?? "")),
            head.size > 0, head.size <= ExportedLog.maximumEntries
        else { throw .unreadable(path: path, reason: "its checkpoint is of no ledger's log") }
        let isDelta = export.folder.has(.since)
        since = isDelta ? try Self.head(.since, of: export) : nil
        if DisclosureAudit.isDisclosure(export.folder) {
            let first = try Self.bytes(.disclosedEntry(0), of: export)
            logKey = try Self.logKey(first, ledger, path)
            tree = nil
            return
        }
        let tiles = StoredTiles(export.folder, size: head.size)
        let source = ExportSource(export.folder, size: head.size, start: 0)
        let first: [UInt8]?
        do throws(AuditError) { first = try source.entries(0..<1).first } catch {
            throw .unreadable(path: path, reason: "\(error)")
        }
        guard first != nil || isDelta else {
            throw .unreadable(path: path, reason: "it has no first entry of a ledger")
        }
        let path = path
        logKey = try first.map { (first) throws(ComparisonError) in
            try Self.logKey(first, ledger, path)
        }
        tree = .tiles(tiles)
        guard !isDelta else { return }
        guard (try? Merkle::root(size: head.size, tiles)) == head.root else {
            throw .unreadable(path: path, reason: "its tiles do not hash to its checkpoint")
        }
    }

    /// Takes a signed checkpoint that came from `path`, without any entry.
    public init(_ signed: SignedCheckpoint, from path: String) {
        self.path = path
        let head = signed.checkpoint
        (size, root, checkpoint, origin) = (head.size, head.root, signed, head.origin)
        (logKey, since, tree, export) = (nil, nil, nil, nil)
    }

    private init(_ delta: ComparedLog, tree: ComparedTree) {
        (path, origin, size, root) = (delta.path, delta.origin, delta.size, delta.root)
        (checkpoint, logKey, since) = (delta.checkpoint, delta.logKey, nil)
        (self.tree, export) = (tree, delta.export)
    }

    /// A delta with what it leaves out taken from another copy, whose tree had the root of
    /// ``since``; everything else as it is.
    func completed(by other: ComparedLog) -> ComparedLog {
        guard let size = since?.checkpoint.size, size <= other.size, let tree, other.hasTree,
            let older = other.tree
        else { return self }
        return ComparedLog(self, tree: .layered(tree, older, olderSize: size))
    }

    // MARK: What it proves

    /// The root of the first `size` entries, and the proof that the tree of `newSize` extends it;
    /// nil when what is here does not lead to them.
    func proven(
        _ size: UInt64, in newSize: UInt64
    ) throws(ComparisonError) -> (root: Digest32, proof: [Digest32])? {
        guard size <= newSize, newSize <= self.size, let tree else { return nil }
        var stored = try tree.proven(size, in: newSize, path)
        if stored == nil { stored = try startOfDelta(size, newSize) }
        guard let found = stored else { return nil }
        guard newSize == self.size else { return found }
        // Files say what they like: what they show must lead to the head.
        do throws(MerkleError) {
            try checkConsistency(
                found.proof, from: size, oldRoot: found.root, to: newSize, newRoot: root)
        } catch {
            throw .unreadable(
                path: path,
                reason: "its hashes of the first \(size) entries do not lead to its head")
        }
        return found
    }

    /// What a delta's own proof says of the head that it starts from.
    private func startOfDelta(
        _ size: UInt64, _ newSize: UInt64
    ) throws(ComparisonError) -> (root: Digest32, proof: [Digest32])? {
        guard let since, let export, size == since.checkpoint.size, newSize == self.size else {
            return nil
        }
        let content = try Self.read(export) { (folder) throws(AuditError) in
            try folder.consistencyProof()
        }
        switch content {
        case .success(let hashes): return (since.checkpoint.root, hashes)
        case .failure(let fault): throw .unreadable(path: path, reason: "\(fault)")
        }
    }

    /// The entry at `position`, as its leaf hash; nil when it is not at hand.
    func leaf(_ position: UInt64) throws(ComparisonError) -> Digest32? {
        guard position < size, let tree else { return nil }
        do throws(StoredTiles.Failure) { return try tree.hash(level: 0, index: position) } catch {
            guard case .outOfReach = error else {
                throw .unreadable(path: path, reason: "\(error)")
            }
            return nil
        }
    }

    /// The entry at `position`; nil when it is not at hand.
    public func entry(_ position: UInt64) throws(ComparisonError) -> [UInt8]? {
        guard position < size, let tree else { return nil }
        if let log = tree.log {
            return try Self.reading(path) { () throws(LedgerError) in
                try log.read { (view) throws(LedgerError) in
                    let entry = try view.entry(position)
                    return [UInt8](capacity: entry.count) { $0.append(entry) }
                }
            }
        }
        guard let export else { return nil }
        let source = ExportSource(export.folder, size: size, start: 0)
        do throws(AuditError) { return try source.entries(position..<position + 1).first } catch {
            throw .unreadable(path: path, reason: "\(error)")
        }
    }

    /// The leaf hashes of the entries that a disclosure shows, each proven up to its head.
    func disclosed() throws(ComparisonError) -> [UInt64: Digest32] {
        guard let export, let checkpoint, DisclosureAudit.isDisclosure(export.folder) else {
            return [:]
        }
        var leaves: [UInt64: Digest32] = [:]
        var names: [ExportPath] = []
        do throws(AuditError) {
            try FolderWalk.run(
                export.folder.path, take: { (file) throws(AuditError) in names.append(file) },
                refuse: { _ in })
        } catch { throw .unreadable(path: path, reason: "\(error)") }
        for case .disclosedEntry(let position) in names.prefix(4 * DisclosedChoice.maximumEvents) {
            let leaf = leafHash(try Self.bytes(.disclosedEntry(position), of: export))
            let bytes = try Self.bytes(.disclosedProof(position), of: export)
            do throws(MerkleError) {
                let proof = try LogProof(parsing: bytes)
                guard proof.index == position,
                    proof.checkpoint.checkpoint == checkpoint.checkpoint
                else { throw MerkleError.proof(line: 0, reason: "it is of another head") }
                try proof.check(leaf: leaf)
            } catch {
                throw .unreadable(
                    path: path, reason: "its proof of position \(position): \(error)")
            }
            leaves[position] = leaf
        }
        return leaves
    }
}
