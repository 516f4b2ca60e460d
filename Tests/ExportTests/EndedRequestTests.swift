import Audit
import Bytes
import Events
import Export
import Foundation
import Keys
import Ledger
import Merkle
import State
import StateTestSupport
import TestSigning
import Testing

/// An export has no index of its requests: the verifier finds those that have ended by itself, as a
/// ledger's folder does.
@Suite struct EndedRequestTests {
    @Test func `what is said of an ended request is judged as such`() throws {
        var ledger = try Treasury.staged()
        let id = try ledger.initiate(.suspendMember("carol"), by: "alice")
        try ledger.record(.aborted(Aborted(request: id, reason: nil)), by: "alice")
        let approval = try ledger.sign(
            .approved(Approved(request: id)), with: ledger.key(of: "bob"))
        ledger.force(approval)
        let found = try findings(of: ledger)
        #expect(found == ["9 request-ended"])
        #expect(ledger.findings.map { "\($0.position) \($0.rule)" } == found)
    }

    @Test func `a request that was refused and recorded all the same has ended too`() throws {
        var ledger = try Treasury.staged()
        let fact = Initiated(
            request: .suspendMember("zoe"), expires: ledger.clock + MemoryLedger.day,
            reference: nil)
        let refused = try ledger.sign(.initiated(fact), with: ledger.key(of: "alice"))
        ledger.force(refused)
        ledger.force(
            try ledger.sign(
                .approved(Approved(request: refused.id)), with: ledger.key(of: "bob")))
        ledger.force(
            try ledger.sign(.approved(Approved(request: .zero)), with: ledger.key(of: "bob")))
        let found = try findings(of: ledger)
        #expect(found == ["7 unknown-member", "8 request-ended", "9 unknown-request"])
        #expect(ledger.findings.map { "\($0.position) \($0.rule)" } == found)
    }

    /// What the verification of an export of the ledger finds.
    private func findings(of memory: MemoryLedger) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.path + "/export-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let log = try Log.create(
            folder + "/ledger", ledgerID: memory.state.ledger, name: "treasury")
        let records = try memory.entries.enumerated().map { position, entry in
            let event = try SignedEvent(
                decoding: entry.event, ledger: position == 0 ? nil : log.ledgerID)
            return LogRecord(
                entry: entry.encoded, author: event.author, sequence: event.event.sequence,
                eventID: event.id)
        }
        try log.append { (batch) throws(LedgerError) in
            for record in records { try batch.append(record) }
        }
        _ = try log.signCheckpoint(
            with: try CheckpointSigner(name: log.origin, seed: MemoryLedger.logSeed))
        _ = try LogExport(signer: try exportSigner(for: log)).write(
            log, to: .folder(folder + "/export"))
        let report = try ExportAudit().run(folder + "/export").report
        return report.findings.map {
            ($0.position.map { "\($0) " } ?? "") + $0.rule.name
        }
    }
}
