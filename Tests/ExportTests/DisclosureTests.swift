import Audit
import Bytes
import Export
import Foundation
import Ledger
import Testing

struct DisclosureTests {
    @Test func `documents stay closed unless they are opened`() throws {
        let sample = try PlainLog(size: 1)
        let first = try sample.attach("first")
        let second = try sample.attach("second")
        _ = try sample.attach("not chosen")
        try sample.checkpoint()
        let cases: [(DisclosedChoice.Opening, [Digest32])] = [
            (.none, []), (.these([first]), [first]), (.all, [first, second]),
        ]
        for (number, (opened, expected)) in cases.enumerated() {
            var choice = DisclosedChoice()
            choice.positions = [1..<2, 2..<3, 1..<3]
            choice.opened = opened
            let folder = sample.path("out\(number)")
            let export = DisclosureExport(choice, signer: try exportSigner(for: sample.log))
            let summary = try export.write(sample.log, to: .folder(folder))
            #expect(summary.events == 3)
            #expect(summary.closedDocuments == UInt64(2 - expected.count))
            let found = try files(in: folder)
            let blobs = found.keys.filter { $0.hasPrefix("blobs/") }
            #expect(Set(blobs) == Set(expected.map { ExportPath.blob($0).description }))
            #expect(!found.values.contains { String(decoding: $0, as: UTF8.self) == "not chosen" })
            let report = try ExportAudit().run(folder).report
            #expect(report.findings == [])
            #expect(report.signatures == 3)
            #expect(report.notChecked.contains { $0.hasPrefix("decisions") })
        }
    }

    @Test func `a document that no chosen event attaches is not handed over`() throws {
        let sample = try PlainLog(size: 1)
        _ = try sample.attach("chosen")
        let other = try sample.attach("not chosen")
        try sample.checkpoint()
        var choice = DisclosedChoice()
        choice.positions = [1..<2]
        choice.opened = .these([other])
        let export = DisclosureExport(choice, signer: try exportSigner(for: sample.log))
        #expect(
            throws: ExportError.notDisclosed(
                "the document \(other.hex) is attached by none of the chosen events")
        ) { try export.write(sample.log, to: .folder(sample.path("out"))) }
        #expect(!FileManager.default.fileExists(atPath: sample.path("out")))
    }

    @Test func `a blob that was exchanged is found`() throws {
        let sample = try PlainLog(size: 1)
        let document = try sample.attach("the contract")
        try sample.checkpoint()
        var choice = DisclosedChoice()
        choice.positions = [1..<2]
        choice.opened = .all
        let folder = sample.path("out")
        _ = try DisclosureExport(choice, signer: try exportSigner(for: sample.log)).write(
            sample.log, to: .folder(folder))
        let path = "\(folder)/\(ExportPath.blob(document))"
        try Data("another one".utf8).write(to: URL(filePath: path))
        let rules = try ExportAudit().run(folder).report.findings.map(\.rule.name)
        #expect(rules.contains("blob") && rules.contains("manifest"))
    }
}
