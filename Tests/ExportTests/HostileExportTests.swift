import Audit
import Bytes
import Events
import Export
import Foundation
import Merkle
import State
import StateTestSupport
import Testing

/// Exports by somebody who holds the log's key and wants them believed.
@Suite struct HostileExportTests {
    private static func note(
        _ ledger: MemoryLedger, size: UInt64? = nil, root: Digest32? = nil
    ) throws -> [UInt8] {
        let origin = "\(ledger.state.founding.name)/\(ledger.state.ledger.hex)"
        let size = size ?? UInt64(ledger.entries.count)
        var tree = CompactRange()
        for entry in ledger.entries.prefix(Int(size)) { tree.append(leafHash(entry.encoded)) }
        let signer = try CheckpointSigner(name: origin, seed: MemoryLedger.logSeed)
        let signed = try signer.sign(
            Checkpoint(origin: origin, size: size, root: root ?? tree.root))
        return Array(signed.signed.note.encodedText.utf8)
    }

    @Test func `a line without end behind a checkpoint beyond the log hides neither`() throws {
        let ledger = try ExportAuditTests.smallLedger()
        var export = try SampleExport(ledger, checkpoints: [2])
        let beyond = try Self.note(ledger, size: 90, root: sha256([90]))
        export.files["checkpoints"]? += beyond + [0x0a] + Array("garbage".utf8)
        try export.sign()
        #expect(
            try export.findings() == ["layout checkpoints", "rollback checkpoints"])
    }

    @Test func `a policy that is too long is found`() throws {
        var export = try SampleExport(ExportAuditTests.smallLedger())
        let comment = [UInt8](repeating: UInt8(ascii: "#"), count: 17 << 20) + [0x0a]
        export.files["tlog-policy"] = comment + (export.files["tlog-policy"] ?? [])
        try export.sign()
        #expect(try export.findings() == ["layout tlog-policy"])
    }

    @Test func `a text that is too long is found`() throws {
        for path in ["README.txt", "schemas/event.cddl"] {
            var export = try SampleExport(ExportAuditTests.smallLedger())
            export.files[path] = [UInt8](repeating: 0x20, count: (1 << 24) + 1)
            try export.sign()
            #expect(try export.findings() == ["layout \(path)"])
        }
    }

    @Test func `the manifest is compared though the checkpoint can not be read`() throws {
        var export = try SampleExport(ExportAuditTests.smallLedger())
        let origin = export.origin
        let text = try #require(
            export.files["verify/SHA256SUMS.note"].map { String(decoding: $0, as: UTF8.self) })
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).prefix(5)
        lines[4] = Substring(encodeBase64(sha256([1]).array))
        export.files["verify/SHA256SUMS.note"] = try ExportSampleSigner().note(
            lines.joined(separator: "\n") + "\n", origin)
        export.files["checkpoint"] = Array("nothing\n".utf8)
        #expect(try export.findings().contains("manifest verify/SHA256SUMS.note"))
    }

    @Test func `a disclosure of a fork, or of less than was kept, is found`() throws {
        let sample = try PlainLog(size: 1)
        for number in 0..<4 { _ = try sample.attach("document \(number)") }
        try sample.checkpoint()
        let folder = sample.path("out")
        _ = try DisclosureExport(DisclosedChoice(), signer: try exportSigner(for: sample.log))
            .write(sample.log, to: .folder(folder))
        let head = try SignedCheckpoint(
            parsing: Array(try Data(contentsOf: URL(filePath: "\(folder)/checkpoint"))))
        func found(_ size: UInt64, _ root: Digest32, by name: String? = nil) throws -> [String] {
            var terms = AuditTerms()
            terms.since = try sample.signed(
                Checkpoint(origin: name ?? head.checkpoint.origin, size: size, root: root))
            return try ExportAudit(terms).run(folder).report.findings.map(\.rule.name)
        }
        #expect(try found(5, head.checkpoint.root) == [])
        #expect(try found(4, sha256([4])) == [])
        #expect(try found(5, sha256([5])) == ["rollback"])
        #expect(try found(6, sha256([6])) == ["rollback"])
        #expect(try found(5, head.checkpoint.root, by: "another/log") == ["checkpoint"])
    }

    @Test func `a newest entry from the future is not fresh`() throws {
        let ledger = try ExportAuditTests.smallLedger()
        let export = try SampleExport(ledger)
        var terms = AuditTerms()
        terms.maximumAgeSeconds = 3_600
        terms.nowSeconds = ledger.state.recorded / 1_000
        #expect(try export.verified(terms).report.findings == [])
        terms.nowSeconds -= 600
        #expect(try export.verified(terms).report.findings == [])
        terms.nowSeconds -= 1
        #expect(try export.verified(terms).report.findings.map(\.rule) == [.age])
    }
}
