internal import Bytes
public import Ledger
public import Merkle
internal import Schemas

/// An export of a log up to its newest signed checkpoint (`Schemas/export.md`).
///
/// It reads one unchanging state of the log, while others go on appending, and its memory does not
/// grow with the log. The entries are hashed on their way out: what does not lead to the signed
/// root is not handed over.
public struct LogExport {
    /// Who vouches for the files.
    public var signer: ExportSigner
    /// Whose signatures a checkpoint needs, for `tlog-policy`; nil for one that names the log's key
    /// alone.
    public var policy: WitnessPolicy?
    /// The older checkpoint that the reader has; nil for a whole export.
    public var since: SignedCheckpoint?
    /// Called with the temporary name of what is written, as soon as it is there.
    public var begun: (String) -> Void = { _ in }
    /// Called now and then with how many entries of how many are written.
    public var progress: (UInt64, UInt64) -> Void = { _, _ in }

    /// Creates a whole export.
    public init(signer: ExportSigner) { self.signer = signer }

    /// What was written.
    public struct Summary: Sendable, Hashable {
        /// The head that was exported.
        public let checkpoint: Checkpoint
        /// How many entries are in the export.
        public let entries: UInt64
        /// How many entries of the log are newer than its newest checkpoint, and not exported.
        public let uncheckpointed: UInt64
        /// How many files there are.
        public let files: UInt64
        /// How many bytes they have together.
        public let bytes: UInt64
    }

    /// Writes the export; under its name it appears whole and durable, or not at all.
    public func write(_ log: Log, to target: ExportTarget) throws(ExportError) -> Summary {
        try log.read { (view) throws(ExportError) in
            let exported = try ExportedLog(log, view)
            let since = try since.map { (since) throws(ExportError) in
                try exported.checkAncestor(since, view)
            }
            let files = try ExportFiles(target, begun: begun)
            let text = RecipientText(exported, since: since?.checkpoint, signer: signer.key)
            try files.write(.readme, Array(text.readme.utf8).span)
            try writeBlobs(exported, view, files)
            let head = Array(exported.head.signed.note.encodedText.utf8)
            try files.write(.checkpoint, head.span)
            try writeCheckpoints(exported, view, files)
            try writeConsistency(exported, view, files)
            for schema in EmbeddedSchemas.files {
                try files.write(.schema(schema.name), Array(schema.text.utf8).span)
            }
            if let since { try files.write(.since, Array(since.note.encodedText.utf8).span) }
            try writeTree(exported, view, files)
            let policy = policy ?? WitnessPolicy(log: exported.key)
            try files.write(.policy, policy.encoded.span)
            try files.finish(exported.checkpoint, by: signer)
            return Summary(
                checkpoint: exported.checkpoint, entries: exported.size - start,
                uncheckpointed: exported.newer, files: files.count, bytes: files.bytes)
        }
    }

    /// How many bytes of bundles are read, then hashed on all cores, at a time.
    private static let bytesAtOnce = 4 << 20

    /// The first entry that the reader does not have.
    private var start: UInt64 { since?.checkpoint.size ?? 0 }

    // MARK: The parts, in the order of their paths

    private func writeBlobs(
        _ exported: ExportedLog, _ view: borrowing LogView, _ files: ExportFiles
    ) throws(ExportError) {
        guard since == nil else {
            let named = NamedBlobs(ledger: exported.ledger, positions: start..<exported.size)
            return try named.forEach(view) { (digest) throws(ExportError) in
                guard let blob = try blob(digest, view) else { return }
                try write(digest, blob.span, files)
            }
        }
        let tooNew = try blobsOfNewerEntries(exported, view)
        try view.forEachBlob { (digest, bytes) throws(ExportError) in
            if !tooNew.contains(digest) { try write(digest, bytes, files) }
            return true
        }
    }

    /// The blobs that no entry names but those after the checkpoint.
    private func blobsOfNewerEntries(
        _ exported: ExportedLog, _ view: borrowing LogView
    ) throws(ExportError) -> Set<Digest32> {
        var digests: Set<Digest32> = []
        let newer = exported.size..<view.size
        try NamedBlobs(ledger: exported.ledger, positions: newer).forEachName(view) {
            digests.insert($0)
        }
        guard !digests.isEmpty else { return [] }
        let older = NamedBlobs(ledger: exported.ledger, positions: 0..<exported.size)
        try older.forEachName(view) { digests.remove($0) }
        return digests
    }

