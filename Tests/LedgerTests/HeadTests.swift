import Bytes
import Files
import Foundation
import Ledger
import Merkle
import Storage
import TestSupport
import Testing

@Suite struct `Checkpoints and the head file` {
    let temporary: TemporaryFolder
    let folder: String
    let signer: CheckpointSigner

    init() throws {
        temporary = try TemporaryFolder()
        folder = temporary.file("log")
        signer = try Sample.signer()
    }

    @Test func `the head is signed, stored and written to the head file`() throws {
        let log = try Sample.create(folder, size: 10)
        let first = try log.signCheckpoint(with: signer)
        #expect(first.checkpoint.size == 10)
        #expect(first.checkpoint.root == Sample.root(10))
        #expect(try log.signCheckpoint(with: signer) == first)
        try Sample.extend(log, to: 25)
        let second = try log.signCheckpoint(with: signer)
        let written = try SignedCheckpoint(parsing: bytes(ofFile: folder + "/head"))
        #expect(written == second.signed)
        #expect(try written.verified(with: signer.key) == second)
        try log.read { view throws(LedgerError) in
            let latest = try view.latestCheckpoint()
            #expect(latest == second.signed)
            let older = try view.checkpoint(size: 10)
            #expect(older == first.signed)
            let none = try view.checkpoint(size: 11)
            #expect(none == nil)
            var sizes: [UInt64] = []
            try view.forEachCheckpoint { checkpoint throws(LedgerError) in
                sizes.append(checkpoint.checkpoint.size)
                return true
            }
            #expect(sizes == [10, 25])
        }
        #expect(try log.check() == [])
    }

