public import Bytes

/// Checks that the leaf with hash `leaf` stands at `index` in the tree of `size` leaves with `root`
/// (RFC 9162 §2.1.3.2).
///
/// The length of the proof is checked before any hash. Throws ``MerkleError`` naming what differs.
public func checkInclusion(
    _ proof: [Digest32], index: UInt64, size: UInt64, leaf: Digest32, root: Digest32
) throws(MerkleError) {
    guard size <= maximumTreeSize else { throw .treeSize(size) }
    guard index < size else { throw .range(value: index, limit: size) }
    let expected = inclusionProofLength(index: index, size: size)
    guard proof.count == expected else {
        throw .proofLength(expected: expected, found: proof.count)
    }
    var node = index
    var last = size - 1
    var hash = leaf
    for sibling in proof {
        if node & 1 == 1 || node == last {
            hash = nodeHash(sibling, hash)
            // A node without a right sibling rises unchanged to where it becomes a right child.
            while node & 1 == 0 && node != 0 {
                node >>= 1
                last >>= 1
            }
        } else {
            hash = nodeHash(hash, sibling)
        }
        node >>= 1
        last >>= 1
    }
    guard hash == root else { throw .root(size: size, expected: root, found: hash) }
}

/// Checks that the tree of `newSize` leaves with `newRoot` extends the one of `oldSize` leaves with
/// `oldRoot` (RFC 9162 §2.1.4.2).
///
/// Equal sizes need equal roots and no proof; every tree extends the empty one, whose root is then
/// checked too. Throws ``MerkleError`` naming what differs.
public func checkConsistency(
    _ proof: [Digest32], from oldSize: UInt64, oldRoot: Digest32, to newSize: UInt64,
    newRoot: Digest32
) throws(MerkleError) {
    guard newSize <= maximumTreeSize else { throw .treeSize(newSize) }
    guard oldSize <= newSize else { throw .range(value: oldSize, limit: newSize) }
    let expected = consistencyProofLength(from: oldSize, to: newSize)
    guard proof.count == expected else {
        throw .proofLength(expected: expected, found: proof.count)
    }
    if oldSize == 0 {
        try require(emptyTreeRoot, is: oldRoot, size: 0)
        if newSize == 0 { try require(emptyTreeRoot, is: newRoot, size: 0) }
        return
    }
    if oldSize == newSize { return try require(oldRoot, is: newRoot, size: newSize) }
    var node = oldSize - 1
    var last = newSize - 1
    while node & 1 == 1 {
        node >>= 1
        last >>= 1
    }
    // An old tree that is a perfect subtree of the new one is its own first hash.
    var path = proof[...]
    let first: Digest32
    if oldSize & (oldSize - 1) == 0 { first = oldRoot } else { first = path.removeFirst() }
    var oldHash = first
    var newHash = first
    for sibling in path {
        if node & 1 == 1 || node == last {
            oldHash = nodeHash(sibling, oldHash)
            newHash = nodeHash(sibling, newHash)
            while node & 1 == 0 && node != 0 {
                node >>= 1
                last >>= 1
            }
        } else {
            newHash = nodeHash(newHash, sibling)
        }
        node >>= 1
        last >>= 1
    }
    try require(oldHash, is: oldRoot, size: oldSize)
    try require(newHash, is: newRoot, size: newSize)
}

private func require(
    _ found: Digest32, is expected: Digest32, size: UInt64
) throws(MerkleError) {
    guard found == expected else { throw .root(size: size, expected: expected, found: found) }
}

private func inclusionProofLength(index: UInt64, size: UInt64) -> Int {
    var length = 0
    var low: UInt64 = 0
    var high = size
    while high - low > 1 {
        let middle = low + splitPoint(high - low)
        if index < middle { high = middle } else { low = middle }
        length += 1
    }
    return length
}

private func consistencyProofLength(from oldSize: UInt64, to newSize: UInt64) -> Int {
    guard oldSize > 0 else { return 0 }
    var length = 0
    var low: UInt64 = 0
    var high = newSize
    while high != oldSize {
        let middle = low + splitPoint(high - low)
        if oldSize <= middle { high = middle } else { low = middle }
        length += 1
    }
    return low == 0 ? length : length + 1
}
