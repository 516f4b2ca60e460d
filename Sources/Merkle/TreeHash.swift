public import Bytes

/// The largest number of entries that a log may hold: 2^53, so that every size is an exact integer
/// in CBOR and JSON readers of any language.
public let maximumTreeSize: UInt64 = 1 << 53

/// The root of the tree without entries: SHA-256 of the empty string (RFC 9162 §2.1.1).
public let emptyTreeRoot = sha256([])

/// Computes the hash of a leaf: SHA-256(0x00 ‖ entry) (RFC 9162 §2.1.1).
public func leafHash(_ entry: Span<UInt8>) -> Digest32 {
    var hasher = SHA256Hasher()
    hasher.update(byte: 0)
    hasher.update(entry)
    return hasher.finalize()
}

/// Computes the hash of a leaf: SHA-256(0x00 ‖ entry) (RFC 9162 §2.1.1).
public func leafHash(_ entry: [UInt8]) -> Digest32 { leafHash(entry.span) }

/// Computes the hash of an inner node: SHA-256(0x01 ‖ left ‖ right) (RFC 9162 §2.1.1).
public func nodeHash(_ left: Digest32, _ right: Digest32) -> Digest32 { sha256(1, left, right) }

/// Folds the roots of adjacent subtrees, largest and leftmost first, into the root over them all.
func fold(_ subtrees: [Digest32]) -> Digest32 {
    guard var root = subtrees.last else { return emptyTreeRoot }
    for left in subtrees.dropLast().reversed() { root = nodeHash(left, root) }
    return root
}
