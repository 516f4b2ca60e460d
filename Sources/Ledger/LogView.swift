public import Bytes
public import Keys
internal import Merkle
internal import Storage

/// One unchanging state of the log, lent by ``Log/read(_:)`` or by a batch.
///
/// Lent bytes point into the database; the compiler keeps them from outliving the view.
public struct LogView: ~Escapable {
    private let view: TransactionView
    let tables: LogTables
    /// The rows that a batch has not stored yet.
    private let edge: TreeEdge?
    /// How many entries there are.
    public let size: UInt64

    @_lifetime(copy view)
    init(_ view: TransactionView, _ tables: LogTables) throws(LedgerError) {
        self.view = view
        self.tables = tables
        edge = nil
        size = try storedSize(view, tables)
    }

    @_lifetime(copy view)
    init(_ view: TransactionView, _ tables: LogTables, edge: TreeEdge) {
        self.view = view
        self.tables = tables
        self.edge = edge
        size = edge.size
    }

    /// Lends the entry at `position`; throws ``LedgerError/outOfRange(position:size:)``.
    @_lifetime(copy self)
    public func entry(_ position: UInt64) throws(LedgerError) -> Span<UInt8> {
        guard position < size else { throw .outOfRange(position: position, size: size) }
        guard let entry = try value(tables.entries, numberKey(position)) else {
            throw .damagedEntry(position: position)
        }
        return entry
    }

    /// Lends the entries of `positions` in order, until `body` returns false; those past the end
    /// are left out.
    public func forEachEntry<Failure: LedgerFailure>(
        _ positions: Range<UInt64>, _ body: (UInt64, Span<UInt8>) throws(Failure) -> Bool
    ) throws(Failure) {
        var next = positions.lowerBound
        let end = min(positions.upperBound, size)
        guard next < end else { return }
        var goesOn = true
        try view.forEach(tables.entries, from: numberKey(next)) { key, entry throws(Failure) in
            guard next < end else { return false }
            guard key.count == 8, number(in: key) == next else {
                throw Failure(ledger: .damagedEntry(position: next))
            }
            goesOn = try body(next, entry)
            next += 1
            return goesOn
        }
        guard next == end || !goesOn else {
            throw Failure(ledger: .damagedEntry(position: next))
        }
    }

    /// Finds an author's event by its sequence number.
    public func event(
        of author: KeyID, sequence: UInt64
    ) throws(LedgerError) -> (position: UInt64, id: Digest32)? {
        guard let row = try value(tables.authors, authorKey(author, sequence)) else { return nil }
        guard row.count == 40, let position = number(in: row),
            let id = Digest32(row.extracting(8..<40))
        else { throw .damagedTable(name: "authors", reason: "a row of \(row.count) bytes") }
        return (position, id)
    }

    /// The positions of the entries about a request, in order.
    public func positions(ofRequest request: Digest32) throws(LedgerError) -> [UInt64] {
        var positions: [UInt64] = []
        try view.forEach(tables.requests, from: requestKey(request, 0)) {
            key, _ throws(LedgerError) in
            guard key.count == 40, Digest32(key.extracting(0..<32)) == request,
                let position = number(in: key, at: 32)
            else { return false }
            positions.append(position)
            return true
        }
        return positions
    }

    /// The request that has this running number.
    public func request(number: UInt64) throws(LedgerError) -> Digest32? {
        guard let row = try value(tables.numbers, numberKey(number)) else { return nil }
        guard let request = Digest32(row) else {
            throw .damagedTable(name: "numbers", reason: "a row of \(row.count) bytes")
        }
        return request
    }

    /// Lends how the request of this running number ended, as it was stored.
    @_lifetime(copy self)
    public func outcome(number: UInt64) throws(LedgerError) -> Span<UInt8>? {
        try value(tables.outcomes, numberKey(number))
    }

    /// The largest running number so far.
    public func lastNumber() throws(LedgerError) -> UInt64? {
        try lastNumber(in: tables.numbers)
    }

    /// Lends the bytes of a blob, or nil when there are none (any more).
    @_lifetime(copy self)
    public func blob(_ digest: Digest32) throws(LedgerError) -> Span<UInt8>? {
        try value(tables.blobs, digest.array)
    }

    /// Whether the bytes of a blob are there.
    public func hasBlob(_ digest: Digest32) throws(LedgerError) -> Bool {
        try value(tables.blobs, digest.array) != nil
    }

