public import Bytes

/// What proofs are made from: the hashes of perfect subtrees.
///
/// The subtree (level, index) covers the 2^level leaves from index·2^level on. A reader is only
/// asked for subtrees that are complete at the size in question. The functions here never store
/// anything.
public protocol HashReader<Failure>: ~Copyable, ~Escapable {
    /// What reading may fail with.
    associatedtype Failure: Error

    /// Returns the hash of the perfect subtree (level, index).
    func hash(level: Int, index: UInt64) throws(Failure) -> Digest32
}

/// Computes the root of the tree of the first `size` leaves (RFC 9162 §2.1.1).
///
/// Cost: as many reads as `size` has one bits, one node hash fewer.
public func root<Reader: HashReader & ~Copyable & ~Escapable>(
    size: UInt64, _ reader: borrowing Reader
) throws(Reader.Failure) -> Digest32 {
    try rangeHash(0, size, reader)
}

/// Reads the frontier of the tree of the first `size` leaves.
public func compactRange<Reader: HashReader & ~Copyable & ~Escapable>(
    size: UInt64, _ reader: borrowing Reader
) throws(Reader.Failure) -> CompactRange {
    CompactRange(size: size, unchecked: try subtreeHashes(0, size, reader))
}

/// Proves that the leaf `index` is in the tree of `size` leaves (RFC 9162 §2.1.3.1).
///
/// The path runs from the leaf's sibling up. `index` must be below `size`. Cost: O(log size) reads
/// and node hashes.
public func proveInclusion<Reader: HashReader & ~Copyable & ~Escapable>(
    _ index: UInt64, size: UInt64, _ reader: borrowing Reader
) throws(Reader.Failure) -> [Digest32] {
    precondition(index < size, "a leaf outside the tree has no proof")
    var proof: [Digest32] = []
    var low: UInt64 = 0
    var high = size
    while high - low > 1 {
        let middle = low + splitPoint(high - low)
        if index < middle {
            proof.append(try rangeHash(middle, high, reader))
            high = middle
        } else {
            proof.append(try rangeHash(low, middle, reader))
            low = middle
        }
    }
    proof.reverse()
    return proof
}

/// Proves that the tree of `newSize` leaves extends the one of `oldSize` (RFC 9162 §2.1.4.1).
///
/// `oldSize` must not be above `newSize`; the proof is empty when they are equal, or when the old
/// tree is. Cost: O(log newSize) reads and node hashes.
public func proveConsistency<Reader: HashReader & ~Copyable & ~Escapable>(
    from oldSize: UInt64, to newSize: UInt64, _ reader: borrowing Reader
) throws(Reader.Failure) -> [Digest32] {
    precondition(oldSize <= newSize, "a tree does not shrink")
    guard oldSize > 0 else { return [] }
    var proof: [Digest32] = []
    var low: UInt64 = 0
    var high = newSize
    // While the old tree is this whole subtree's left part, its root is known to the checker.
    var known = true
    while high != oldSize {
        let middle = low + splitPoint(high - low)
        if oldSize <= middle {
            proof.append(try rangeHash(middle, high, reader))
            high = middle
        } else {
            proof.append(try rangeHash(low, middle, reader))
            low = middle
            known = false
        }
    }
    if !known { proof.append(try rangeHash(low, high, reader)) }
    proof.reverse()
    return proof
}

/// The largest power of two below `count`, which must be at least 2.
func splitPoint(_ count: UInt64) -> UInt64 { 1 << UInt64(63 - (count - 1).leadingZeroBitCount) }

/// The root over the leaves low..<high, where low is a multiple of the subtree's width.
private func rangeHash<Reader: HashReader & ~Copyable & ~Escapable>(
    _ low: UInt64, _ high: UInt64, _ reader: borrowing Reader
) throws(Reader.Failure) -> Digest32 {
    fold(try subtreeHashes(low, high, reader))
}

/// The hashes of the perfect subtrees that low..<high is made of, largest first.
private func subtreeHashes<Reader: HashReader & ~Copyable & ~Escapable>(
    _ low: UInt64, _ high: UInt64, _ reader: borrowing Reader
) throws(Reader.Failure) -> [Digest32] {
    var hashes: [Digest32] = []
    var start = low
    while start < high {
        let level = 63 - (high - start).leadingZeroBitCount
        hashes.append(try reader.hash(level: level, index: start >> UInt64(level)))
        start += 1 << UInt64(level)
    }
    return hashes
}
