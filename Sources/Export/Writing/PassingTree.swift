internal import Bytes
internal import Ledger
internal import Merkle

/// The tree over the entries that go out, computed anew: what leaves the house hashes to what is
/// signed, or does not leave.
///
/// Its memory does not grow with the log: of each level's published tiles only a SHA-256 over
/// theirs is kept, to compare with that of the tiles that follow from the entries.
struct PassingTree {
    private var range: CompactRange
    private var levels: [Level] = Array(repeating: Level(), count: 7)

    private struct Level {
        /// The hashes of the tile that is not full yet; those of level 0 come as whole tiles.
        var unfinished: [UInt8] = []
        var computed = SHA256Hasher()
        var published = SHA256Hasher()

        mutating func append(_ hash: Digest32) {
            unfinished.append(hash.span)
            if unfinished.count == 32 * Tile.maximumWidth { finish() }
        }

        mutating func finish() {
            guard !unfinished.isEmpty else { return }
            computed.update(sha256(unfinished))
            unfinished.removeAll(keepingCapacity: true)
        }
    }

    /// Starts at an empty tree, or at `start` leaves, a multiple of 256, whose hashes are taken
    /// from the log.
    init(from start: UInt64, _ view: borrowing LogView) throws(ExportError) {
        precondition(start.isMultiple(of: 256), "bundles are whole")
        do throws(LedgerError) {
            range = try view.frontier(at: start)
            for level in levels.indices {
                let end = start >> UInt64(8 * level)
                for index in (end & ~255)..<end {
                    levels[level].append(try view.hash(level: 8 * level, index: index))
                }
            }
        } catch { throw .ledger(error) }
    }

    /// Takes a tile that was written, by its SHA-256.
    mutating func publish(_ tile: Tile, _ digest: Digest32) {
        levels[tile.level].published.update(digest)
    }

    /// Takes the next bundle that was written.
    mutating func append(_ bundle: HashedBundle) {
        var levels = levels
        self.levels = []
        levels[0].computed.update(bundle.tileDigest)
        // Its subtrees are the one bits of its size, the largest first.
        var rest = bundle.tree.size
        for hash in bundle.tree.hashes {
            let subtree = 63 - rest.leadingZeroBitCount
            range.append(hash, level: subtree) { level, _, hash in
                if level > 0, level & 7 == 0 { levels[level >> 3].append(hash) }
            }
            rest ^= 1 << UInt64(subtree)
        }
        self.levels = levels
    }

    /// Throws unless the entries have the checkpoint's root and the tiles are theirs.
    mutating func check(_ checkpoint: Checkpoint) throws(ExportError) {
        guard range.size == checkpoint.size, range.root == checkpoint.root else {
            throw .damaged(
                "the entries hash to the root \(range.root) at size \(range.size), the signed "
                    + "checkpoint has \(checkpoint.root) at size \(checkpoint.size)")
        }
        for level in levels.indices {
            levels[level].finish()
            guard levels[level].computed.finalize() == levels[level].published.finalize() else {
                throw .damaged(
                    "the stored tree hashes at level \(level) are not those of the entries")
            }
        }
    }
}
