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
            #expect(!found.values.contains { $0.ends(in: "not chosen") })
            let report = try ExportAudit().run(folder).report
            #expect(report.findings == [])
            #expect(report.signatures == 3)
            #expect(report.opened.map(\.position) == expected.map { $0 == first ? 1 : 2 })
            #expect(report.notChecked.contains { $0.description.hasPrefix("decisions") })
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

    @Test func `names stay closed unless they are opened, whatever is done with documents`() throws
    {
        let sample = try PlainLog(size: 1)
        let salt = sha256(Array("salt".utf8))
        let names = ["first", "second", "lost"].map { Array(("the " + $0).utf8) }
        let first = try sample.enrol("first", named: salt.array + names[0])
        let second = try sample.enrol("second", named: salt.array + names[1])
        let lost = try sample.enrol("lost", named: salt.array + names[2], isKept: false)
        let document = try sample.attach("a document")
        try sample.checkpoint()
        let cases: [(DisclosedChoice.Opening, DisclosedChoice.Opening, Set<Digest32>)] = [
            (.none, .none, []), (.all, .none, [document]), (.none, .these([second]), [second]),
            (.none, .all, [first, second]), (.all, .all, [first, second, document]),
        ]
        for (number, (documents, opened, expected)) in cases.enumerated() {
            let folder = sample.path("out\(number)")
            var choice = DisclosedChoice()
            choice.positions = [1..<5]
            choice.opened = documents
            choice.openedNames = opened
            let export = DisclosureExport(choice, signer: try exportSigner(for: sample.log))
            let summary = try export.write(sample.log, to: .folder(folder))
            #expect(summary.closedNames == UInt64(3 - expected.subtracting([document]).count))
            let found = try files(in: folder)
            let blobs = found.keys.filter { $0.hasPrefix("blobs/") }
            #expect(Set(blobs) == Set(expected.map { ExportPath.blob($0).description }))
            let report = try ExportAudit().run(folder).report
            #expect(report.findings == [])
            let shown = report.opened.compactMap { value -> String? in
                guard case .person(let member, let name) = value.content else { return nil }
                return "\(member): \(name)"
            }
            #expect(
                shown
                    == [(first, "first: the first"), (second, "second: the second")]
                    .filter { expected.contains($0.0) }.map(\.1))
        }
        var choice = DisclosedChoice()
        choice.positions = [1..<4]
        choice.openedNames = .these([lost])
        let export = DisclosureExport(choice, signer: try exportSigner(for: sample.log))
        #expect(throws: ExportError.self) {
            try export.write(sample.log, to: .folder(sample.path("out")))
        }
        #expect(!FileManager.default.fileExists(atPath: sample.path("out")))
    }

    @Test func `a name that no chosen event commits to is not handed over`() throws {
        let sample = try PlainLog(size: 1)
        let salt = sha256(Array("salt".utf8))
        _ = try sample.enrol("chosen", named: salt.array + Array("the chosen".utf8))
        let other = try sample.enrol("other", named: salt.array + Array("the other".utf8))
        let document = try sample.attach("a document")
        try sample.checkpoint()
        for digest in [other, document] {
            var choice = DisclosedChoice()
            choice.positions = [1..<2, 3..<4]
            choice.openedNames = .these([digest])
            let export = DisclosureExport(choice, signer: try exportSigner(for: sample.log))
            #expect(throws: ExportError.self) {
                try export.write(sample.log, to: .folder(sample.path("out")))
            }
        }
    }

    @Test(arguments: [[UInt8]("short".utf8), [UInt8](repeating: 0xff, count: 40)])
    func `what is committed to as a name and is none is found when it is opened`(
        blob: [UInt8]
    ) throws {
        let sample = try PlainLog(size: 1)
        _ = try sample.enrol("member", named: blob)
        try sample.checkpoint()
        var choice = DisclosedChoice()
        choice.positions = [1..<2]
        choice.openedNames = .all
        let folder = sample.path("out")
        _ = try DisclosureExport(choice, signer: try exportSigner(for: sample.log)).write(
            sample.log, to: .folder(folder))
        let report = try ExportAudit().run(folder).report
        #expect(report.findings.map(\.rule.name) == ["blob"])
        #expect(report.findings.map(\.position) == [1])
        #expect(report.opened == [])
    }
}

extension [UInt8] {
    fileprivate func ends(in text: String) -> Bool {
        let end = Array(text.utf8)
        return Array(suffix(end.count)) == end
    }
}
