import Bytes
import Foundation
import Merkle
import Synchronization
import Testing
import Witness

@Suite struct `Cosigning checkpoints` {
    /// The cosigned checkpoint, when the answer's first line verifies.
    static func seconds(
        _ answer: WitnessAnswer, _ checkpoint: SignedCheckpoint,
        _ key: Result<CheckpointSigner, any Error> = SampleWitness.key
    ) throws -> UInt64 {
        #expect(answer.status == 200, Comment(rawValue: answer.body))
        let cosigned = try SignedCheckpoint(
            parsing: Array((checkpoint.note.encodedText + answer.body).utf8))
        return try cosigned.verifiedCosignatureSeconds(with: key.get().key)
    }

    @Test func `a log that grows is cosigned step by step`() throws {
        let sample = try SampleWitness()
        let log = try SampleLog()
        let witness = try sample.witness(try sample.create(log))
        var old: UInt64 = 0
        for (step, new) in ([1, 2, 3, 7, 8, 8, 9, 32, 64] as [UInt64]).enumerated() {
            let answer = witness.answer(try log.body(old, new))
            #expect(try Self.seconds(answer, log.checkpoint(new)) == 1_001 + UInt64(step))
            #expect(answer.body.split(separator: "\n").count == 1)
            old = new
        }
    }

