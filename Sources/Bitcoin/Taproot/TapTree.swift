public import Bytes

/// A taproot script tree (BIP-341).
public indirect enum TapTree: Sendable, Hashable {
    /// A script under its leaf version, which is even.
    case leaf(version: UInt8, Script)
    /// Two subtrees; which stands left does not matter to the hash.
    case branch(TapTree, TapTree)

    /// The most levels that a control block can prove.
    public static let depthMax = 128

    /// A leaf with the hashes that lead from it to the root.
    public struct Leaf: Sendable, Hashable {
        /// The leaf version.
        public let version: UInt8
        /// The script.
        public let script: Script
        /// The hash of version and script.
        public let hash: Digest32
        /// The sibling on each level, the leaf's own first.
        public internal(set) var path: [Digest32]
    }

    /// The root hash, which the output key commits to.
    public var root: Digest32 { hashed().root }

    /// All leaves from left to right. Costs a hash for each node.
    public var leaves: [Leaf] { hashed().leaves }

    /// Computes the hash of a leaf ("TapLeaf").
    public static func leafHash(version: UInt8, _ script: Script) -> Digest32 {
        var message: [UInt8] = [version]
        message.append(lengthPrefixed: script.bytes)
        return taggedHash("TapLeaf", message)
    }

    /// Computes the hash of two nodes, the lower one first ("TapBranch").
    public static func branchHash(_ left: Digest32, _ right: Digest32) -> Digest32 {
        taggedHash("TapBranch", min(left, right).array + max(left, right).array)
    }

    private func hashed() -> (root: Digest32, leaves: [Leaf]) {
        switch self {
        case .leaf(let version, let script):
            let hash = Self.leafHash(version: version, script)
            return (hash, [Leaf(version: version, script: script, hash: hash, path: [])])
        case .branch(let left, let right):
            var left = left.hashed()
            var right = right.hashed()
            for index in left.leaves.indices { left.leaves[index].path.append(right.root) }
            for index in right.leaves.indices { right.leaves[index].path.append(left.root) }
            return (Self.branchHash(left.root, right.root), left.leaves + right.leaves)
        }
    }
}
