import Acting
import Bytes
import Events
import Foundation
import Ledger
import SampleLedger
import Secrets
import State
import Storage
import Testing

/// What somebody who can write to the ledger's folder does to the database: he changes entries, and
/// leaves the tree and the head that everybody knows as they are.
@Suite struct RollbackGuardTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString)"
    private static let tables = [
        "entries", "tiles", "authors", "requests", "numbers", "outcomes", "blobs", "state",
        "evidence", "checkpoints", "meta",
    ]

    /// A ledger in which members 1 and 2 have attested, at `time`; its last entry and the state
    /// behind it.
    @discardableResult
    private func found(
        _ sample: SampleLedger, _ name: String, at time: UInt64 = SampleLedger.epoch
    ) throws -> (entry: [UInt8], state: [UInt8]) {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let writer = try sample.found(in: "\(folder)/\(name)") { time }
        let head = try writer.log.treeHead()
        for signer in sample.signers.dropFirst() {
            try append(try signer.attest(sequence: 1, seen: head, ledger: sample.id), writer)
        }
        let entry = try writer.log.read { (view) throws(LedgerError) in
            let lent = try view.entry(view.size - 1)
            return [UInt8](capacity: lent.count) { $0.append(lent) }
        }
        return (entry, try writer.state().encoded)
    }

    private func append(_ event: SignedEvent, _ writer: LedgerWriter) throws {
        let checked = try #require(CheckedSubmission(Submission(event), keys: writer.keys))
        for answer in try writer.append([checked]) { _ = try answer.get() }
    }

    /// Puts another last entry, and a snapshot that agrees with it, into a ledger of `size`.
    private func forge(_ name: String, size: UInt64, entry: [UInt8], state: [UInt8]) throws {
        func key(_ number: UInt64) -> [UInt8] {
            (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
        }
        let environment = try Environment(
            path: "\(folder)/\(name)/ledger.mdb", mode: .readWrite, tables: Self.tables)
        try environment.write { (transaction) throws(StorageError) in
            try transaction.put(environment.table("entries"), key(size - 1), entry)
            try transaction.put(environment.table("state"), key(size), state)
        }
    }

    @Test func `entries that were changed under the tree that a key remembers are a fork`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let sample = try SampleLedger(members: 3)
        try found(sample, "ledger")
        let path = "\(folder)/ledger"
        let known = try Brief(try OpenLedger(path, .readOnly), since: nil, clock: machineClock)
            .replayed
        #expect(
            try Brief(try OpenLedger(path, .readOnly), since: known, clock: machineClock).replayed
                == known)
        let (entry, state) = try found(sample, "other", at: SampleLedger.epoch + 1)
        try forge("ledger", size: known.size, entry: entry, state: state)

        let open = try OpenLedger(path, .readWrite)
        #expect(throws: ActingError.self) { _ = try Brief(open, since: known, clock: machineClock) }
        #expect(throws: ActingError.self) { _ = try Brief(open, since: nil, clock: machineClock) }

        // The head grows past the one that is remembered, by somebody who has not seen the change.
        let before = try open.log.read { (view) throws(LedgerError) in
            TreeHead(size: known.size - 2, root: try view.root(at: known.size - 2))
        }
        try append(
            try sample.signers[2].attest(sequence: 2, seen: before, ledger: sample.id),
            LedgerWriter(open.log, isClockConfirmed: true) { SampleLedger.epoch + 1 })
        #expect(throws: ActingError.self) { _ = try Brief(open, since: known, clock: machineClock) }
        #expect(throws: ActingError.self) { _ = try Brief(open, since: nil, clock: machineClock) }
    }
}
