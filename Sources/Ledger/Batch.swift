internal import Bytes
internal import Keys
public import Merkle
internal import Storage

/// What is appended together: all of it becomes durable, or nothing of it.
///
/// A refused record leaves the batch as it was and the body may go on without it; after a storage
/// error the whole batch is refused.
public struct Batch: ~Copyable {
    private var transaction: WriteTransaction
    private let tables: LogTables
    private(set) var edge: TreeEdge
    private var failure: LedgerError?

    init(_ transaction: inout WriteTransaction, _ tables: LogTables, _ edge: TreeEdge) {
        self.transaction = WriteTransaction(sharing: &transaction)
        self.tables = tables
        self.edge = edge
    }

    /// How many entries the log has, those of the batch included.
    public var size: UInt64 { edge.size }

    /// The frontier over them; its root costs no read.
    public var frontier: CompactRange { edge.frontier }

    /// Everything that can be read, the batch included.
    public var view: LogView {
        @_lifetime(borrow self)
        get { LogView(transaction.view, tables, edge: edge) }
    }

    /// Appends an entry with its index rows and blobs, and returns its position.
    ///
    /// Throws before anything is changed when a limit is exceeded, a digest is wrong, the author's
    /// sequence number is used, or the running number is another request's.
    @discardableResult
    public mutating func append(_ record: LogRecord) throws(LedgerError) -> UInt64 {
        if let failure { throw failure }
        try check(record)
        let position = size
        // The one change that may be refused comes first, and a refusal changes nothing.
        try insertEvent(record, at: position)
        try changing { batch throws(LedgerError) in try batch.store(record, at: position) }
        return position
    }

    /// Stores the state that follows from the first `size` entries, replacing an older snapshot of
    /// that size; `size` may not be above the log's.
    public mutating func putSnapshot(size: UInt64, _ bytes: [UInt8]) throws(LedgerError) {
        guard size <= self.size else { throw .outOfRange(position: size, size: self.size) }
        try changing { batch throws(LedgerError) in
            try batch.put(batch.tables.state, numberKey(size), bytes)
        }
    }

    /// Stores how the request of a running number ended; a later row replaces an earlier one.
    public mutating func putOutcome(number: UInt64, _ bytes: [UInt8]) throws(LedgerError) {
        try changing { batch throws(LedgerError) in
            try batch.put(batch.tables.outcomes, numberKey(number), bytes)
        }
    }

    /// Keeps a refused event, such as a second one of an author's sequence number or one that has
    /// seen another history; returns its running number. The same bytes are kept once, however
    /// often they come. Costs a look at all that is kept.
    @discardableResult
    public mutating func putEvidence(_ bytes: [UInt8]) throws(LedgerError) -> UInt64 {
        guard bytes.count <= LogRecord.maximumEntryBytes else {
            throw .evidenceSize(bytes: bytes.count)
        }
        var known: UInt64?
        try view.forEachEvidence { number, kept throws(LedgerError) in
            if kept.count == bytes.count, copy(kept) == bytes { known = number }
            return known == nil
        }
        if let known { return known }
        let number = try view.lastEvidenceNumber().map { $0 + 1 } ?? 0
        try changing { batch throws(LedgerError) in
            try batch.put(batch.tables.evidence, numberKey(number), bytes)
        }
        return number
    }

    /// Stores the rows of the tree that are still growing; the last step before the commit.
    mutating func finish() throws(LedgerError) {
        if let failure { throw failure }
        for level in 0..<edge.changedLevels {
            let key = tileKey(level: level, index: edge.index(level: level))
            // A row that has just become full was stored then, and the next one is empty.
            guard edge.tiles[level].width > 0 else { continue }
            try put(tables.tiles, key, edge.tiles[level].encoded)
        }
        edge.markStored()
    }

    mutating func putCheckpoint(_ checkpoint: SignedCheckpoint) throws(LedgerError) {
        let note = Array(checkpoint.note.encodedText.utf8)
        let latest = try view.latestCheckpoint()?.checkpoint.size ?? 0
        try put(tables.checkpoints, numberKey(checkpoint.checkpoint.size), note)
        if checkpoint.checkpoint.size >= latest {
            try put(tables.meta, MetaKey.checkpoint, note)
        }
    }

    private func check(_ record: LogRecord) throws(LedgerError) {
        guard record.entry.count <= LogRecord.maximumEntryBytes else {
            throw .entrySize(bytes: record.entry.count)
        }
        guard size < maximumTreeSize else { throw .merkle(.treeSize(size + 1)) }
        for blob in record.blobs {
            guard blob.bytes.count <= LogRecord.maximumBlobBytes else {
                throw .blobSize(bytes: blob.bytes.count)
            }
            let found = sha256(blob.bytes)
            guard found == blob.digest else { throw .blobDigest(given: blob.digest, found: found) }
        }
        if let numbered = record.number,
            let taken = try view.request(number: numbered.number), taken != numbered.request
        {
            throw .numberTaken(numbered.number)
        }
    }

    private mutating func insertEvent(
        _ record: LogRecord, at position: UInt64
    ) throws(LedgerError) {
        let key = authorKey(record.author, record.sequence)
        do throws(StorageError) {
            var row = numberKey(position, capacity: 40)
            row.append(record.eventID)
            try transaction.insert(tables.authors, key, row)
        } catch {
            guard case .keyTaken = error else {
                failure = .storage(error)
                throw .storage(error)
            }
            let taken = try view.event(of: record.author, sequence: record.sequence)
            throw .sequenceTaken(
                author: record.author, sequence: record.sequence,
                position: taken?.position ?? position)
        }
    }

    private mutating func store(
        _ record: LogRecord, at position: UInt64
    ) throws(LedgerError) {
        let key = numberKey(position)
        do { try transaction.append(tables.entries, key, record.entry) } catch {
            throw .storage(error)
        }
        for request in record.requests {
            try put(tables.requests, requestKey(request, position), [])
        }
        if let numbered = record.number {
            try put(tables.numbers, numberKey(numbered.number), numbered.request.array)
        }
        for blob in record.blobs { try put(tables.blobs, blob.digest.array, blob.bytes) }
        for outcome in record.outcomes {
            try put(tables.outcomes, numberKey(outcome.number), outcome.bytes)
        }
        // The edge is taken out, so that its rows grow in place while full ones are stored.
        var edge = edge
        self.edge = TreeEdge()
        try edge.append(leafHash(record.entry)) { level, index, tile throws(LedgerError) in
            try put(tables.tiles, tileKey(level: level, index: index), tile.encoded)
        }
        self.edge = edge
    }

    /// Runs a change; if it fails half-way, the batch can not be committed any more.
    private mutating func changing(
        _ change: (inout Batch) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        if let failure { throw failure }
        do { try change(&self) } catch {
            failure = error
            throw error
        }
    }

    private mutating func put(
        _ table: Table, _ key: [UInt8], _ value: [UInt8]
    ) throws(LedgerError) {
        do { try transaction.put(table, key, value) } catch { throw .storage(error) }
    }
}