    private func blob(
        _ digest: Digest32, _ view: borrowing LogView
    ) throws(ExportError) -> [UInt8]? {
        try logged { () throws(LedgerError) in
            guard let blob = try view.blob(digest) else { return nil }
            return [UInt8](capacity: blob.count) { $0.append(blob) }
        }
    }

    private func write(
        _ digest: Digest32, _ bytes: Span<UInt8>, _ files: ExportFiles
    ) throws(ExportError) {
        guard bytes.count <= LogRecord.maximumBlobBytes else {
            throw .ledger(.blobSize(bytes: bytes.count))
        }
        guard try files.write(.blob(digest), bytes) == digest else {
            throw .ledger(.damagedBlob(digest))
        }
    }

    private func writeCheckpoints(
        _ exported: ExportedLog, _ view: borrowing LogView, _ files: ExportFiles
    ) throws(ExportError) {
        var bytes: UInt64 = 0
        try forEachNote(exported, view) { bytes += UInt64($0.count + 1) }
        try files.write(.checkpoints, bytes: bytes) { (out) throws(ExportError) in
            try forEachNote(exported, view) { (note) throws(ExportError) in
                try out(note)
                try out([UInt8(ascii: "\n")].span)
            }
        }
    }

    private func forEachNote(
        _ exported: ExportedLog, _ view: borrowing LogView,
        _ body: (Span<UInt8>) throws(ExportError) -> Void
    ) throws(ExportError) {
        try view.forEachCheckpointNote(upTo: exported.size) { (size, note) throws(ExportError) in
            if size > start || since == nil { try body(note) }
            return true
        }
    }

    private func writeConsistency(
        _ exported: ExportedLog, _ view: borrowing LogView, _ files: ExportFiles
    ) throws(ExportError) {
        guard since != nil else { return }
        let proof = try logged { () throws(LedgerError) in
            try view.consistencyProof(from: start, to: exported.size)
        }
        let lines = proof.map { encodeBase64($0.array) + "\n" }.joined()
        try files.write(.consistency, Array(lines.utf8).span)
    }

    private func writeTree(
        _ exported: ExportedLog, _ view: borrowing LogView, _ files: ExportFiles
    ) throws(ExportError) {
        var tree = try PassingTree(from: start & ~255, view)
        for level in 0...6 {
            for tile in Self.tiles(level: level, from: start, to: exported.size) {
                let hashes = try logged { () throws(LedgerError) in try view.tileBytes(tile) }
                tree.publish(tile, try files.write(.tile(tile), hashes.span))
            }
        }
        var waiting: [(tile: Tile, bytes: [UInt8])] = []
        var waitingBytes = 0
        func flush() throws(ExportError) {
            for bundle in HashedBundle.all(waiting) {
                try files.write(bundle)
                tree.append(bundle)
            }
            if let last = waiting.last?.tile {
                progress(last.index << 8 + UInt64(last.width), exported.size)
            }
            waiting.removeAll(keepingCapacity: true)
            waitingBytes = 0
        }
        for tile in Self.tiles(level: 0, from: start, to: exported.size) {
            // A bundle is about as large as the one before it.
            let bytes = try bundle(tile, view, reserving: waiting.last?.bytes.count ?? 0)
            waiting.append((tile, bytes))
            waitingBytes += bytes.count
            if waitingBytes >= Self.bytesAtOnce { try flush() }
        }
        try flush()
        try tree.check(exported.checkpoint)
    }

    private func bundle(
        _ tile: Tile, _ view: borrowing LogView, reserving count: Int
    ) throws(ExportError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + count / 16)
        let first = tile.index << 8
        try view.forEachEntry(first..<first + UInt64(tile.width)) {
            (_, entry) throws(ExportError) in
            guard entry.count <= LogRecord.maximumEntryBytes else {
                throw .ledger(.entrySize(bytes: entry.count))
            }
            bytes.appendBigEndian(UInt16(entry.count))
            bytes.append(entry)
            return true
        }
        return bytes
    }

    /// The tiles of the tree of `end` leaves at one level that the tree of `start` did not have in
    /// full.
    package static func tiles(
        level: Int, from start: UInt64, to end: UInt64
    ) -> some Sequence<Tile> {
        let (full, partial) = Tile.extent(level: level, size: end)
        let first = start >> UInt64(8 * (level + 1))
        return (first..<max(full + (partial > 0 ? 1 : 0), first)).lazy.compactMap { index in
            Tile(level: level, index: index, width: index < full ? Tile.maximumWidth : partial)
        }
    }
}
