import Bytes
import Merkle
import Testing

@Suite struct `Frontier and recent roots` {
    @Test func `a frontier carried over at any size continues to the same roots`() throws {
        let tree = SampleTree(size: 140)
        for start in 0...70 {
            let read = compactRange(size: UInt64(start), tree)
            var range = try CompactRange(size: read.size, hashes: read.hashes)
            var recent = RecentTree(range)
            for size in start...140 {
                #expect(range.root == tree.root(size))
                #expect(range.size == UInt64(size))
                if size < 140 {
                    range.append(tree.leaves[size])
                    recent.append(tree.leaves[size])
                }
            }
            for size in 0...140 {
                #expect(recent.root(at: UInt64(size)) == (size < start ? nil : tree.root(size)))
            }
            #expect(recent.frontier == range)
            #expect(recent.root(at: 141) == nil)
        }
    }

    @Test func `perfect subtrees append as their leaves do`() {
        let tree = SampleTree(size: 64)
        var range = CompactRange()
        range.append(tree.hash(level: 5, index: 0), level: 5)
        range.append(tree.hash(level: 3, index: 4), level: 3)
        range.append(tree.hash(level: 0, index: 40), level: 0)
        #expect(range.size == 41)
        #expect(range.root == tree.root(41))
    }

    @Test func `a frontier with the wrong number of hashes is refused`() {
        #expect(throws: MerkleError.frontierLength(size: 5, expected: 2, found: 1)) {
            try CompactRange(size: 5, hashes: [.zero])
        }
        #expect(throws: MerkleError.treeSize(maximumTreeSize + 1)) {
            try CompactRange(size: maximumTreeSize + 1, hashes: [.zero, .zero])
        }
        #expect(throws: Never.self) {
            try CompactRange(size: maximumTreeSize, hashes: [.zero])
        }
    }

    @Test func `sizes leave the window one by one and never come back`() throws {
        // A huge tree of which only the frontier is known; its right edge then moves.
        let size: UInt64 = 1 << 40 | 1 << 20 | 77
        let hashes = (0..<size.nonzeroBitCount).map { leafHash([UInt8($0)]) }
        var recent = RecentTree(try CompactRange(size: size, hashes: hashes))
        var range = recent.frontier
        var kept: [UInt64: Digest32] = [size: range.root]
        for step in 0..<(RecentTree.window + 3000) {
            let leaf = nodeHash(hashes[Int(step % 3)], hashes[Int(step % 5)])
            recent.append(leaf)
            range.append(leaf)
            if step % 997 == 0 { kept[range.size] = range.root }
        }
        kept[range.size] = range.root
        #expect(recent.oldestSize == range.size - RecentTree.window)
        for (size, root) in kept {
            let expected = size < recent.oldestSize ? nil : root
            #expect(recent.root(at: size) == expected)
            #expect(recent.root(at: size) == expected)
        }
        #expect(recent.root(at: recent.oldestSize) != nil)
        #expect(recent.root(at: recent.oldestSize - 1) == nil)
    }
}
