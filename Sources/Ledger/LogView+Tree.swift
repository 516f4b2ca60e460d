public import Bytes
public import Merkle

extension LogView: HashReader {
    /// Returns the hash of the perfect subtree (level, index); costs one read.
    public func hash(level: Int, index: UInt64) throws(LedgerError) -> Digest32 {
        let place = Tile.position(ofLevel: level, index: index)
        let inside = level % 8
        return try node(
            tileLevel: place.level, tile: place.tile, level: inside, index: place.first >> inside)
    }

    /// The root over all entries.
    public func root() throws(LedgerError) -> Digest32 { try root(at: size) }

    /// The root over the first `size` entries; throws ``LedgerError/outOfRange(position:size:)``.
    public func root(at size: UInt64) throws(LedgerError) -> Digest32 {
        try require(size)
        return try Merkle::root(size: size, self)
    }

    /// The frontier of the first `size` entries, from which a verifier can continue.
    public func frontier(at size: UInt64) throws(LedgerError) -> CompactRange {
        try require(size)
        return try compactRange(size: size, self)
    }

    /// Proves that the entry at `position` is in the tree of the first `size` entries.
    public func inclusionProof(
        _ position: UInt64, size: UInt64
    ) throws(LedgerError) -> [Digest32] {
        try require(size)
        guard position < size else { throw .outOfRange(position: position, size: size) }
        return try proveInclusion(position, size: size, self)
    }

    /// Proves that the tree of the first `newSize` entries extends that of the first `oldSize`.
    public func consistencyProof(
        from oldSize: UInt64, to newSize: UInt64
    ) throws(LedgerError) -> [Digest32] {
        try require(newSize)
        guard oldSize <= newSize else { throw .outOfRange(position: oldSize, size: newSize) }
        return try proveConsistency(from: oldSize, to: newSize, self)
    }

    /// The hashes of a published tile, 32 bytes each; throws unless it is complete at this size.
    /// Costs one read.
    public func tileBytes(_ tile: Tile) throws(LedgerError) -> [UInt8] {
        let (full, partial) = Tile.extent(level: tile.level, size: size)
        guard tile.index < full || tile.index == full && tile.width <= partial else {
            throw .outOfRange(position: tile.index, size: size)
        }
        return try tileHashes(
            level: tile.level, index: tile.index, storedWidth: tile.index < full ? 256 : partial,
            width: tile.width)
    }

    /// The newest signed checkpoint.
    public func latestCheckpoint() throws(LedgerError) -> SignedCheckpoint? {
        guard let note = try note(tables.meta, MetaKey.checkpoint) else { return nil }
        return try parsedCheckpoint(note)
    }

    /// The signed checkpoint of this very size.
    public func checkpoint(size: UInt64) throws(LedgerError) -> SignedCheckpoint? {
        guard let note = try note(tables.checkpoints, numberKey(size)) else { return nil }
        return try parsedCheckpoint(note)
    }

    /// Hands over every signed checkpoint of at least `size` entries, smallest first, until `body`
    /// returns false.
    public func forEachCheckpoint<Failure: LedgerFailure>(
        from size: UInt64 = 0, _ body: (SignedCheckpoint) throws(Failure) -> Bool
    ) throws(Failure) {
        try forEach(tables.checkpoints, from: numberKey(size)) { _, note throws(Failure) in
            let checkpoint: SignedCheckpoint
            do throws(LedgerError) { checkpoint = try parsedCheckpoint(copy(note)) } catch {
                throw Failure(ledger: error)
            }
            return try body(checkpoint)
        }
    }

    /// Lends the notes of every signed checkpoint of at most `size` entries, smallest first, until
    /// `body` returns false.
    public func forEachCheckpointNote<Failure: LedgerFailure>(
        upTo size: UInt64, _ body: (UInt64, Span<UInt8>) throws(Failure) -> Bool
    ) throws(Failure) {
        try forEach(tables.checkpoints) { key, note throws(Failure) in
            guard let found = number(in: key), found <= size else { return false }
            return try body(found, note)
        }
    }

    private func require(_ size: UInt64) throws(LedgerError) {
        guard size <= self.size else { throw .outOfRange(position: size, size: self.size) }
    }
}

private func parsedCheckpoint(_ note: [UInt8]) throws(LedgerError) -> SignedCheckpoint {
    do { return try SignedCheckpoint(parsing: note) } catch { throw .merkle(error) }
}
