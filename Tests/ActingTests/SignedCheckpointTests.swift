import Acting
import Bytes
import Events
import Foundation
import Ledger
import Merkle
import SampleLedger
import Secrets
import State
import Testing

/// What the log's key signs when the ledger's folder, or its own memory, is not as it left it.
@Suite struct SignedCheckpointTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString)"
    private let sample: SampleLedger
    private let keystore: Keystore
    private let key: KeyFile

    init() throws {
        sample = try SampleLedger(members: 3)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        keystore = try Keystore(folder: folder + "/keys")
        var generator = SystemRandomNumberGenerator()
        let passphrase = try Passphrase(SecretBytes(copying: Array("correct horse".utf8).span))
        key = try keystore.create(
            try KeyName("log"), .note(.log), under: passphrase,
            cost: try ScryptCost(rounds: 16, blockSize: 8, parallelism: 1), using: &generator)
        _ = try sample.found(in: ledger) { SampleLedger.epoch }
    }

    private var ledger: String { folder + "/ledger" }

    /// Appends an attestation by a member, with a number and a time that make it another event.
    private func append(by member: Int, sequence: UInt64, at time: UInt64) throws {
        let open = try OpenLedger(ledger, .readWrite)
        let writer = LedgerWriter(open.log, isClockConfirmed: true) { time }
        let event = try sample.signers[member].attest(
            sequence: sequence, seen: try open.log.treeHead(), ledger: sample.id)
        let checked = try #require(CheckedSubmission(Submission(event), keys: writer.keys))
        for answer in try writer.append([checked]) { _ = try answer.get() }
    }

    @discardableResult
    private func sign(failing: Bool = false) throws -> Checkpoint {
        let open = try OpenLedger(ledger, .readWrite)
        let signer = try SampleLedger.checkpointKey(name: open.log.origin)
        var memory = try keystore.signedHeads(of: key)
        return try open.signCheckpoint(
            with: failing ? CheckpointSigner(key: signer.key) { _ in nil } : signer, &memory
        ).checkpoint
    }

    private func putBack(_ copy: String) throws {
        try FileManager.default.removeItem(atPath: ledger)
        try FileManager.default.copyItem(atPath: copy, toPath: ledger)
    }

    private func refusal(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch let error as ActingError { return "\(error)" } catch {
            Issue.record(error)
            return nil
        }
    }

    @Test func `an older copy of the whole folder gets no second root for a signed size`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try sign()
        let old = folder + "/old"
        try FileManager.default.copyItem(atPath: ledger, toPath: old)
        try append(by: 1, sequence: 1, at: SampleLedger.epoch + 1)
        let first = try sign()
        let known = try #require(try keystore.signedHead(of: sample.id, by: key))
        #expect(known == SignedHead(size: first.size, root: first.root))

        // A smaller tree.
        try putBack(old)
        let smaller = refusal { try sign() }
        #expect(smaller?.contains("at size \(first.size - 1)") == true)
        #expect(smaller?.contains("\(first.root.hex) at size \(first.size)") == true)
        #expect(smaller?.contains("it is an older copy") == true)
        let asked = refusal { try OpenLedger(ledger, .readOnly).requireHead(known) }
        #expect(asked == smaller)

        // Another tree of the same size, and of a larger one.
        for step in UInt64(0)..<2 {
            try append(by: 2, sequence: 1 + step, at: SampleLedger.epoch + 2)
            let fork = refusal { try sign() }
            #expect(fork?.contains("\(first.root.hex) at size \(first.size)") == true)
            #expect(fork?.contains("another history") == true)
            let asked = refusal { try OpenLedger(ledger, .readOnly).requireHead(known) }
            #expect(asked == fork)
        }
        #expect(try keystore.signedHead(of: sample.id, by: key) == known)
        let signed = try OpenLedger(ledger, .readOnly).checkpoint()?.checkpoint.size
        #expect(signed == first.size - 1)
    }

    @Test func `a head that was remembered and not signed is signed next time`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let merkle = #expect(throws: LedgerError.self) { try sign(failing: true) }
        #expect(merkle != nil)
        let head = try #require(try keystore.signedHead(of: sample.id, by: key))
        #expect(try OpenLedger(ledger, .readOnly).checkpoint() == nil)
        try OpenLedger(ledger, .readOnly).requireHead(head)
        let signed = try sign()
        #expect(SignedHead(size: signed.size, root: signed.root) == head)
        // Others append between the crash and the next signature.
        try append(by: 1, sequence: 1, at: SampleLedger.epoch + 1)
        #expect(throws: LedgerError.self) { try sign(failing: true) }
        try append(by: 2, sequence: 1, at: SampleLedger.epoch + 2)
        #expect(try sign().size == head.size + 2)
    }

    @Test func `a memory that was lost adopts the head, and is refused when it is broken`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try sign()
        let path = folder + "/keys/log.memory"
        try FileManager.default.removeItem(atPath: path)
        #expect(try sign() == first)
        #expect(try keystore.signedHead(of: sample.id, by: key)?.root == first.root)
        try Data("nonsense".utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: path)
        #expect(throws: SecretsError.self) { try sign() }
    }
}
