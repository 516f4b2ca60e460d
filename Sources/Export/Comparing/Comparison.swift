public import Merkle

/// What two copies of a log are to each other.
public enum Comparison: Sendable {
    /// The same entries.
    case same(size: UInt64)
    /// The one at `behind` lacks the last `by` entries of the other, and is its beginning.
    case prefix(behind: String, by: UInt64, size: UInt64)
    /// They exclude each other. They agree on the first `common` entries, when both trees are at
    /// hand to tell; `proof` shows it to others, when both heads are signed beyond that.
    case fork(common: UInt64?, proof: ForkProof?)

    /// Compares two copies; of a checkpoint alone the log's key comes from the other one, or from
    /// `logKey`.
    public init(
        _ one: ComparedLog, _ two: ComparedLog, logKey: NoteVerifierKey? = nil
    ) throws(ComparisonError) {
        guard one.origin.utf8.elementsEqual(two.origin.utf8) else {
            throw .otherLog(one.origin, two.origin)
        }
        guard let key = logKey ?? one.logKey ?? two.logKey else { throw .noKey }
        for side in [one, two] {
            guard let checkpoint = side.checkpoint else { continue }
            do throws(MerkleError) { _ = try checkpoint.verified(with: key) } catch {
                throw .unsigned(path: side.path, error)
            }
        }
        let (small, large) = one.size <= two.size ? (one, two) : (two, one)
        if small.size == large.size, small.root == large.root {
            self = .same(size: small.size)
            return
        }
        if small.size < large.size {
            guard large.hasTree else {
                throw .unproven(larger: large.path, by: large.size - small.size)
            }
            if try large.proven(small.size, in: large.size).root == small.root {
                self = .prefix(
                    behind: small.path, by: large.size - small.size, size: small.size)
                return
            }
        }
        self = .fork(
            common: try Self.common(small, large), proof: try Self.proof(one, two))
    }

    /// How many entries both begin with, by bisection.
    private static func common(
        _ small: ComparedLog, _ large: ComparedLog
    ) throws(ComparisonError) -> UInt64? {
        guard small.hasTree, large.hasTree else { return nil }
        var low: UInt64 = 0
        var high = small.size
        while low < high {
            let middle = low + (high - low + 1) / 2
            let roots = (
                try small.proven(middle, in: small.size).root,
                try large.proven(middle, in: large.size).root
            )
            if roots.0 == roots.1 { low = middle } else { high = middle - 1 }
        }
        return low
    }

    private static func proof(
        _ one: ComparedLog, _ two: ComparedLog
    ) throws(ComparisonError) -> ForkProof? {
        guard let first = one.checkpoint, let second = two.checkpoint else { return nil }
        let isOrdered = first.checkpoint.size <= second.checkpoint.size
        let (smaller, larger) = isOrdered ? (first, second) : (second, first)
        let tree = isOrdered ? two : one
        let (size, newSize) = (smaller.checkpoint.size, larger.checkpoint.size)
        do throws(MerkleError) {
            if size == newSize {
                return smaller.checkpoint.root == larger.checkpoint.root
                    ? nil : try ForkProof(smaller, larger)
            }
        } catch { throw .unsigned(path: tree.path, error) }
        guard tree.hasTree else { return nil }
        let (prefix, hashes) = try tree.proven(size, in: newSize)
        // What was signed before the two parted contradicts nothing.
        guard prefix != smaller.checkpoint.root else { return nil }
        do throws(MerkleError) {
            return try ForkProof(
                smaller: smaller, larger: larger, prefix: prefix, hashes: hashes)
        } catch { throw .unreadable(path: tree.path, reason: "\(error)") }
    }
}
