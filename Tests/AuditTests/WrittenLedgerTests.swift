import Acting
import Audit
import Bytes
import Events
import Foundation
import Ledger
import Merkle
import State
import StateTestSupport
import Testing

/// What the writer takes in must verify, whoever sends it and whenever it comes.
@Suite final class WrittenLedgerTests {
    private let folder =
        FileManager.default.temporaryDirectory.path + "/strongroom-written-\(UUID().uuidString)"
    private static let hour: UInt64 = 3_600_000
    private static let document = [UInt8](repeating: 9, count: 300)

    init() throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func founded() throws -> MemoryLedger {
        try MemoryLedger(
            ["alice": ["executive"], "bob": ["executive"]], policy: "2 of (alice, bob)")
    }

    /// A request that nobody approves, and a document about it when only time has ended it: no
    /// entry stands between its expiry and the document.
    private func expired() throws -> (MemoryLedger, requestAt: Int) {
        var ledger = try founded()
        let requestAt = ledger.entries.count
        let request = try ledger.initiate(
            .replacePolicy(.ledger, with: "1 of (alice, bob)"), by: "alice",
            expires: ledger.clock + Self.hour)
        ledger.clock += 2 * Self.hour
        ledger.keep(Self.document)
        try ledger.record(
            .attached(
                Attached(document: BlobReference(Self.document), label: nil, request: request)),
            by: "bob")
        return (ledger, requestAt)
    }

    private func findings(_ name: String) throws -> [Finding] {
        try LedgerAudit().run("\(folder)/\(name)").report.findings
    }

    @Test func `a request that only time has ended can be named by the next event`() throws {
        let (memory, _) = try expired()
        do {
            let log = try SampleLedger.write(memory, in: "\(folder)/ledger")
            // Another process has nothing but the entries.
            #expect(try LedgerWriter(log).state().digest == memory.state.digest)
        }
        #expect(try findings("ledger") == [])
    }

    @Test func `a document has to come with its event, and nothing else is stored`() throws {
        let memory = try founded()
        let stranger = [UInt8](repeating: 1, count: 100)
        let event = try memory.sign(
            .attached(
                Attached(document: BlobReference(Self.document), label: nil, request: nil)),
            with: memory.key(of: "bob"))
        do {
            let log = try SampleLedger.write(memory, in: "\(folder)/ledger")
            let writer = LedgerWriter(log, isClockConfirmed: true) { memory.clock }
            func submit(_ blobs: [[UInt8]]) throws -> Result<Receipt, SubmissionError> {
                let submission = Submission(event, blobs: blobs)
                let checked = try #require(CheckedSubmission(submission, keys: writer.keys))
                return try #require(try writer.append([checked]).first)
            }
            for blobs in [[], [stranger], [Array(Self.document.dropLast())]] {
                guard case .failure(.refused(let refusal)) = try submit(blobs) else {
                    Issue.record("taken with \(blobs.count) blobs")
                    continue
                }
                #expect(refusal.rule == .blobMissing)
            }
            _ = try submit([stranger, Self.document, Self.document]).get()
            let isStored = try log.read { view throws(LedgerError) in
                (try view.hasBlob(sha256(Self.document)), try view.hasBlob(sha256(stranger)))
            }
            #expect(isStored == (true, false))
        }
        #expect(try findings("ledger") == [])
    }

    @Test func `a copy that was caught up verifies as the ledger does, evidence included`() throws {
        let (memory, requestAt) = try expired()
        do {
            let log = try SampleLedger.write(
                memory, first: requestAt + 1, in: "\(folder)/ledger")
            try log.backup(to: "\(folder)/copy")
            try SampleLedger.write(memory, requestAt + 1..<memory.entries.count, to: log)
            let signer = try MemoryLedger.checkpointSigner(name: log.origin)
            _ = try log.signCheckpoint(with: signer)
            try log.append { (batch) throws(LedgerError) in _ = try batch.putEvidence([1, 2, 3]) }
        }
        try FileManager.default.copyItem(
            atPath: "\(folder)/ledger/head", toPath: "\(folder)/copy/head")
        do {
            let copy = try OpenLedger("\(folder)/copy", .readOnly)
            try copy.appendMissing(from: try OpenLedger("\(folder)/ledger", .readOnly))
            var kept: [[UInt8]] = []
            try copy.log.read { view throws(LedgerError) in
                try view.forEachEvidence { _, bytes throws(LedgerError) in
                    kept.append([UInt8](capacity: bytes.count) { $0.append(bytes) })
                    return true
                }
            }
            #expect(kept == [[1, 2, 3]])
        }
        #expect(try findings("copy") == [])
    }
}
