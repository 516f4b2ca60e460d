import Bytes
import Merkle
import Testing

@Suite struct `Checkpoints` {
    static let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

    @Test func `the example of C2SP parses and comes out as it went in`() throws {
        let text = "example.com/behind-the-sofa\n20852163\n\(Self.root)\n"
        let checkpoint = try Checkpoint(parsing: text)
        #expect(checkpoint.origin == "example.com/behind-the-sofa")
        #expect(checkpoint.size == 20_852_163)
        #expect(checkpoint.text == text)
    }

    @Test(arguments: [
        "", "a\n", "a\n1\n", "a\n1\n\(root)", "a\n1\n\(root)\n\n", "a\n1\n\(root)\nmore\n",
        "\n1\n\(root)\n", "a b\n1\n\(root)\n", "a+b\n1\n\(root)\n", "a\n01\n\(root)\n",
        "a\n-1\n\(root)\n", "a\n+1\n\(root)\n", "a\n 1\n\(root)\n", "a\n\n\(root)\n",
        "a\n9007199254740993\n\(root)\n", "a\n18446744073709551617\n\(root)\n",
        "a\n99999999999999999999999\n\(root)\n", "a\n1\nAAAA\n", "a\n1\n\(root.dropLast())\n",
        "a\r\n1\r\n\(root)\r\n", "a\n1\n\(root)\r\n", "a\n\u{661}\n\(root)\n",
    ])
    func `a malformed checkpoint is refused`(_ text: String) {
        #expect(throws: MerkleError.self) { try Checkpoint(parsing: text) }
    }

    @Test func `the largest size is 2 to the 53rd`() throws {
        let text = "a\n9007199254740992\n\(Self.root)\n"
        #expect(try Checkpoint(parsing: text).size == maximumTreeSize)
        #expect(try Checkpoint(parsing: "a\n0\n\(Self.root)\n").size == 0)
    }

    @Test func `a signed checkpoint verifies under its own key alone`() throws {
        let signer = try CheckpointSigner(name: "log/1", seed: leafHash([1]))
        let other = try CheckpointSigner(name: "log/1", seed: leafHash([2]))
        let checkpoint = try Checkpoint(origin: "log/1", size: 7, root: leafHash([3]))
        let signed = try signer.sign(checkpoint).signed
        let received = try SignedCheckpoint(parsing: Array(signed.note.encodedText.utf8))
        #expect(try received.verified(with: signer.key).checkpoint == checkpoint)
        #expect(throws: MerkleError.unsigned(name: "log/1", id: other.key.id)) {
            try received.verified(with: other.key)
        }
        let line = try #require(received.note.signatures.first)
        for bit in 0..<512 {
            var bytes = line.bytes
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let changed = try #require(
                NoteSignature(name: line.name, keyID: line.keyID, bytes: bytes))
            let forged = try received.adding(changed)
            #expect(throws: MerkleError.signature(name: "log/1", id: signer.key.id)) {
                try forged.verified(with: signer.key)
            }
        }
    }

    @Test func `a key signs for its own origin only, and a bad signer is caught`() throws {
        let signer = try CheckpointSigner(name: "log/1", seed: leafHash([1]))
        let foreign = try Checkpoint(origin: "log/2", size: 7, root: leafHash([3]))
        #expect(throws: MerkleError.signing(name: "log/1")) { try signer.sign(foreign) }
        let own = try Checkpoint(origin: "log/1", size: 7, root: leafHash([3]))
        let broken = CheckpointSigner(key: signer.key) { _ in [UInt8](repeating: 0, count: 64) }
        #expect(throws: MerkleError.signing(name: "log/1")) { try broken.sign(own) }
        let refusing = CheckpointSigner(key: signer.key) { _ in nil }
        #expect(throws: MerkleError.signing(name: "log/1")) { try refusing.sign(own) }
    }

    @Test func `a cosignature says when, and for which text`() throws {
        let log = try CheckpointSigner(name: "log/1", seed: leafHash([1]))
        let witness = try CheckpointSigner(name: "w", kind: .cosignature, seed: leafHash([2]))
        let one = try log.sign(Checkpoint(origin: "log/1", size: 1, root: leafHash([3])))
        let two = try log.sign(Checkpoint(origin: "log/1", size: 2, root: leafHash([4])))
        let line = try witness.cosign(one, atSeconds: 1_679_315_147)
        #expect(line.bytes.count == 72)
        let cosigned = try one.signed.adding(line)
        #expect(try cosigned.verifiedCosignatureSeconds(with: witness.key) == 1_679_315_147)
        #expect(try cosigned.verified(with: log.key).checkpoint == one.checkpoint)
        #expect(throws: MerkleError.self) {
            try two.signed.adding(line).verifiedCosignatureSeconds(with: witness.key)
        }
        var later = line.bytes
        later[7] ^= 1
        let moved = try #require(NoteSignature(name: "w", keyID: line.keyID, bytes: later))
        #expect(throws: MerkleError.self) {
            try one.signed.adding(moved).verifiedCosignatureSeconds(with: witness.key)
        }
        #expect(throws: MerkleError.self) {
            try one.signed.verifiedCosignatureSeconds(with: witness.key)
        }
        #expect(throws: MerkleError.self) { try witness.cosign(one, atSeconds: 1 << 63) }
        #expect(cosignatureSeconds([0x80] + [UInt8](repeating: 0, count: 71)) == nil)
        // A log's key and a witness's key are never taken for each other.
        #expect(throws: MerkleError.self) { try cosigned.verified(with: witness.key) }
        #expect(throws: MerkleError.self) { try log.cosign(one, atSeconds: 1) }
    }

    @Test func `keys of both kinds are written and read back`() throws {
        for kind in [NoteVerifierKey.Kind.ed25519, .cosignature] {
            let key = try CheckpointSigner(name: "n/1", kind: kind, seed: leafHash([9])).key
            #expect(try NoteVerifierKey(parsing: key.encodedText) == key)
        }
        #expect(throws: MerkleError.self) {
            try CheckpointSigner(name: "two words", seed: leafHash([9]))
        }
    }
}

@Suite struct `Seals` {
    @Test func `a seal holds for its digest, purpose and key, and is no other signature`() throws {
        let signer = try CheckpointSigner(name: "w/1", kind: .cosignature, seed: leafHash([1]))
        let seal = try signer.seal(sha256([7]), for: "a purpose")
        #expect(seal.count == 64)
        #expect(signer.key.isSeal(seal, of: sha256([7]), for: "a purpose"))
        #expect(!signer.key.isSeal(seal, of: sha256([8]), for: "a purpose"))
        #expect(!signer.key.isSeal(seal, of: sha256([7]), for: "another"))
        #expect(!signer.key.isSeal(seal + [0], of: sha256([7]), for: "a purpose"))
        let other = try CheckpointSigner(name: "w/1", kind: .cosignature, seed: leafHash([2]))
        #expect(!other.key.isSeal(seal, of: sha256([7]), for: "a purpose"))
        let line = [UInt8](repeating: 0, count: 8) + seal
        #expect(!signer.key.isValid(line, for: "a purpose\n\(sha256([7]).hex)\n"))
        // Two lines could be read as another purpose and digest; a log's key signs any text.
        #expect(throws: MerkleError.self) { try signer.seal(sha256([7]), for: "two\nlines") }
        let log = try CheckpointSigner(name: "log", seed: leafHash([1]))
        #expect(throws: MerkleError.self) { try log.seal(sha256([7]), for: "a purpose") }
    }
}
