public import Bytes

/// The frontier of a tree: the hashes of the perfect subtrees that its leaves fall into, at most
/// 53, from which it grows and gives its root without any leaf at hand.
///
/// It is encoded as its size and ``hashes``; a state snapshot or a file can carry it.
public struct CompactRange: Sendable, Hashable {
    /// How many leaves the tree has.
    public private(set) var size: UInt64
    /// The subtrees' hashes, largest and leftmost first; one for each one bit of ``size``.
    public private(set) var hashes: [Digest32]

    /// Starts with an empty tree.
    public init() {
        size = 0
        hashes = []
    }

    /// Takes up an encoded frontier; the number of hashes must fit the size.
    public init(size: UInt64, hashes: [Digest32]) throws(MerkleError) {
        guard size <= maximumTreeSize else { throw .treeSize(size) }
        guard hashes.count == size.nonzeroBitCount else {
            throw .frontierLength(
                size: size, expected: size.nonzeroBitCount, found: hashes.count)
        }
        self.init(size: size, unchecked: hashes)
    }

    init(size: UInt64, unchecked hashes: [Digest32]) {
        self.size = size
        self.hashes = hashes
    }

    /// The root of the tree; costs one node hash fewer than there are ``hashes``.
    public var root: Digest32 { fold(hashes) }

    /// Appends one leaf by its hash; costs one node hash on average.
    public mutating func append(_ leaf: Digest32) { append(leaf, level: 0) }

    /// Appends the perfect subtree of 2^level leaves with this hash; the size must be a multiple of
    /// its width, and must not come to exceed ``maximumTreeSize``.
    public mutating func append(_ subtree: Digest32, level: Int) {
        append(subtree, level: level) { _, _, _ in }
    }

    /// Appends a subtree and reports each perfect subtree that comes to stand, lowest first.
    package mutating func append(
        _ subtree: Digest32, level: Int, report: (Int, UInt64, Digest32) -> Void
    ) {
        precondition((0...53).contains(level), "a tree has at most 53 levels")
        let width: UInt64 = 1 << UInt64(level)
        precondition(size & (width - 1) == 0, "a subtree starts at a multiple of its width")
        precondition(size <= maximumTreeSize - width, "a tree of more than 2^53 leaves")
        var hash = subtree
        var level = level
        report(level, size >> UInt64(level), hash)
        while size >> UInt64(level) & 1 == 1, let left = hashes.popLast() {
            hash = nodeHash(left, hash)
            level += 1
            report(level, size >> UInt64(level), hash)
        }
        hashes.append(hash)
        size += width
    }
}
