import Bytes
import Merkle

/// A tree of known leaves, and the definition of RFC 9162 §2.1.1 written down literally.
struct SampleTree: HashReader {
    var leaves: [Digest32]

    init(size: Int) {
        leaves = (0..<size).map { leafHash([UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)]) }
    }

    init(leaves: [Digest32]) { self.leaves = leaves }

    func hash(level: Int, index: UInt64) throws(Never) -> Digest32 {
        let first = Int(index) << level
        return Self.root(of: leaves[first..<first + 1 << level])
    }

    func root(_ size: Int) -> Digest32 { Self.root(of: leaves[..<size]) }

    static func root(of leaves: ArraySlice<Digest32>) -> Digest32 {
        guard leaves.count > 1 else { return leaves.first ?? sha256([]) }
        var middle = 1
        while middle * 2 < leaves.count { middle *= 2 }
        let left = root(of: leaves.prefix(middle))
        let right = root(of: leaves.dropFirst(middle))
        return sha256([1] + left.array + right.array)
    }
}

extension Digest32 {
    /// The digest with one bit turned over.
    func flipping(bit: Int) -> Digest32 {
        var changed = bytes
        changed[bit / 8] ^= 1 << UInt8(bit % 8)
        return Digest32(changed)
    }
}
