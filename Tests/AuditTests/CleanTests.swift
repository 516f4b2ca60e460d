import Audit
import Bytes
import Events
import Foundation
import Ledger
import Merkle
import State
import StateTestSupport
import Testing

@Suite struct CleanTests {
    @Test func `a ledger that the writer wrote is clean, to the last row`() throws {
        let ledger = try SampleLedger()
        let outcome = try LedgerAudit().run(ledger.folder)
        #expect(outcome.report.findings == [])
        #expect(outcome.report.head.size == UInt64(ledger.memory.entries.count))
        #expect(outcome.report.head.root == ledger.memory.head.root)
        #expect(outcome.report.checkpointed == outcome.report.head.size)
        #expect(outcome.report.stateDigest == ledger.memory.state.digest)
        #expect(outcome.report.counts[.approved] == 4)
        #expect(outcome.report.signatures > UInt64(ledger.memory.entries.count))
    }

    @Test func `an audit changes no byte and no time of the folder`() throws {
        let ledger = try SampleLedger()
        func traces() throws -> [String: Data] {
            var traces: [String: Data] = [:]
            for name in try FileManager.default.contentsOfDirectory(atPath: ledger.folder) {
                let path = "\(ledger.folder)/\(name)"
                let time = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
                traces["\(name) \(time ?? "")"] = try Data(contentsOf: URL(filePath: path))
            }
            return traces
        }
        let before = try traces()
        _ = try LedgerAudit().run(ledger.folder)
        #expect(try traces() == before)
    }

    @Test func `a kept checkpoint must be of this log`() throws {
        let ledger = try SampleLedger()
        var audit = LedgerAudit()
        let kept = try Data(contentsOf: URL(filePath: ledger.head))
        audit.since = try SignedCheckpoint(parsing: Array(kept))
        #expect(try audit.run(ledger.folder).report.isClean)
        let forged = try CheckpointSigner(
            name: "treasury/\(ledger.memory.state.ledger.hex)", seed: .zero
        ).sign(
            Checkpoint(
                origin: "treasury/\(ledger.memory.state.ledger.hex)", size: 3, root: .zero))
        audit.since = forged.signed
        #expect(try audit.run(ledger.folder).report.findings.map(\.rule) == [.checkpoint])
    }

    @Test func `another ledger than the one asked for can not be checked`() throws {
        let ledger = try SampleLedger()
        var audit = LedgerAudit()
        audit.ledgerID = ledger.memory.state.ledger
        #expect(try audit.run(ledger.folder).report.isClean)
        audit.ledgerID = .zero
        #expect(
            throws: AuditError.otherLedger(expected: .zero, found: ledger.memory.state.ledger)
        ) { try audit.run(ledger.folder) }
    }

    @Test func `an empty folder, and none, can not be checked`() {
        #expect(throws: AuditError.self) { try LedgerAudit().run("/nonexistent") }
        #expect(throws: AuditError.self) { try LedgerAudit().run("/tmp") }
    }
}