    /// Lends every blob that is there, in the order of digests, until `body` returns false.
    public func forEachBlob<Failure: LedgerFailure>(
        _ body: (Digest32, Span<UInt8>) throws(Failure) -> Bool
    ) throws(Failure) {
        try view.forEach(tables.blobs) { key, bytes throws(Failure) in
            guard let digest = Digest32(key) else {
                throw Failure(
                    ledger: .damagedTable(name: "blobs", reason: "a key is no digest"))
            }
            return try body(digest, bytes)
        }
    }

    /// The newest snapshot's size that is at most `size`: its state follows from as many entries.
    public func snapshotSize(atMost size: UInt64 = .max) throws(LedgerError) -> UInt64? {
        try lastNumber(in: tables.state, atMost: size)
    }

    /// Lends the snapshot of the state after the first `size` entries.
    @_lifetime(copy self)
    public func snapshot(size: UInt64) throws(LedgerError) -> Span<UInt8>? {
        try value(tables.state, numberKey(size))
    }

    /// Lends the refused events that were kept, in order, until `body` returns false.
    public func forEachEvidence<Failure: LedgerFailure>(
        _ body: (UInt64, Span<UInt8>) throws(Failure) -> Bool
    ) throws(Failure) {
        try view.forEach(tables.evidence) { key, bytes throws(Failure) in
            guard let number = number(in: key) else { return false }
            return try body(number, bytes)
        }
    }

    func lastEvidenceNumber() throws(LedgerError) -> UInt64? {
        try lastNumber(in: tables.evidence)
    }

    func count(_ table: Table) throws(LedgerError) -> UInt64 {
        do { return UInt64(try view.count(table)) } catch { throw .storage(error) }
    }

    func lastNumber(
        in table: Table, atMost limit: UInt64? = nil
    ) throws(LedgerError) -> UInt64? {
        do {
            guard let key = try view.lastKey(table, atMost: limit.map { numberKey($0) }) else {
                return nil
            }
            return number(in: key.span)
        } catch { throw .storage(error) }
    }

    @_lifetime(copy self)
    func value(_ table: Table, _ key: [UInt8]) throws(LedgerError) -> Span<UInt8>? {
        do { return try view.value(table, key) } catch { throw .storage(error) }
    }

    /// A value of the table `meta`, or the note of a checkpoint, copied.
    func note(_ table: Table, _ key: [UInt8]) throws(LedgerError) -> [UInt8]? {
        guard let note = try value(table, key) else { return nil }
        return copy(note)
    }

    func forEach<Failure: LedgerFailure>(
        _ table: Table, from start: [UInt8] = [],
        _ body: (Span<UInt8>, Span<UInt8>) throws(Failure) -> Bool
    ) throws(Failure) {
        try view.forEach(table, from: start, body)
    }

    /// The first `width` hashes of a row that holds `storedWidth`.
    func tileHashes(
        level: Int, index: UInt64, storedWidth: Int, width: Int
    ) throws(LedgerError) -> [UInt8] {
        if let edge, level < edge.tiles.count, edge.index(level: level) == index {
            var bytes: [UInt8] = []
            for hash in edge.tiles[level].nodes[0].prefix(width) { bytes.append(hash) }
            return bytes
        }
        guard let row = try value(tables.tiles, tileKey(level: level, index: index)),
            row.count == EdgeTile.encodedBytes(width: storedWidth)
        else { throw .damagedTile(level: level, index: index) }
        return copy(row.extracting(0..<32 * width))
    }

    /// The node `level` levels above row `tile` of tile level `tileLevel`.
    func node(
        tileLevel: Int, tile: UInt64, level: Int, index: Int
    ) throws(LedgerError) -> Digest32 {
        if let edge, tileLevel < edge.tiles.count, edge.index(level: tileLevel) == tile {
            return edge.tiles[tileLevel].nodes[level][index]
        }
        let (full, partial) = Tile.extent(level: tileLevel, size: size)
        let width = tile < full ? Tile.maximumWidth : partial
        guard let row = try value(tables.tiles, tileKey(level: tileLevel, index: tile)),
            let node = EdgeTile.node(row, width: width, level: level, index: index)
        else { throw .damagedTile(level: tileLevel, index: tile) }
        return node
    }
}

/// How many entries are stored; they must be all of 0, 1, 2 ….
private func storedSize(
    _ view: TransactionView, _ tables: LogTables
) throws(LedgerError) -> UInt64 {
    guard let last = try stored({ () throws(StorageError) in try view.lastKey(tables.entries) })
    else { return 0 }
    let count = try stored { () throws(StorageError) in try view.count(tables.entries) }
    guard last.count == 8, let position = number(in: last.span), position < maximumTreeSize,
        UInt64(count) == position + 1
    else { throw .damagedTable(name: "entries", reason: "positions are missing") }
    return position + 1
}
