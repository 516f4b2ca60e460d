internal import Bytes
internal import Dispatch
internal import Merkle
internal import Synchronization

extension Log {
    /// How many rows of 256 entries a core hashes at a time.
    private static let rowsAtOnce: UInt64 = 64

    /// Whether every stored hash is the one that follows from the entries of `view`.
    ///
    /// Rows of leaves are hashed on all cores, each with a read transaction of its own: entries and
    /// full rows never change, so that they all see the same. The rows above them are few.
    func isTreeSound(_ view: LogView) throws(LedgerError) -> Bool {
        let size = view.size
        let rows = (size + 255) / 256
        let chunks = (rows + Self.rowsAtOnce - 1) / Self.rowsAtOnce
        let roots = Mutex<[UInt64: [Digest32]]>([:])
        // The last row may still grow under other writers: it is read where `size` was.
        DispatchQueue.concurrentPerform(iterations: Int(size / 256 / Self.rowsAtOnce)) { chunk in
            let chunk = UInt64(chunk)
            let first = chunk * Self.rowsAtOnce
            let found = try? read { view throws(LedgerError) in
                try soundRoots(first..<first + Self.rowsAtOnce, size, view)
            }
            roots.withLock { $0[chunk] = found }
        }
        var edge = TreeEdge()
        var count = rows
        var isSound = true
        let known = roots.withLock { $0 }
        for chunk in 0..<chunks {
            let first = chunk * Self.rowsAtOnce
            let found: [Digest32]?
            if chunk < size / 256 / Self.rowsAtOnce {
                found = known[chunk]
            } else {
                found = try? soundRoots(first..<min(first + Self.rowsAtOnce, rows), size, view)
            }
            guard let found else { return false }
            for root in found {
                try edge.append(root) { level, index, tile throws(LedgerError) in
                    count += 1
                    if try !view.holds(tile, level: level + 1, index: index) { isSound = false }
                }
            }
        }
        for level in edge.tiles.indices where edge.tiles[level].width > 0 {
            count += 1
            let index = edge.index(level: level)
            if try !view.holds(edge.tiles[level], level: level + 1, index: index) {
                isSound = false
            }
        }
        guard isSound else { return false }
        return try view.count(tables.tiles) == count
    }

    /// The roots of the full ones among these rows of leaves; nil when a stored row is not what
    /// follows from the entries.
    private func soundRoots(
        _ rows: Range<UInt64>, _ size: UInt64, _ view: LogView
    ) throws(LedgerError) -> [Digest32]? {
        var roots: [Digest32] = []
        var tile = EdgeTile()
        var isSound = true
        let positions = rows.lowerBound * 256..<min(rows.upperBound * 256, size)
        try view.forEachEntry(positions) { position, entry throws(LedgerError) in
            guard let root = tile.append(leafHash(entry)) else { return true }
            isSound = try view.holds(tile, level: 0, index: position / 256)
            roots.append(root)
            tile.clear()
            return isSound
        }
        guard isSound else { return nil }
        if tile.width > 0, try !view.holds(tile, level: 0, index: size / 256) { return nil }
        return roots
    }
}

extension LogView {
    /// Whether the stored row is this one.
    fileprivate func holds(
        _ tile: EdgeTile, level: Int, index: UInt64
    ) throws(LedgerError) -> Bool {
        guard let row = try value(tables.tiles, tileKey(level: level, index: index)) else {
            return false
        }
        return tile.isEncoded(as: row)
    }
}
