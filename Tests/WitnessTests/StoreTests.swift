import Bytes
import Foundation
import Merkle
import Testing
import Witness

@Suite struct `What a witness keeps` {
    @Test func `it is there again after a restart`() throws {
        let sample = try SampleWitness()
        let log = try SampleLog()
        do {
            let store = try sample.create(log)
            #expect(try sample.witness(store).answer(log.body(0, 5)).status == 200)
        }
        let store = try WitnessStore.open(sample.folder)
        #expect(try store.logs() == [.init(key: log.signer.key)])
        #expect(try store.head("log/1")?.checkpoint.size == 5)
        let witness = try sample.witness(store)
        #expect(witness.answer(try log.body(0, 6)).body == "5\n")
        #expect(witness.answer(try log.body(5, 6)).status == 200)
        #expect(throws: WitnessError.self) { try sample.create(log) }
    }

    @Test func `its folder may be moved, and does not open without its head files`() throws {
        let sample = try SampleWitness()
        let log = try SampleLog()
        do {
            let store = try sample.create(log)
            #expect(try sample.witness(store).answer(log.body(0, 5)).status == 200)
        }
        let moved = sample.folder + "-moved"
        try FileManager.default.moveItem(atPath: sample.folder, toPath: moved)
        defer { try? FileManager.default.removeItem(atPath: moved) }
        let witness = try sample.witness(try WitnessStore.open(moved))
        #expect(witness.answer(try log.body(5, 6)).status == 200)
        #expect(!FileManager.default.fileExists(atPath: sample.folder))
        try FileManager.default.removeItem(atPath: moved + "/heads")
        #expect(throws: WitnessError.self) { try WitnessStore.open(moved) }
    }

    @Test func `a log's key is never changed, its source may be`() throws {
        let sample = try SampleWitness()
        let log = try SampleLog()
        let store = try sample.create(log)
        let other = try CheckpointSigner(name: "log/1", seed: leafHash([9])).key
        #expect(throws: WitnessError.knownLog(origin: "log/1")) {
            try store.add(.init(key: other))
        }
        try store.add(.init(key: log.signer.key, source: "/somewhere"))
        #expect(try store.log("log/1")?.source == "/somewhere")
        #expect(try store.log("log/2") == nil)
        let witnessKey = try SampleWitness.key.get().key
        #expect(throws: WitnessError.self) { try store.add(.init(key: witnessKey)) }
        #expect(throws: WitnessError.self) {
            try store.add(.init(key: log.signer.key, source: "a\nb"))
        }
    }

    /// The database as it was, the head files as they are.
    @Test func `a restored older database cosigns nothing until it is recovered`() throws {
        let sample = try SampleWitness()
        let log = try SampleLog()
        let fork = try SampleLog(branch: 1, common: 5)
        let database = sample.folder + "/witness.mdb"
        do {
            let store = try sample.create(log)
            #expect(try sample.witness(store).answer(log.body(0, 5)).status == 200)
        }
        let saved = try Data(contentsOf: URL(filePath: database))
        do {
            let witness = try sample.witness(try WitnessStore.open(sample.folder))
            #expect(witness.answer(try log.body(5, 9)).status == 200)
        }
        try saved.write(to: URL(filePath: database))
        let store = try WitnessStore.open(sample.folder)
        let witness = try sample.witness(store)
        for body in [try fork.body(5, 9), try log.body(5, 9), try log.body(9, 10)] {
            var reason = ""
            let answer = witness.answer(body) { reason = $0 }
            #expect(answer.status == 500)
            #expect(reason.contains("restored"))
        }
        #expect(try store.recover("log/1") == 9)
        #expect(witness.answer(try fork.body(5, 10)).status == 409)
        #expect(witness.answer(try fork.body(9, 10)).status == 422)
        #expect(witness.answer(try log.body(9, 10)).status == 200)
        #expect(try store.recover("log/1") == 10)
    }

    @Test func `a database that contradicts the head file cosigns nothing`() throws {
        let sample = try SampleWitness()
        let log = try SampleLog()
        let fork = try SampleLog(branch: 1)
        let store = try sample.create(log)
        let witness = try sample.witness(store)
        #expect(witness.answer(try log.body(0, 5)).status == 200)
        let head = "\(sample.folder)/heads/\(sha256(Array("log/1".utf8)).hex)"
        #expect(FileManager.default.fileExists(atPath: head))
        try Data(try fork.checkpoint(5).note.encodedText.utf8).write(to: URL(filePath: head))
        #expect(witness.answer(try log.body(5, 6)).status == 500)
        #expect(throws: WitnessError.self) { try store.recover("log/1") }
        try Data("damaged".utf8).write(to: URL(filePath: head))
        #expect(witness.answer(try log.body(5, 6)).status == 500)
        #expect(try store.head("log/1")?.checkpoint.size == 5)
    }

    @Test func `a crash between database and head file is caught up`() throws {
        let sample = try SampleWitness()
        let log = try SampleLog()
        let store = try sample.create(log)
        let witness = try sample.witness(store)
        #expect(witness.answer(try log.body(0, 5)).status == 200)
        let head = URL(filePath: "\(sample.folder)/heads/\(sha256(Array("log/1".utf8)).hex)")
        let before = try Data(contentsOf: head)
        #expect(witness.answer(try log.body(5, 6)).status == 200)
        let after = try Data(contentsOf: head)
        try before.write(to: head)
        #expect(witness.answer(try log.body(6, 6)).status == 200)
        #expect(try Data(contentsOf: head) == after)
    }
}