    @Test func `an empty log and a foreign key sign nothing`() throws {
        let log = try Sample.create(folder)
        #expect(throws: LedgerError.outOfRange(position: 0, size: 0)) {
            try log.signCheckpoint(with: signer)
        }
        try Sample.extend(log, to: 1)
        let foreign = try CheckpointSigner(name: "test/other", seed: .zero)
        #expect(throws: LedgerError.merkle(.signing(name: "test/other"))) {
            try log.signCheckpoint(with: foreign)
        }
        #expect(!FileManager.default.fileExists(atPath: folder + "/head"))
    }

    @Test func `what the signer knows must be in the tree, and is remembered before it is signed`()
        throws
    {
        let log = try Sample.create(folder, size: 10)
        func known(_ size: UInt64, _ root: Digest32) throws -> Checkpoint {
            try Checkpoint(origin: log.origin, size: size, root: root)
        }
        let here = try known(10, Sample.root(10))
        for (lacking, error) in [
            (
                try known(11, Sample.root(11)),
                LedgerError.behindHead(head: try known(11, Sample.root(11)), database: here)
            ),
            (
                try known(10, .zero),
                .forkedFromHead(head: try known(10, .zero), database: here)
            ),
            (
                try known(7, .zero),
                .forkedFromHead(
                    head: try known(7, .zero), database: try known(7, Sample.root(7)))
            ),
        ] {
            #expect(throws: error) {
                try log.signCheckpoint(with: signer, after: lacking) { _ throws(LedgerError) in
                    Issue.record("nothing is to be remembered")
                }
            }
        }
        // What can not be remembered is not signed.
        let refusal = LedgerError.name("no room")
        #expect(throws: refusal) {
            try log.signCheckpoint(with: signer, after: here) { _ throws(LedgerError) in
                throw refusal
            }
        }
        #expect(!FileManager.default.fileExists(atPath: folder + "/head"))
        var remembered: [Checkpoint] = []
        let signed = try log.signCheckpoint(with: signer, after: try known(7, Sample.root(7))) {
            checkpoint throws(LedgerError) in remembered.append(checkpoint)
        }
        #expect(remembered == [signed.checkpoint])
        #expect(signed.checkpoint == here)
    }

    @Test func `cosignatures join, and lines of unknown keys are dropped`() throws {
        let log = try Sample.create(folder, size: 10)
        let signed = try log.signCheckpoint(with: signer)
        let known = try CheckpointSigner(name: "w1", kind: .cosignature, seed: sha256([1]))
        let unknown = try CheckpointSigner(name: "w2", kind: .cosignature, seed: sha256([2]))
        let received = try signed.signed.adding(known.cosign(signed, atSeconds: 5))
            .adding(unknown.cosign(signed, atSeconds: 6))
        try Sample.extend(log, to: 12)
        let kept = try log.record(received, logKey: signer.key, cosigners: [known.key])
        #expect(kept.signed.note.signatures.map(\.name) == [signer.key.name, "w1"])
        #expect(try kept.signed.verifiedCosignatureSeconds(with: known.key) == 5)
        #expect(try SignedCheckpoint(parsing: bytes(ofFile: folder + "/head")) == kept.signed)
        let foreign = try signer.sign(
            Checkpoint(origin: log.origin, size: 10, root: .zero))
        #expect(throws: LedgerError.self) {
            try log.record(foreign.signed, logKey: signer.key, cosigners: [])
        }
        let ahead = try signer.sign(Checkpoint(origin: log.origin, size: 13, root: .zero))
        #expect(throws: LedgerError.self) {
            try log.record(ahead.signed, logKey: signer.key, cosigners: [])
        }
        #expect(throws: LedgerError.self) {
            try log.record(kept.signed, logKey: known.key, cosigners: [])
        }
    }

    @Test func `an older copy of the database is refused, with both heads named`() throws {
        let backup = temporary.file("backup")
        do {
            let log = try Sample.create(folder, size: 10)
            try log.backup(to: backup)
            try Sample.extend(log, to: 20)
            _ = try log.signCheckpoint(with: signer)
        }
        try FileManager.default.removeItem(atPath: folder + "/ledger.mdb")
        try FileManager.default.copyItem(
            atPath: backup + "/ledger.mdb", toPath: folder + "/ledger.mdb")
        let origin = "test/\(Sample.ledgerID.hex)"
        let refusal = LedgerError.behindHead(
            head: try Checkpoint(origin: origin, size: 20, root: Sample.root(20)),
            database: try Checkpoint(origin: origin, size: 10, root: Sample.root(10)))
        #expect(throws: refusal) { try Log.open(folder, .readWrite) }
        let log = try Log.open(folder, .readOnly)
        #expect(log.fault == refusal)
        #expect(try log.size() == 10)
        #expect(throws: LedgerError.readOnly(folder: folder)) { try Sample.extend(log, to: 11) }
        #expect(throws: LedgerError.readOnly(folder: folder)) {
            try log.signCheckpoint(with: signer)
        }
    }

    @Test func `a database with another history is refused`() throws {
        do {
            let log = try Sample.create(folder, size: 10)
            let other = try signer.sign(
                Checkpoint(origin: log.origin, size: 7, root: sha256([1])))
            try replaceFile(
                folder + "/head", with: Array(other.signed.note.encodedText.utf8))
            // The running process does not sign beside such a head either.
            #expect(throws: LedgerError.self) { try log.signCheckpoint(with: signer) }
        }
        let error = #expect(throws: LedgerError.self) { try Log.open(folder, .readWrite) }
        guard case .forkedFromHead(let head, let database) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(head.root == sha256([1]))
        #expect(database.root == Sample.root(7))
        #expect(try Log.open(folder, .audit).fault == error)
    }

    @Test func `a head of another log, and one that is none, are refused`() throws {
        do { _ = try Sample.create(folder, size: 3) }
        let other = try CheckpointSigner(name: "other/1", seed: .zero)
        let foreign = try other.sign(Checkpoint(origin: "other/1", size: 1, root: .zero))
        try replaceFile(folder + "/head", with: Array(foreign.signed.note.encodedText.utf8))
        #expect(
            throws: LedgerError.foreignOrigin(
                expected: "test/\(Sample.ledgerID.hex)", found: "other/1")
        ) { try Log.open(folder, .readWrite) }
        try replaceFile(folder + "/head", with: utf8("nonsense\n"))
        #expect(throws: LedgerError.self) { try Log.open(folder, .readOnly) }
    }

    @Test func `a crash between storing and writing the head is made good by the next signature`()
        throws
    {
        let log = try Sample.create(folder, size: 10)
        _ = try log.signCheckpoint(with: signer)
        try FileManager.default.removeItem(atPath: folder + "/head")
        let again = try log.signCheckpoint(with: signer)
        #expect(try SignedCheckpoint(parsing: bytes(ofFile: folder + "/head")) == again.signed)
    }

    @Test func `a pipe in place of the head or the database is refused and not waited for`() throws
    {
        _ = try Sample.create(folder, size: 3)
        for name in ["head", "ledger.mdb"] {
            let path = "\(folder)/\(name)"
            let kept = path + ".kept"
            let isThere = FileManager.default.fileExists(atPath: path)
            if isThere { try FileManager.default.moveItem(atPath: path, toPath: kept) }
            try #require(unsafe mkfifo(path, 0o600) == 0)
            let expected = LedgerError.storage(.file(.notRegular(path: path)))
            for mode in [Log.Mode.readWrite, .readOnly] {
                #expect(throws: expected) { try Log.open(folder, mode) }
            }
            if name == "head" {
                #expect(try Log.open(folder, .audit).fault == expected)
            } else {
                #expect(throws: expected) { try Log.open(folder, .audit) }
            }
            try FileManager.default.removeItem(atPath: path)
            if isThere { try FileManager.default.moveItem(atPath: kept, toPath: path) }
        }
    }

    @Test func `signers that race leave the largest head, and one root for each size`() async throws
    {
        let log = try Sample.create(folder, size: 1)
        let signer = signer
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<10 {
                        try log.append { batch throws(LedgerError) in
                            _ = try batch.append(Sample.record(batch.size))
                        }
                        _ = try log.signCheckpoint(with: signer)
                    }
                }
            }
            try await group.waitForAll()
        }
        let head = try SignedCheckpoint(parsing: bytes(ofFile: folder + "/head"))
        #expect(head.checkpoint.size == 41)
        #expect(head.checkpoint.root == Sample.root(41))
        #expect(try log.check() == [])
    }
}
