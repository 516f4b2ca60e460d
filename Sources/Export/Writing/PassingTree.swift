internal import Bytes
internal import Ledger
internal import Merkle

/// The tree over the entries that go out, computed anew: what leaves the house hashes to what is
/// signed, or does not leave.
///
/// Its memory does not grow with the log: of each level's published hashes only their SHA-256 is
/// kept, to compare with that of the tiles.
struct PassingTree {
    private var range: CompactRange
    private var computed: [SHA256Hasher]
    private var published: [SHA256Hasher]

    private static let levels = 7

    /// Starts at an empty tree, or at `start` leaves, a multiple of 256, whose hashes are taken
    /// from the log.
    init(from start: UInt64, _ view: borrowing LogView) throws(ExportError) {
        precondition(start.isMultiple(of: 256), "bundles are whole")
        computed = Array(repeating: SHA256Hasher(), count: Self.levels)
        published = computed
        do throws(LedgerError) {
            range = try view.frontier(at: start)
            for level in 0..<Self.levels {
                let end = start >> UInt64(8 * level)
                for index in (end & ~255)..<end {
                    computed[level].update(try view.hash(level: 8 * level, index: index))
                }
            }
        } catch { throw .ledger(error) }
    }

    /// Takes a tile that was written.
    mutating func publish(_ tile: Tile, _ hashes: Span<UInt8>) {
        published[tile.level].update(hashes)
    }

    /// Takes the next entry that was written.
    mutating func append(_ entry: Span<UInt8>) {
        var hashers = computed
        computed = []
        range.append(leafHash(entry), level: 0) { level, _, hash in
            if level & 7 == 0 { hashers[level >> 3].update(hash) }
        }
        computed = hashers
    }

    /// Throws unless the entries have the checkpoint's root and the tiles are theirs.
    func check(_ checkpoint: Checkpoint) throws(ExportError) {
        guard range.size == checkpoint.size, range.root == checkpoint.root else {
            throw .damaged(
                "the entries hash to the root \(range.root) at size \(range.size), the signed "
                    + "checkpoint has \(checkpoint.root) at size \(checkpoint.size)")
        }
        for level in 0..<Self.levels
        where computed[level].finalize() != published[level].finalize() {
            throw .damaged("the stored tree hashes at level \(level) are not those of the entries")
        }
    }
}
