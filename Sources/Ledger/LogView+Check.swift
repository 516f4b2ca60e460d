internal import Bytes
internal import Merkle
internal import Storage

extension LogView {
    /// Reads the growing rows, so that the tree can be continued; their inner nodes are computed
    /// anew.
    func storedEdge() throws(LedgerError) -> TreeEdge {
        var tiles: [EdgeTile] = []
        for level in 0...6 where size >> UInt64(8 * level) > 0 {
            var tile = EdgeTile()
            let (full, partial) = Tile.extent(level: level, size: size)
            for index in 0..<partial {
                _ = tile.append(
                    try node(tileLevel: level, tile: full, level: 0, index: index))
            }
            tiles.append(tile)
        }
        return TreeEdge(size: size, tiles: tiles)
    }

    /// Checks that the entries after the last snapshot hash to the leaves of the tree, and that
    /// they lead from the tree before them to the tree at the end.
    func checkTail() throws(LedgerError) {
        let start = try snapshotSize(atMost: size) ?? 0
        var range = try frontier(at: start)
        try forEachEntry(start..<size) { position, entry throws(LedgerError) in
            let leaf = leafHash(entry)
            guard try hash(level: 0, index: position) == leaf else {
                throw .damagedEntry(position: position)
            }
            range.append(leaf)
            return true
        }
        let edge = try storedEdge()
        guard edge.frontier.root == range.root, try root() == range.root else {
            throw .damagedTile(level: 0, index: edge.index(level: 0))
        }
    }
}

extension Log {
    /// The most findings that ``check()`` returns.
    public static let maximumFindings = 1000

    /// Recomputes the whole tree from the entries and compares every stored hash, checkpoint, blob
    /// and index count with it; returns what differs, nothing when all is sound.
    ///
    /// Cost: a hash for each entry, node and blob, those of a sound tree on all cores; the memory
    /// does not grow with the log. Signatures and what entries say are not looked at.
    public func check() throws(LedgerError) -> [LedgerError] {
        var findings: [LedgerError] = []
        if let fault { findings.append(fault) }
        try read { view throws(LedgerError) in
            // Sound trees are recognised on all cores; what is wrong in another is named in order.
            if try !isTreeSound(view) { try compareTree(view, &findings) }
            try compareRows(view, &findings)
            guard findings.isEmpty else { return }
            // Stored nodes are as good as the entries now: roots may be taken from them.
            try compareCheckpoints(view, &findings)
        }
        return Array(findings.prefix(Self.maximumFindings))
    }

    private func compareTree(
        _ view: LogView, _ findings: inout [LedgerError]
    ) throws(LedgerError) {
        var edge = TreeEdge()
        var comparison = RowComparison()
        do throws(LedgerError) {
            try view.forEachEntry(0..<view.size) { _, entry throws(LedgerError) in
                try edge.append(leafHash(entry)) { level, index, tile throws(LedgerError) in
                    try comparison.compare(tile, level, index, view)
                }
                return comparison.findings.count < Self.maximumFindings
            }
        } catch {
            // A gap in the entries: what follows it has no place in the tree.
            guard case .damagedEntry = error else { throw error }
            findings += comparison.findings + [error]
            return
        }
        for level in edge.tiles.indices where edge.tiles[level].width > 0 {
            try comparison.compare(edge.tiles[level], level, edge.index(level: level), view)
        }
        findings += comparison.findings
        if try view.count(tables.tiles) != comparison.rows {
            findings.append(
                .damagedTable(name: "tiles", reason: "\(comparison.rows) rows were expected"))
        }
    }

    private func compareRows(
        _ view: LogView, _ findings: inout [LedgerError]
    ) throws(LedgerError) {
        if try view.count(tables.authors) != view.size {
            findings.append(
                .damagedTable(name: "authors", reason: "\(view.size) rows were expected"))
        }
        var found: [LedgerError] = []
        try view.forEach(tables.blobs) { key, bytes throws(LedgerError) in
            guard let digest = Digest32(key) else {
                found.append(.damagedTable(name: "blobs", reason: "a key is no digest"))
                return false
            }
            if sha256(bytes) != digest { found.append(.damagedBlob(digest)) }
            return found.count < Self.maximumFindings
        }
        findings += found
    }

    private func compareCheckpoints(
        _ view: LogView, _ findings: inout [LedgerError]
    ) throws(LedgerError) {
        var found: [LedgerError] = []
        var last: SignedCheckpoint?
        try view.forEachCheckpoint { signed throws(LedgerError) in
            let checkpoint = signed.checkpoint
            last = signed
            if checkpoint.size > view.size || !checkpoint.origin.utf8.elementsEqual(origin.utf8) {
                found.append(.damagedCheckpoint(size: checkpoint.size))
            } else if try view.root(at: checkpoint.size) != checkpoint.root {
                found.append(.damagedCheckpoint(size: checkpoint.size))
            }
            return found.count < Self.maximumFindings
        }
        let latest = try view.latestCheckpoint()
        if found.count < Self.maximumFindings, latest != last {
            found.append(
                .damagedTable(name: "meta", reason: "its checkpoint is not the last one signed"))
        }
        findings += found
    }
}

/// Compares stored rows with recomputed ones, lowest level first, and reports each cause once: a
/// wrong leaf changes every hash above it.
private struct RowComparison {
    private(set) var findings: [LedgerError] = []
    private(set) var rows: UInt64 = 0
    private var wrongRows: Set<[UInt64]> = []

    mutating func compare(
        _ tile: EdgeTile, _ level: Int, _ index: UInt64, _ view: LogView
    ) throws(LedgerError) {
        rows += 1
        let expected = tile.encoded
        guard let row = try view.value(view.tables.tiles, tileKey(level: level, index: index)),
            row.count == expected.count
        else { return report(.damagedTile(level: level, index: index), level, index) }
        guard let first = expected.indices.first(where: { expected[$0] != row[$0] }) else { return }
        // Behind the hashes themselves stand inner nodes.
        let wrong = (min(first / 32, tile.width)..<tile.width).filter { place in
            !(0..<32).allSatisfy { expected[place * 32 + $0] == row[place * 32 + $0] }
        }
        if wrong.isEmpty { return report(.damagedTile(level: level, index: index), level, index) }
        for place in wrong {
            let below = index << 8 + UInt64(place)
            if level == 0 {
                // Entry or hash, one of the two was changed.
                report(.damagedEntry(position: below), level, index)
            } else if !wrongRows.contains([UInt64(level) - 1, below]) {
                report(.damagedTile(level: level, index: index), level, index)
            } else {
                wrongRows.insert([UInt64(level), index])
            }
        }
    }

    private mutating func report(_ finding: LedgerError, _ level: Int, _ index: UInt64) {
        if findings.last != finding { findings.append(finding) }
        wrongRows.insert([UInt64(level), index])
    }
}
