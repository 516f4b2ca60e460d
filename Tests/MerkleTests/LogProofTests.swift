import Bytes
import Merkle
import Testing

@Suite struct `Proofs in one file` {
    static let log = Result { try CheckpointSigner(name: "log/1", seed: leafHash([1])) }

    static func proof(_ index: UInt64, size: Int, extra: [UInt8]? = nil) throws -> LogProof {
        let tree = SampleTree(size: size)
        let checkpoint = try Checkpoint(
            origin: "log/1", size: UInt64(size), root: root(size: UInt64(size), tree))
        return try LogProof(
            index: index, hashes: proveInclusion(index, size: UInt64(size), tree),
            checkpoint: log.get().sign(checkpoint).signed, extra: extra)
    }

    @Test func `every entry of every small tree is proven, and none for another`() throws {
        let key = try Self.log.get().key
        for size in 1...40 {
            let tree = SampleTree(size: size)
            for index in 0..<size {
                let text = try Self.proof(UInt64(index), size: size).encodedText
                let proof = try LogProof(parsing: Array(text.utf8))
                #expect(proof.encodedText == text)
                let head = try proof.verified(leaf: tree.leaves[index], with: key)
                #expect(head.checkpoint.size == UInt64(size))
                #expect(throws: MerkleError.self) { try proof.check(leaf: leafHash([1])) }
            }
        }
    }

    @Test func `the format is the specification's, byte for byte`() throws {
        let text = try Self.proof(4, size: 5, extra: [1, 2, 3]).encodedText
        let tree = SampleTree(size: 5)
        let sibling = encodeBase64(root(size: 4, tree).array)
        let head = encodeBase64(root(size: 5, tree).array)
        #expect(
            text.hasPrefix(
                "c2sp.org/tlog-proof@v1\nextra AQID\nindex 4\n\(sibling)\n\nlog/1\n5\n\(head)\n\n"
                    + "\u{2014} log/1 "))
        let plain = try Self.proof(0, size: 1).encodedText
        #expect(plain.hasPrefix("c2sp.org/tlog-proof@v1\nindex 0\n\nlog/1\n1\n"))
    }

    @Test func `another key, another index and another hash are refused`() throws {
        let tree = SampleTree(size: 7)
        let proof = try Self.proof(3, size: 7)
        let other = try CheckpointSigner(name: "log/1", seed: leafHash([2])).key
        #expect(throws: MerkleError.unsigned(name: "log/1", id: other.id)) {
            try proof.verified(leaf: tree.leaves[3], with: other)
        }
        for index in 0..<9 as Range<UInt64> where index != 3 {
            let moved = try LogProof(
                index: index, hashes: proof.hashes, checkpoint: proof.checkpoint)
            #expect(throws: MerkleError.self) { try moved.check(leaf: tree.leaves[3]) }
        }
        for place in proof.hashes.indices {
            var hashes = proof.hashes
            hashes[place] = emptyTreeRoot
            let changed = try LogProof(index: 3, hashes: hashes, checkpoint: proof.checkpoint)
            #expect(throws: MerkleError.self) { try changed.check(leaf: tree.leaves[3]) }
        }
    }

    /// Changes of a valid proof's text, each of which makes it none.
    static let spoilings: [(String, String)] = [
        ("tlog-proof@v1", "tlog-proof@v2"), ("c2sp.org", " c2sp.org"), ("\n", "\r\n"),
        ("extra AQID", "extra AQI"), ("extra AQID", "extra "), ("extra AQID", "extra"),
        ("extra AQID", "extra  AQID"), ("extra AQID\n", "extra AQID\nextra AQID\n"),
        ("extra AQID", "extra AQID "), ("extra AQID", "extra AQJ="), ("index 4", "index 04"),
        ("index 4", "index -4"), ("index 4", "index  4"), ("index 4", "index"),
        ("index 4", "Index 4"), ("index 4", "index 9007199254740992"),
        ("index 4\n", "index 4\n\n"), ("index 4\n", "index 4\nAAAA\n"), ("index 4\n", ""),
        ("=\n\nlog/1", "=\nlog/1"), ("=\n\nlog/1", "=\n\n\nlog/1"), ("log/1\n5", "log/1\n05"),
        ("c2sp.org/tlog-proof@v1\n", ""),
    ]

    @Test(arguments: spoilings)
    func `a malformed proof is refused`(_ spoiling: (String, String)) throws {
        let text = try Self.proof(4, size: 5, extra: [1, 2, 3]).encodedText
        let spoilt = text.replacing(spoiling.0, with: spoiling.1, maxReplacements: 1)
        #expect(spoilt != text)
        #expect(throws: MerkleError.self) { try LogProof(parsing: Array(spoilt.utf8)) }
    }

    @Test func `no proof that is cut short is one`() throws {
        let bytes = Array(try Self.proof(4, size: 5, extra: [1, 2, 3]).encodedText.utf8)
        for count in bytes.indices {
            #expect(throws: MerkleError.self) { try LogProof(parsing: Array(bytes[..<count])) }
        }
    }

    @Test func `the limits hold at their edge and not one past it`() throws {
        let checkpoint = try Self.proof(0, size: 1).checkpoint
        let hashes = [Digest32](repeating: emptyTreeRoot, count: LogProof.maximumHashes)
        let most = try LogProof(
            index: maximumTreeSize - 1, hashes: hashes, checkpoint: checkpoint,
            extra: [UInt8](repeating: 7, count: LogProof.maximumExtraBytes))
        #expect(try LogProof(parsing: Array(most.encodedText.utf8)) == most)
        #expect(throws: MerkleError.self) {
            try LogProof(index: 0, hashes: hashes + [emptyTreeRoot], checkpoint: checkpoint)
        }
        #expect(throws: MerkleError.self) {
            try LogProof(index: maximumTreeSize, hashes: [], checkpoint: checkpoint)
        }
        let line = HashLines.encode([emptyTreeRoot])
        let more = most.encodedText.replacing(line, with: line + line, maxReplacements: 1)
        #expect(throws: MerkleError.self) { try LogProof(parsing: Array(more.utf8)) }
        #expect(throws: MerkleError.self) {
            try LogProof(parsing: [UInt8](repeating: 10, count: LogProof.maximumBytes + 1))
        }
        #expect(throws: MerkleError.self) {
            try LogProof(
                index: 0, hashes: [], checkpoint: checkpoint,
                extra: [UInt8](repeating: 7, count: LogProof.maximumExtraBytes + 1))
        }
    }
}
