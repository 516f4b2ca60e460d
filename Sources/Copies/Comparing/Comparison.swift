public import Merkle

/// What two copies of a log are to each other.
public enum Comparison: Sendable {
    /// The same entries.
    case same(size: UInt64)
    /// The one at `behind` lacks the last `by` entries of the other, and is its beginning.
    case prefix(behind: String, by: UInt64, size: UInt64)
    /// They exclude each other.
    case fork(Fork)

    /// What is known of a fork.
    public struct Fork: Sendable, Hashable {
        /// How many entries both begin with, when both trees are at hand to tell; the position of
        /// the first entry that differs is the same number.
        public var common: UInt64?
        /// A position whose entries are known to differ; the first of all when ``common`` is known.
        public var differing: UInt64?
        /// What shows it to others, when both heads are signed beyond where the two part.
        public var proof: ForkProof?
    }

    /// Compares two copies; the log's key comes from one that holds the founding event, or from
    /// `logKey`.
    public init(
        _ one: ComparedLog, _ two: ComparedLog, logKey: NoteVerifierKey? = nil
    ) throws(ComparisonError) {
        guard one.origin.utf8.elementsEqual(two.origin.utf8) else {
            throw .otherLog(one.origin, two.origin)
        }
        guard let key = logKey ?? one.logKey ?? two.logKey else { throw .noKey }
        for side in [one, two] {
            for signed in [side.checkpoint, side.since] {
                do throws(MerkleError) { _ = try signed?.verified(with: key) } catch {
                    throw .unsigned(path: side.path, error)
                }
            }
        }
        for (delta, other) in [(one, two), (two, one)] {
            guard let fork = try Self.start(of: delta, against: other) else { continue }
            self = .fork(fork)
            return
        }
        self = try Self.compared(one.completed(by: two), two.completed(by: one))
    }

    private static func compared(
        _ one: ComparedLog, _ two: ComparedLog
    ) throws(ComparisonError) -> Comparison {
        let (small, large) = one.size <= two.size ? (one, two) : (two, one)
        if small.size == large.size, small.root == large.root { return .same(size: small.size) }
        if small.size < large.size {
            guard let begun = try large.proven(small.size, in: large.size) else {
                if let position = try differingDisclosure(small, large) {
                    return .fork(Fork(differing: position))
                }
                throw .unproven(larger: large.path, by: large.size - small.size)
            }
            if begun.root == small.root {
                return .prefix(behind: small.path, by: large.size - small.size, size: small.size)
            }
        }
        let common = try common(small, large)
        var fork = Fork(common: common, differing: common, proof: try proof(one, two))
        if common == nil { fork.differing = try differingDisclosure(small, large) }
        return .fork(fork)
    }

    /// The fork between the checkpoint that a delta starts from and another copy, which has another
    /// tree of that size; nil when there is none to be seen.
    private static func start(
        of delta: ComparedLog, against other: ComparedLog
    ) throws(ComparisonError) -> Fork? {
        guard let since = delta.since, other.hasTree, since.checkpoint.size <= other.size,
            let begun = try other.proven(since.checkpoint.size, in: other.size),
            begun.root != since.checkpoint.root
        else { return nil }
        return Fork(proof: try proof(ComparedLog(since, from: delta.path), other))
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
            guard let one = try small.proven(middle, in: small.size),
                let other = try large.proven(middle, in: large.size)
            else { return nil }
            if one.root == other.root { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// The first position at which a disclosure proves another entry than the other copy has.
    private static func differingDisclosure(
        _ one: ComparedLog, _ two: ComparedLog
    ) throws(ComparisonError) -> UInt64? {
        for (disclosure, other) in [(one, two), (two, one)] where !disclosure.hasTree {
            let leaves = try disclosure.disclosed()
            let others = other.hasTree ? [:] : try other.disclosed()
            for (position, leaf) in leaves.sorted(by: { $0.key < $1.key }) {
                var there = others[position]
                if there == nil { there = try other.leaf(position) }
                if let there, there != leaf { return position }
            }
        }
        return nil
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
        guard let (prefix, hashes) = try tree.proven(size, in: newSize),
            // What was signed before the two parted contradicts nothing.
            prefix != smaller.checkpoint.root
        else { return nil }
        do throws(MerkleError) {
            return try ForkProof(
                smaller: smaller, larger: larger, prefix: prefix, hashes: hashes)
        } catch { throw .unreadable(path: tree.path, reason: "\(error)") }
    }
}
