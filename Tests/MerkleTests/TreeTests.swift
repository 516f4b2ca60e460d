import Bytes
import Merkle
import Testing

@Suite struct `Merkle tree` {
    /// The eight entries of RFC 6962's reference implementation and the roots over them.
    static let entries = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    @Test func `the reference roots of RFC 6962`() throws {
        let leaves = try Self.entries.map { leafHash(try #require(decodeHex($0))) }
        let tree = SampleTree(leaves: leaves)
        var range = CompactRange()
        var recent = RecentTree()
        for size in 0...8 {
            #expect(root(size: UInt64(size), tree).hex == Self.roots[size])
            #expect(range.root.hex == Self.roots[size])
            #expect(recent.root(at: UInt64(size))?.hex == Self.roots[size])
            guard size < 8 else { break }
            range.append(leaves[size])
            recent.append(leaves[size])
        }
        #expect(emptyTreeRoot.hex == Self.roots[0])
    }

    @Test func `the reference paths of RFC 6962`() throws {
        let leaves = try Self.entries.map { leafHash(try #require(decodeHex($0))) }
        let tree = SampleTree(leaves: leaves)
        #expect(proveInclusion(0, size: 1, tree).isEmpty)
        #expect(
            proveInclusion(5, size: 8, tree).map(\.hex) == [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ])
        #expect(
            proveInclusion(2, size: 3, tree).map(\.hex) == [
                "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
            ])
        #expect(
            proveConsistency(from: 6, to: 8, tree).map(\.hex) == [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ])
    }

    @Test func `every inclusion proof of every size to 130 holds, and for its place alone`() throws
    {
        let tree = SampleTree(size: 130)
        for size in 1...130 {
            let root = tree.root(size)
            for index in 0..<size {
                let proof = proveInclusion(UInt64(index), size: UInt64(size), tree)
                try checkInclusion(
                    proof, index: UInt64(index), size: UInt64(size), leaf: tree.leaves[index],
                    root: root)
                for other in [index - 1, index + 1] where (0..<size).contains(other) {
                    #expect(throws: MerkleError.self) {
                        try checkInclusion(
                            proof, index: UInt64(other), size: UInt64(size),
                            leaf: tree.leaves[index], root: root)
                    }
                }
            }
        }
    }

    @Test func `every consistency proof of every size to 130 holds, and for its root alone`() throws
    {
        let tree = SampleTree(size: 130)
        let roots = (0...130).map { tree.root($0) }
        for new in 0...130 {
            for old in 0...new {
                let proof = proveConsistency(from: UInt64(old), to: UInt64(new), tree)
                try checkConsistency(
                    proof, from: UInt64(old), oldRoot: roots[old], to: UInt64(new),
                    newRoot: roots[new])
                #expect(throws: MerkleError.self) {
                    try checkConsistency(
                        proof, from: UInt64(old), oldRoot: roots[old].flipping(bit: new),
                        to: UInt64(new), newRoot: roots[new])
                }
                // Every tree extends the empty one: there, only the new size 0 fixes the new root.
                guard old > 0 || new == 0 else { continue }
                #expect(throws: MerkleError.self) {
                    try checkConsistency(
                        proof, from: UInt64(old), oldRoot: roots[old], to: UInt64(new),
                        newRoot: roots[new].flipping(bit: old))
                }
            }
        }
    }

    @Test func `every flipped bit, missing or added hash of a small proof is refused`() throws {
        let tree = SampleTree(size: 8)
        for size in 1...8 {
            let root = tree.root(size)
            for index in 0..<size {
                let proof = proveInclusion(UInt64(index), size: UInt64(size), tree)
                for bad in broken(proof) {
                    #expect(throws: MerkleError.self) {
                        try checkInclusion(
                            bad, index: UInt64(index), size: UInt64(size),
                            leaf: tree.leaves[index], root: root)
                    }
                }
            }
            for old in 1..<max(size, 2) where old < size {
                let proof = proveConsistency(from: UInt64(old), to: UInt64(size), tree)
                for bad in broken(proof) {
                    #expect(throws: MerkleError.self) {
                        try checkConsistency(
                            bad, from: UInt64(old), oldRoot: tree.root(old), to: UInt64(size),
                            newRoot: root)
                    }
                }
            }
        }
    }

    @Test func `indexes and sizes outside the tree are refused`() {
        #expect(throws: MerkleError.range(value: 3, limit: 3)) {
            try checkInclusion([], index: 3, size: 3, leaf: .zero, root: .zero)
        }
        #expect(throws: MerkleError.treeSize(maximumTreeSize + 1)) {
            try checkInclusion([], index: 3, size: maximumTreeSize + 1, leaf: .zero, root: .zero)
        }
        #expect(throws: MerkleError.range(value: 4, limit: 3)) {
            try checkConsistency([], from: 4, oldRoot: .zero, to: 3, newRoot: .zero)
        }
        #expect(throws: MerkleError.treeSize(.max)) {
            try checkConsistency([], from: 4, oldRoot: .zero, to: .max, newRoot: .zero)
        }
        #expect(throws: MerkleError.proofLength(expected: 53, found: 0)) {
            try checkInclusion([], index: 0, size: maximumTreeSize, leaf: .zero, root: .zero)
        }
    }

    private func broken(_ proof: [Digest32]) -> [[Digest32]] {
        var all = [proof + [.zero]]
        for place in proof.indices {
            var shorter = proof
            shorter.remove(at: place)
            all.append(shorter)
            for bit in 0..<256 {
                var changed = proof
                changed[place] = changed[place].flipping(bit: bit)
                all.append(changed)
            }
        }
        return all
    }
}
