internal import Bytes
internal import Dispatch
internal import Merkle
internal import Synchronization

/// A bundle on its way out, with all that is hashed of it: most of what an export computes.
struct HashedBundle: Sendable {
    /// The tile of its entries' hashes.
    let tile: Tile
    /// The file.
    let bytes: [UInt8]
    /// The file's SHA-256.
    let digest: Digest32
    /// The SHA-256 of the tile that follows from the entries.
    let tileDigest: Digest32
    /// The tree over its entries alone.
    let tree: CompactRange

    /// Hashes a bundle that ``LogExport`` has put together.
    private init(_ tile: Tile, _ bytes: [UInt8]) {
        self.tile = tile
        self.bytes = bytes
        let span = bytes.span
        var tree = CompactRange()
        var tileHasher = SHA256Hasher()
        var offset = 0
        while offset < span.count {
            let start = offset + 2
            offset = start + Int(span[offset]) << 8 + Int(span[offset + 1])
            let leaf = leafHash(span.extracting(start..<offset))
            tileHasher.update(leaf)
            tree.append(leaf)
        }
        precondition(tree.size == UInt64(tile.width), "a bundle has its entries")
        digest = sha256(span)
        tileDigest = tileHasher.finalize()
        self.tree = tree
    }

    /// Hashes bundles on all cores.
    static func all(_ bundles: [(tile: Tile, bytes: [UInt8])]) -> [HashedBundle] {
        let hashed = Mutex<[HashedBundle?]>(Array(repeating: nil, count: bundles.count))
        DispatchQueue.concurrentPerform(iterations: bundles.count) { index in
            let bundle = HashedBundle(bundles[index].tile, bundles[index].bytes)
            hashed.withLock { $0[index] = bundle }
        }
        return hashed.withLock { $0.compactMap(\.self) }
    }
}