    @Test func `each refusal has the status of the protocol, in its order`() throws {
        let sample = try SampleWitness()
        let log = try SampleLog()
        let store = try sample.create(log)
        let witness = try sample.witness(store)
        let stranger = try SampleLog("log/2")
        let impostor = try CheckpointSigner(name: "log/1", seed: leafHash([9]))
        let fork = try SampleLog(branch: 1)
        #expect(witness.answer(Array("nonsense".utf8)).status == 400)
        #expect(witness.answer(try stranger.body(0, 5)).status == 404)
        let forged = try impostor.sign(log.checkpoint(5).checkpoint).signed
        let unsigned = try AddCheckpoint(oldSize: 0, proof: [], checkpoint: forged)
        #expect(witness.answer(Array(unsigned.encodedText.utf8)).status == 403)
        let shrinking = try AddCheckpoint(
            oldSize: 6, proof: [], checkpoint: log.checkpoint(5))
        #expect(witness.answer(Array(shrinking.encodedText.utf8)).status == 400)
        // Nothing is known yet, and the old size of every other request is wrong.
        #expect(
            witness.answer(try log.body(4, 5))
                == WitnessAnswer(.otherSize(known: 0)))
        #expect(try store.head("log/1") == nil)
        #expect(witness.answer(try log.body(0, 5)).status == 200)
        let conflict = witness.answer(try log.body(0, 6))
        #expect(conflict.status == 409)
        #expect(conflict.contentType == "text/x.tlog.size")
        #expect(conflict.body == "5\n")
        let smaller = witness.answer(try log.body(0, 4))
        #expect(smaller.status == 409)
        #expect(smaller.body == "5\n")
        // The size that was cosigned, with another root.
        let other = witness.answer(try fork.body(5, 5))
        #expect(other.status == 422)
        // A proof that is wrong, short, long, or of another tree.
        #expect(witness.answer(try fork.body(5, 6)).status == 422)
        for proof in [[], [emptyTreeRoot], [emptyTreeRoot, emptyTreeRoot]] as [[Digest32]] {
            let wrong = try AddCheckpoint(oldSize: 5, proof: proof, checkpoint: log.checkpoint(6))
            #expect(witness.answer(Array(wrong.encodedText.utf8)).status == 422)
        }
        let padded = try AddCheckpoint(
            oldSize: 5, proof: [emptyTreeRoot], checkpoint: log.checkpoint(5))
        #expect(witness.answer(Array(padded.encodedText.utf8)).status == 422)
        #expect(try store.head("log/1")?.checkpoint == log.checkpoint(5).checkpoint)
        #expect(try Self.seconds(witness.answer(log.body(5, 6)), log.checkpoint(6)) > 0)
    }

    @Test func `the empty tree has one root, and needs no proof`() throws {
        let sample = try SampleWitness()
        let log = try SampleLog()
        let witness = try sample.witness(try sample.create(log))
        let wrong = try log.signer.sign(
            Checkpoint(origin: "log/1", size: 0, root: leafHash([7])))
        let request = try AddCheckpoint(oldSize: 0, proof: [], checkpoint: wrong.signed)
        #expect(witness.answer(Array(request.encodedText.utf8)).status == 422)
        #expect(witness.answer(try log.body(0, 0)).status == 200)
        let padded = try AddCheckpoint(
            oldSize: 0, proof: [emptyTreeRoot], checkpoint: log.checkpoint(5))
        #expect(witness.answer(Array(padded.encodedText.utf8)).status == 422)
        #expect(witness.answer(try log.body(0, 5)).status == 200)
    }

    @Test func `signatures of others on a checkpoint change nothing, and are not kept`() throws {
        let sample = try SampleWitness()
        let log = try SampleLog()
        let store = try sample.create(log)
        let other = try CheckpointSigner(name: "x", kind: .cosignature, seed: leafHash([3]))
        let head = try log.checkpoint(5).verified(with: log.signer.key)
        let signed = try head.signed.adding(other.cosign(head, atSeconds: 1))
        let request = try AddCheckpoint(oldSize: 0, proof: [], checkpoint: signed)
        let answer = try sample.witness(store).answer(Array(request.encodedText.utf8))
        #expect(try Self.seconds(answer, head.signed) == 1_001)
        let kept = try #require(try store.head("log/1"))
        #expect(kept.note.encodedText == head.signed.note.encodedText + answer.body)
    }

    @Test func `one line that verifies does not outweigh one of the same key that does not`() throws
    {
        let sample = try SampleWitness()
        let log = try SampleLog()
        let witness = try sample.witness(try sample.create(log))
        let good = try log.checkpoint(5)
        let bytes = [UInt8](repeating: 1, count: 64)
        let bad = try #require(
            NoteSignature(name: "log/1", keyID: log.signer.key.id, bytes: bytes))
        let note = try Note(text: good.note.text, signatures: good.note.signatures + [bad])
        let request = try AddCheckpoint(
            oldSize: 0, proof: [], checkpoint: SignedCheckpoint(note))
        #expect(witness.answer(Array(request.encodedText.utf8)).status == 403)
        // A line of the same name and another key id is one of an unknown key.
        let stranger = try #require(NoteSignature(name: "log/1", keyID: 7, bytes: bytes))
        let passed = try Note(text: good.note.text, signatures: [stranger] + good.note.signatures)
        let other = try AddCheckpoint(
            oldSize: 0, proof: [], checkpoint: SignedCheckpoint(passed))
        #expect(witness.answer(Array(other.encodedText.utf8)).status == 200)
    }

    @Test func `a monitor gets the newest checkpoint with the lines that were answered`() throws {
        let sample = try SampleWitness()
        let log = try SampleLog()
        let store = try sample.create(log)
        let full = CosigningWitness.FullReplay(signer: try SampleWitness.fullKey.get()) {
            $1.checkpoint.size != 6
        }
        let witness = try sample.witness(store, full: full)
        let hash = sha256(Array("log/1".utf8)).hex
        #expect(witness.newest(hash).status == 404)
        for (old, new, lines) in [(0, 5, 2), (5, 6, 1), (6, 9, 2)]
            as [(UInt64, UInt64, Int)]
        {
            let answer = witness.answer(try log.body(old, new))
            #expect(answer.body.split(separator: "\n").count == lines)
            let newest = witness.newest(hash)
            #expect(newest.status == 200)
            #expect(newest.body == (try log.checkpoint(new).note.encodedText) + answer.body)
        }
        #expect(witness.newest(sha256(Array("log/2".utf8)).hex).status == 404)
        #expect(witness.newest(hash.uppercased()).status == 404)
        #expect(witness.newest("../witness.mdb").status == 404)
        // What is refused changes nothing, nor what is cosigned again within a minute.
        let before = witness.newest(hash)
        #expect(witness.answer(try SampleLog(branch: 1).body(9, 9)).status == 422)
        #expect(witness.answer(try log.body(9, 9)).status == 200)
        #expect(witness.newest(hash) == before)
        sample.pass(60)
        let later = witness.answer(try log.body(9, 9))
        #expect(witness.newest(hash).body == (try log.checkpoint(9).note.encodedText) + later.body)
    }

    @Test func `two logs do not know of each other`() throws {
        let sample = try SampleWitness()
        let (one, two) = (try SampleLog("log/1"), try SampleLog("log/2", branch: 1))
        let witness = try sample.witness(try sample.create(one, two))
        #expect(witness.answer(try one.body(0, 5)).status == 200)
        #expect(witness.answer(try two.body(0, 9)).status == 200)
        #expect(witness.answer(try one.body(5, 6)).status == 200)
        #expect(witness.answer(try two.body(9, 10)).status == 200)
    }

    /// Sixteen threads offer the two branches of a fork, at sizes that follow each other.
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func `of two branches offered at once one is ever cosigned`(_ seed: UInt64) async throws {
        let sample = try SampleWitness()
        let branches = [
            try SampleLog(branch: 1, common: 3), try SampleLog(branch: 2, common: 3),
        ]
        let store = try sample.create(branches[0])
        let witness = try sample.witness(store)
        #expect(witness.answer(try branches[0].body(0, 3)).status == 200)
        let cosigned = Record()
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<16 {
                group.addTask {
                    let branch = (worker + Int(seed)) % 2
                    var old: UInt64 = 3
                    for step in 0..<24 {
                        let new = min(63, old + UInt64(worker * 7 + step) % 3)
                        guard new > 3, let body = try? branches[branch].body(old, new) else {
                            old = min(63, old + 1)
                            continue
                        }
                        let answer = witness.answer(body)
                        switch answer.status {
                        case 200:
                            cosigned.add(branch, new)
                            old = new
                        case 409: old = UInt64(answer.body.dropLast()) ?? old
                        default: break
                        }
                    }
                }
            }
        }
        let sizes = cosigned.sizes
        #expect(sizes.count == 1, "cosigned were \(sizes)")
        let (branch, largest) = (sizes.keys.first ?? 0, sizes.values.first?.max() ?? 0)
        #expect(
            try store.head("log/1")?.checkpoint == branches[branch].checkpoint(largest).checkpoint)
        #expect(witness.answer(try branches[1 - branch].body(largest, largest)).status == 422)
    }

    @Test func `full replays are stated by a key of their own, and only when they succeed`() throws
    {
        let sample = try SampleWitness()
        let log = try SampleLog()
        let store = try sample.create(log)
        let full = CosigningWitness.FullReplay(signer: try SampleWitness.fullKey.get()) {
            $1.checkpoint.size != 6
        }
        let witness = try sample.witness(store, full: full)
        let both = witness.answer(try log.body(0, 5))
        #expect(both.body.split(separator: "\n").count == 2)
        _ = try Self.seconds(both, log.checkpoint(5))
        _ = try Self.seconds(both, log.checkpoint(5), SampleWitness.fullKey)
        let one = witness.answer(try log.body(5, 6))
        _ = try Self.seconds(one, log.checkpoint(6))
        #expect(one.body.split(separator: "\n").count == 1)
        #expect(throws: WitnessError.self) {
            _ = try CosigningWitness(store, signer: try SampleWitness.fullKey.get()) { 1 }
        }
        #expect(throws: WitnessError.self) {
            _ = try WitnessStore.create(
                sample.folder + "-2", key: SampleWitness.key.get().key,
                fullKey: SampleWitness.key.get().key)
        }
    }
}

/// Which sizes of which branch were cosigned.
private final class Record: Sendable {
    private let state = Mutex<[Int: Set<UInt64>]>([:])

    var sizes: [Int: Set<UInt64>] { state.withLock { $0 } }

    func add(_ branch: Int, _ size: UInt64) {
        state.withLock { _ = $0[branch, default: []].insert(size) }
    }
}
