public import Bytes

/// A growing tree that still knows the roots of its last 1,048,576 sizes: what a verifier needs to
/// check the head that each event had seen.
///
/// A root is folded from the subtrees that end at its size, all of which are left children; only
/// left children of the window are kept, one hash for each leaf: 32 MiB when the window is full, in
/// chunks that come with what is appended. Appending costs one node hash on average, a root at most
/// one for each one bit of its size; the last roots asked for are kept.
public struct RecentTree: Sendable {
    /// How many sizes before the newest one are answered.
    public static let window: UInt64 = 1 << 20

    /// The frontier at the newest size.
    public private(set) var frontier: CompactRange
    private let start: UInt64
    private var levels: [LeftHashes] = []
    private var remembered: [(size: UInt64, root: Digest32)]

    /// Starts at an empty tree, or at the size of `frontier`: smaller ones are never answered.
    public init(_ frontier: CompactRange = CompactRange()) {
        self.frontier = frontier
        start = frontier.size
        // Size 0 stands for a free place: it never gets here.
        remembered = Array(repeating: (0, emptyTreeRoot), count: 256)
        var hashes = frontier.hashes[...]
        for level in 0..<54 {
            levels.append(LeftHashes(first: start >> UInt64(level + 1)))
            if start >> UInt64(level) & 1 == 1, let hash = hashes.popLast() {
                levels[level].append(hash)
            }
        }
    }

    /// How many leaves the tree has.
    public var size: UInt64 { frontier.size }

    /// The smallest size whose root is still known.
    public var oldestSize: UInt64 { max(start, size - min(size, Self.window)) }

    /// Appends one leaf by its hash.
    public mutating func append(_ leaf: Digest32) {
        var frontier = frontier
        self.frontier = CompactRange()
        frontier.append(leaf, level: 0) { level, index, hash in
            if index & 1 == 0 { levels[level].append(hash) }
        }
        self.frontier = frontier
        if size & (LeftHashes.chunk - 1) == 0 { forget() }
    }

    /// The root at `size`; nil when it is larger than the tree or older than the window.
    public mutating func root(at size: UInt64) -> Digest32? {
        guard size >= oldestSize, size <= self.size else { return nil }
        guard size > 0 else { return emptyTreeRoot }
        let place = Int(size & 255)
        if remembered[place].size == size { return remembered[place].root }
        var rest = size
        var root: Digest32?
        while rest > 0 {
            // The lowest one bit is the last subtree; the others stand to its left.
            let level = rest.trailingZeroBitCount
            let left = levels[level].hash(rest >> UInt64(level + 1))
            root = root.map { nodeHash(left, $0) } ?? left
            rest &= rest - 1
        }
        if let root { remembered[place] = (size, root) }
        return root
    }

    private mutating func forget() {
        let oldest = oldestSize
        for level in levels.indices { levels[level].forget(before: oldest >> UInt64(level + 1)) }
    }
}

/// The hashes of one level's left children, from some place on, in chunks dropped from the front.
private struct LeftHashes: Sendable {
    static let chunk: UInt64 = 1024

    private var first: UInt64
    private var chunks: [[Digest32]] = []

    init(first: UInt64) { self.first = first }

    mutating func append(_ hash: Digest32) {
        let last = chunks.count - 1
        if last < 0 || chunks[last].count == Int(Self.chunk) {
            chunks.append([hash])
        } else {
            chunks[last].append(hash)
        }
    }

    func hash(_ place: UInt64) -> Digest32 {
        let offset = place - first
        return chunks[Int(offset / Self.chunk)][Int(offset % Self.chunk)]
    }

    mutating func forget(before place: UInt64) {
        guard place >= first + Self.chunk else { return }
        let count = Int((place - first) / Self.chunk)
        chunks.removeFirst(count)
        first += UInt64(count) * Self.chunk
    }
}
