internal import Bytes

/// The tree of a block's txids, in which an uneven level repeats its last node.
enum MerkleTree {
    /// The hash of two children.
    static func node(_ left: Digest32, _ right: Digest32) -> Digest32 {
        sha256d(joined(left, right))
    }

    /// The 64 bytes that an inner node hashes.
    static func joined(_ left: Digest32, _ right: Digest32) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(64)
        bytes.append(left)
        bytes.append(right)
        return bytes
    }

    /// The root over `leaves`, at least one, and the siblings on the way from the leaf at `index`.
    ///
    /// Refuses equal neighbours, as Core's `ComputeMerkleRoot` marks them as mutated: only then has
    /// another list of leaves the same root.
    static func reduce(
        _ leaves: [Digest32], siblingsOf index: Int = 0
    ) throws(BitcoinError) -> (root: Digest32, siblings: [Digest32]) {
        precondition(leaves.indices.contains(index), "the leaf is one of the leaves")
        var level = leaves
        var position = index
        var siblings: [Digest32] = []
        while level.count > 1 {
            let depth = siblings.count
            for left in stride(from: 0, to: level.count - 1, by: 2)
            where level[left] == level[left + 1] {
                throw .repeatedTransactions(level: depth)
            }
            if level.count % 2 == 1 { level.append(level[level.count - 1]) }
            siblings.append(level[position ^ 1])
            for parent in 0..<level.count / 2 {
                level[parent] = node(level[2 * parent], level[2 * parent + 1])
            }
            level.removeLast(level.count / 2)
            position /= 2
        }
        return (level[0], siblings)
    }
}
