import Acting
import Bitcoin
import Bytes
import Events
import Foundation
import Keys
import Ledger
import Merkle
import State
import StateTestSupport
import Synchronization
import TestSigning

/// A small ledger on disk, written by the real writer: a wallet, a confirmed transfer, an aborted
/// one, a document, and a signed checkpoint.
final class SampleLedger {
    let folder: String
    let memory: MemoryLedger

    var database: String { "\(folder)/ledger.mdb" }
    var head: String { "\(folder)/head" }

    init() throws {
        folder =
            FileManager.default.temporaryDirectory.path + "/strongroom-audit-\(UUID().uuidString)"
        memory = try Self.story()
        let log = try Self.write(memory, in: folder)
        let signer = try CheckpointSigner(name: log.origin, seed: MemoryLedger.logSeed)
        _ = try log.signCheckpoint(with: signer)
        try log.append { (batch) throws(LedgerError) in
            try batch.putSnapshot(size: batch.size, memory.state.encoded)
        }
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: folder) } catch {
            print("left behind: \(folder): \(error)")
        }
    }

    /// The founding fact.
    static func founding(rules: UInt64 = 1) throws -> Founded {
        let roles: [MemberName: [RoleName]] = [
            "alice": ["executive"], "bob": ["executive"], "olga": [.operator], "walt": [.watcher],
        ]
        return try MemoryLedger.founding(roles, policy: "2 of (alice, bob)", rules: rules)
    }

    private static func story() throws -> MemoryLedger {
        let founding = try founding()
        var keys: [MemberName: TestKey] = [:]
        for member in founding.members {
            keys[member.member] = try MemoryLedger.key(member.member.text)
        }
        var ledger = try MemoryLedger(founding, by: "alice", keys: keys)
        for name in keys.keys.sorted() { try ledger.record(.accepted(.membership(name)), by: name) }
        let wallet = try TestWallet(.witnessMultisig(.sorted), threshold: 2, of: 2, seed: "main")
        try ledger.create(
            MemoryLedger.proposal(
                "main", wallet, holders: ["alice", "bob"], quorum: "2 of (alice, bob)"),
            wallet, by: ["alice", "bob"])
        let coins = try ledger.deposit(100_000, 50_000, to: "main", watchedBy: "walt")
        let first = try ledger.transfer([coins[0]], from: "main", paying: 60_000)
        let id = try ledger.initiate(.transfer(first), by: "alice")
        try ledger.approve(id, by: "alice", "bob")
        try ledger.sign(id, key: 0, by: "alice")
        try ledger.sign(id, key: 1, by: "bob")
        let transaction = try ledger.broadcast(id, by: "olga")
        try ledger.mine([transaction], watchedBy: "walt")
        let second = try ledger.transfer([coins[1]], from: "main", paying: 10_000)
        let aborted = try ledger.initiate(.transfer(second), by: "bob")
        try ledger.record(
            .aborted(Aborted(request: aborted, reason: "the wrong invoice")), by: "alice")
        let document = [UInt8](repeating: 7, count: 20_000)
        ledger.keep(document)
        try ledger.record(
            .attached(
                Attached(document: BlobReference(document), label: "an invoice", request: id)),
            by: "bob")
        return ledger
    }

    /// Founds a ledger in a folder as a user does, and has the real writer record the entries of a
    /// ledger in memory, or as many of them.
    @discardableResult
    static func write(
        _ memory: MemoryLedger, first count: Int? = nil, in folder: String
    ) throws -> Log {
        let founding = try SignedEvent(decoding: memory.entries[0].event, ledger: nil)
        try OpenLedger.found(
            Submission(founding), in: folder, clock: { memory.entries[0].recorded })
        let log = try Log.open(folder, .readWrite)
        try write(memory, 1..<(count ?? memory.entries.count), to: log)
        return log
    }

    /// Has the real writer record the entries of a ledger in memory at some positions.
    static func write(_ memory: MemoryLedger, _ positions: Range<Int>, to log: Log) throws {
        let clock = Mutex(memory.entries[0].recorded)
        let writer = LedgerWriter(log, isClockConfirmed: true) { clock.withLock { $0 } }
        for position in positions {
            let entry = memory.entries[position]
            clock.withLock { $0 = entry.recorded }
            let event = try SignedEvent(decoding: entry.event, ledger: log.ledgerID)
            let fact = event.event.fact
            let blobs = (fact.evidence + fact.attachments).compactMap {
                memory.blobs[$0.digest]
            }
            let submission = Submission(event, blobs: blobs)
            guard let checked = CheckedSubmission(submission, keys: writer.keys) else {
                throw SubmissionError.invalidSignature
            }
            for answer in try writer.append([checked]) { _ = try answer.get() }
        }
    }
}
