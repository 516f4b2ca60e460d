internal import Bytes
internal import Merkle

/// One growing row of at most 256 hashes with the inner nodes over them.
///
/// In the table it is its hashes in order, followed by the nodes two to seven levels above them,
/// each level in order: a published tile is the first 32·width bytes. The nodes make a proof cheap
/// and cost no space, for they fit into the slack of a full row's last page.
struct EdgeTile: Sendable {
    /// The hashes, and above them each level of inner nodes below the row's own root.
    private(set) var nodes = [[Digest32]](repeating: [], count: 8)

    var width: Int { nodes[0].count }

    /// Appends a hash; returns the row's root when it is the 256th.
    mutating func append(_ hash: Digest32) -> Digest32? {
        nodes[0].append(hash)
        var level = 0
        while nodes[level].count & 1 == 0 {
            let count = nodes[level].count
            let parent = nodeHash(nodes[level][count - 2], nodes[level][count - 1])
            level += 1
            guard level < 8 else { return parent }
            nodes[level].append(parent)
        }
        return nil
    }

    /// Empties the row but keeps its memory.
    mutating func clear() {
        for level in nodes.indices { nodes[level].removeAll(keepingCapacity: true) }
    }

    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.encodedBytes(width: width))
        for level in nodes.indices where level != 1 {
            for hash in nodes[level] { bytes.append(hash.span) }
        }
        return bytes
    }

    /// Whether `row` is ``encoded``, without making it.
    func isEncoded(as row: Span<UInt8>) -> Bool {
        guard row.count == Self.encodedBytes(width: width) else { return false }
        var offset = 0
        for level in nodes.indices where level != 1 {
            for hash in nodes[level] {
                guard Digest32(row.extracting(offset..<offset + 32)) == hash else { return false }
                offset += 32
            }
        }
        return true
    }

    static func encodedBytes(width: Int) -> Int {
        32 * (2...7).reduce(width) { $0 + width >> $1 }
    }

    /// Reads the node `level` levels above the hashes, 0...7, from an encoded row.
    static func node(
        _ span: Span<UInt8>, width: Int, level: Int, index: Int
    ) -> Digest32? {
        guard span.count == encodedBytes(width: width), index < width >> level else { return nil }
        if level == 1 {
            guard let left = node(span, width: width, level: 0, index: index * 2),
                let right = node(span, width: width, level: 0, index: index * 2 + 1)
            else { return nil }
            return nodeHash(left, right)
        }
        let before = level == 0 ? 0 : (2..<level).reduce(width) { $0 + width >> $1 }
        let offset = 32 * (before + index)
        return Digest32(span.extracting(offset..<offset + 32))
    }
}

/// The tree's right edge: the growing row of each level, from which it is continued.
struct TreeEdge: Sendable {
    private(set) var size: UInt64 = 0
    private(set) var tiles: [EdgeTile] = []
    /// How many levels, from the lowest, have changed since ``markStored()``.
    private(set) var changedLevels = 0

    init() {}

    /// Takes up rows that were read; `tiles[level]` must have the width that fits the size.
    init(size: UInt64, tiles: [EdgeTile]) {
        self.size = size
        self.tiles = tiles
    }

    /// Appends a leaf; full rows are handed to `store` and leave the edge.
    mutating func append<Failure: Error>(
        _ leaf: Digest32, store: (Int, UInt64, EdgeTile) throws(Failure) -> Void
    ) throws(Failure) {
        var hash = leaf
        var level = 0
        while true {
            if tiles.count == level { tiles.append(EdgeTile()) }
            changedLevels = max(changedLevels, level + 1)
            guard let root = tiles[level].append(hash) else { break }
            try store(level, size >> UInt64(8 * (level + 1)), tiles[level])
            tiles[level].clear()
            hash = root
            level += 1
        }
        size += 1
    }

    mutating func markStored() { changedLevels = 0 }

    /// The index of the growing row at `level`.
    func index(level: Int) -> UInt64 { size >> UInt64(8 * (level + 1)) }

    /// The frontier, from the perfect subtrees within each row.
    var frontier: CompactRange {
        var range = CompactRange()
        for level in tiles.indices.reversed() {
            let nodes = tiles[level].nodes
            var start = 0
            for inside in (0..<8).reversed() where tiles[level].width >> inside & 1 == 1 {
                range.append(nodes[inside][start >> inside], level: 8 * level + inside)
                start += 1 << inside
            }
        }
        return range
    }
}
