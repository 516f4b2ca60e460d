internal import Audit
internal import Bytes
internal import Export
internal import Ledger
internal import Merkle

/// The tree hashes of a copy: those of a ledger's database, those of an export's tiles, or those of
/// a delta over those of the copy that it goes on from.
indirect enum ComparedTree: HashReader, Sendable {
    case ledger(Log)
    case tiles(StoredTiles)
    case layered(ComparedTree, ComparedTree, olderSize: UInt64)

    func hash(level: Int, index: UInt64) throws(StoredTiles.Failure) -> Digest32 {
        switch self {
        case .ledger(let log):
            do throws(LedgerError) {
                return try log.read { (view) throws(LedgerError) in
                    try view.hash(level: level, index: index)
                }
            } catch { throw .unreadable(.unreadable("\(error)")) }
        case .tiles(let tiles): return try tiles.hash(level: level, index: index)
        case .layered(let newer, let older, let olderSize):
            do throws(StoredTiles.Failure) {
                return try newer.hash(level: level, index: index)
            } catch {
                guard case .outOfReach = error, (index + 1) << UInt64(level) <= olderSize else {
                    throw error
                }
            }
            return try older.hash(level: level, index: index)
        }
    }

    /// The ledger's log; nil for files.
    var log: Log? {
        switch self {
        case .ledger(let log): log
        case .tiles, .layered: nil
        }
    }

    /// The root at `size` with the proof that the tree of `newSize` leaves extends it; nil when a
    /// hash for it is not here. `path` is for what can not be read.
    func proven(
        _ size: UInt64, in newSize: UInt64, _ path: String
    ) throws(ComparisonError) -> (root: Digest32, proof: [Digest32])? {
        do throws(StoredTiles.Failure) {
            return (
                root: try Merkle::root(size: size, self),
                proof: try proveConsistency(from: size, to: newSize, self)
            )
        } catch {
            switch error {
            case .outOfReach: return nil
            case .unreadable(let reason): throw .unreadable(path: path, reason: "\(reason)")
            }
        }
    }
}
