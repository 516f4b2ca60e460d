import Audit
import Bytes
import Dispatch
import Events
import Export
import Foundation
import Merkle
import State
import StateTestSupport
import Synchronization
import Testing

@Suite struct ExportAuditTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `an export of a random history is clean, to the last byte`(seed: UInt64) throws {
        var history = try RandomHistory(seed: seed)
        for _ in 0..<250 { try history.step() }
        let ledger = history.ledger
        let outcome = try SampleExport(ledger, checkpoints: [1, 5, 100]).verified()
        // What the history did wrong on purpose are incidents, and documents that nobody kept; they
        // are the only findings.
        let lost = try ledger.entries.indices.dropFirst().filter { position in
            let event = try SignedEvent(
                decoding: ledger.entries[position].event, ledger: ledger.state.ledger)
            return event.event.fact.attachments.contains { ledger.blobs[$0.digest] == nil }
        }
        let others = outcome.report.findings.filter {
            if case .incident = $0.rule { false } else { true }
        }
        #expect(others.allSatisfy { $0.rule == .blob })
        #expect(others.map(\.position) == lost.map { UInt64($0) })
        #expect(outcome.report.head.root == ledger.head.root)
        #expect(outcome.report.stateDigest == ledger.state.digest)
        #expect(outcome.report.checkpointed == UInt64(ledger.entries.count))
    }

    @Test func `every byte of every file, changed, is found`() throws {
        let export = try SampleExport(Self.smallLedger(), checkpoints: [2])
        #expect(try export.findings() == [])
        var places: [(path: String, offset: Int)] = []
        for (path, bytes) in export.files.sorted(by: { $0.key < $1.key }) {
            // All bytes of the short files; of the entries, all lengths and every ninth byte.
            let isLong = bytes.count > 600
            for offset in bytes.indices where !isLong || offset < 64 || offset % 9 == 0 {
                places.append((path, offset))
            }
        }
        let unfound = Mutex<[String]>([])
        let lanes = 4
        DispatchQueue.concurrentPerform(iterations: lanes) { [places] lane in
            do {
                try export.withFolder { folder in
                    var audit = ExportAudit()
                    audit.exportKey = try export.exportKey()
                    for index in stride(from: lane, to: places.count, by: lanes) {
                        let (path, offset) = places[index]
                        var bytes = export.files[path] ?? []
                        bytes[offset] ^= 1
                        let url = URL(filePath: "\(folder)/\(path)")
                        try Data(bytes).write(to: url)
                        if let report = try? audit.run(folder).report, report.isClean {
                            unfound.withLock { $0.append("\(path) at \(offset)") }
                        }
                        try Data(export.files[path] ?? []).write(to: url)
                    }
                }
            } catch { unfound.withLock { $0.append("\(error)") } }
        }
        #expect(unfound.withLock { $0 } == [])
        #expect(places.count > 1_500)
    }

    @Test func `a file too many or too few is found by its path`() throws {
        let export = try SampleExport(Self.smallLedger(), checkpoints: [2])
        for path in export.files.keys where !path.hasPrefix("blobs/") {
            var less = export
            less.files[path] = nil
            #expect(try less.findings().contains { $0.contains(path) || $0.contains("schemas") })
        }
        for path in [
            "notes.txt", "tile/0/000", "tile/1/000.p/1", "tile/0/000.p/3", "checkpoint.bak",
        ] {
            var more = export
            more.files[path] = [1]
            #expect(try more.findings().contains("layout \(path)"))
        }
        let stranger = sha256([9])
        var more = export
        more.files["blobs/\(stranger.hex.prefix(2))/\(stranger.hex)"] = [9]
        try more.sign()
        #expect(
            try more.findings() == ["layout blobs/\(stranger.hex.prefix(2))/\(stranger.hex)"])
    }

    @Test func `a bundle holds its entries and nothing else`() throws {
        let export = try SampleExport(Self.smallLedger())
        let path = try #require(export.files.keys.first { $0.hasPrefix("tile/entries/") })
        let bytes = export.files[path] ?? []
        for changed in [bytes + [0], bytes + bytes, Array(bytes.dropLast()), [], [0xff, 0xff]] {
            var other = export
            other.files[path] = changed
            try other.sign()
            do {
                let found = try other.findings()
                #expect(found.contains("layout \(path)"))
            } catch { Issue.record("not checkable: \(error)") }
        }
    }

    @Test func `a blob may have 4 MiB, and not one byte more`() throws {
        var ledger = try Self.smallLedger()
        let document = [UInt8](repeating: 3, count: 4_194_304)
        ledger.keep(document)
        try ledger.record(
            .attached(Attached(document: BlobReference(document), label: "a scan", request: nil)),
            by: "bob")
        var export = try SampleExport(ledger)
        #expect(try export.findings() == [])
        let digest = sha256(document)
        export.files["blobs/\(digest.hex.prefix(2))/\(digest.hex)"]?.append(0)
        #expect(try export.findings().contains { $0.hasPrefix("blob ") })
    }

    @Test func `a bundle that is missing is found once, where it should be`() throws {
        let sample = try PlainLog(size: 600)
        try sample.checkpoint()
        _ = try sample.export().write(sample.log, to: .folder(sample.path("evidence")))
        let bundle = try #require(Tile(level: 0, index: 1)).entriesPath
        try FileManager.default.removeItem(atPath: sample.path("evidence/\(bundle)"))
        let missing = try ExportAudit().run(sample.path("evidence")).report.findings
            .filter { $0.rule == .missingEntry }
        #expect(missing.map(\.position) == [256])
    }

    @Test func `links and pipes in the folder are not followed`() throws {
        let export = try SampleExport(Self.smallLedger())
        try export.withFolder { folder in
            let path = "\(folder)/README.txt"
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.createSymbolicLink(
                atPath: path, withDestinationPath: "/etc/hostname")
            let rules = try ExportAudit().run(folder).report.findings.map(\.rule)
            #expect(rules == [.layout, .manifest])
            try FileManager.default.removeItem(atPath: "\(folder)/checkpoints")
            #expect(unsafe mkfifo("\(folder)/checkpoints", 0o600) == 0)
            #expect(try !ExportAudit().run(folder).report.isClean)
        }
    }

    @Test func `older checkpoints must be of this history, signed and in order`() throws {
        let ledger = try Self.smallLedger()
        let export = try SampleExport(ledger, checkpoints: [2, 3])
        let log = try CheckpointSigner(name: export.origin, seed: MemoryLedger.logSeed)
        let forked = try log.sign(
            Checkpoint(origin: export.origin, size: 2, root: .zero)
        ).signed.note.encodedText
        let notes = String(decoding: export.files["checkpoints"] ?? [], as: UTF8.self)
        func found(_ text: String) throws -> [String] {
            var other = export
            other.files["checkpoints"] = Array(text.utf8)
            try other.sign()
            return try other.findings()
        }
        let parts = notes.components(separatedBy: "\n\n\(export.origin)\n")
        #expect(parts.count == 3)
        let first = try #require(notes.range(of: "\n\n\(export.origin)\n"))
        let rest = "\(export.origin)\n" + notes[first.upperBound...]
        #expect(try found(forked + "\n" + rest) == ["rollback checkpoints 1"])
        #expect(try found(rest + forked + "\n").contains("layout checkpoints"))
        #expect(
            try found(rest.replacing("\(export.origin) ", with: "other "))
                .contains("checkpoint checkpoints"))
        #expect(try found(String(notes.dropLast())).contains("layout checkpoints"))
        #expect(try found("") == ["layout checkpoints"])
        // One of more entries than there are contradicts what was signed, and nothing else.
        for (size, rules) in [
            (UInt64(50), ["rollback checkpoints"]), (1 << 53, ["checkpoint checkpoints"]),
        ] {
            let note = try log.sign(Checkpoint(origin: export.origin, size: size, root: .zero))
            let places = try found(notes + note.signed.note.encodedText + "\n")
                .map { String($0.split(separator: " ").prefix(2).joined(separator: " ")) }
            #expect(places == rules)
        }
    }

    @Test func `a delta does not stand alone, and goes on from what was kept`() throws {
        var ledger = try Self.smallLedger()
        let kept = try #require(try SampleExport(ledger).verified().keptResult)
        let again = try KeptResult(decoding: kept.encoded)
        #expect(again == kept)
        ledger.keep([5, 6])
        try ledger.record(
            .attached(Attached(document: BlobReference([5, 6]), label: "more", request: nil)),
            by: "bob")
        var terms = AuditTerms()
        terms.kept = again
        let export = try SampleExport(ledger)
        let part = try export.verified(terms)
        #expect(part.report.findings == [])
        #expect(part.report.stateDigest == ledger.state.digest)
        #expect(part.report.signatures == 1)
        #expect(part.report.kept?.head == kept.head)
        // The digest in the file finds damage.
        for offset in stride(from: 0, to: kept.encoded.count, by: 7) {
            var bytes = kept.encoded
            bytes[offset] ^= 4
            #expect(throws: AuditError.self) { try KeptResult(decoding: bytes) }
        }
        terms.ledgerID = .zero
        #expect(throws: AuditError.self) { try export.verified(terms) }
    }

    @Test func `a kept result with findings never comes out clean`() throws {
        var ledger = try Self.smallLedger()
        var export = try SampleExport(ledger)
        export.files["\(ExportPath.blob(sha256([1, 2, 3])))"] = nil
        try export.sign()
        let outcome = try export.verified()
        #expect(outcome.report.findings.map(\.rule) == [.blob])
        let kept = try #require(outcome.keptResult)
        #expect(kept.findings == 1)
        try ledger.record(
            .attached(Attached(document: BlobReference([1, 2, 3]), label: "again", request: nil)),
            by: "bob")
        var terms = AuditTerms()
        terms.kept = kept
        let next = try SampleExport(ledger).verified(terms)
        #expect(next.report.findings.map(\.rule) == [.kept])
        #expect(next.keptResult?.findings == 1)
    }

    @Test func `what is no sound history is not kept`() throws {
        var ledger = try Self.smallLedger()
        let before = try #require(try SampleExport(ledger).verified().keptResult)
        // A file that does not belong there, and a log that is another one than was kept.
        var export = try SampleExport(ledger)
        export.files["notes.txt"] = [1]
        let outcome = try export.verified()
        #expect(outcome.report.findings.map(\.rule).contains(.layout))
        #expect(outcome.keptResult == nil)
        #expect(outcome.resultAtEnd?.head == before.head)
        var other = try MemoryLedger(
            ["alice": ["executive"], "bob": ["executive"]], policy: "1 of (alice, bob)")
        other.keep([9, 9, 9])
        for (ledger, bytes) in [(0, [9, 9, 9]), (1, [9, 9, 9])] as [(Int, [UInt8])] {
            try other.record(
                .attached(
                    Attached(
                        document: BlobReference(bytes), label: "note \(ledger)", request: nil)),
                by: "alice")
        }
        var terms = AuditTerms()
        terms.kept = before
        let forked = try SampleExport(other).verified(terms)
        #expect(forked.report.findings.map(\.rule).contains(.rollback))
        #expect(forked.keptResult == nil)
        try ledger.record(
            .attached(Attached(document: BlobReference([1, 2, 3]), label: "again", request: nil)),
            by: "bob")
        #expect(try SampleExport(ledger).verified(terms).keptResult != nil)
    }

    @Test func `witnesses and age are judged by the auditor's policy and clock`() throws {
        let ledger = try Self.smallLedger()
        var export = try SampleExport(ledger)
        let keys = try (0..<3).map { number in
            try CheckpointSigner(
                name: "witness-\(number)", kind: .cosignature, seed: sha256([UInt8(number)]))
        }
        let logKey = try CheckpointSigner(name: export.origin, seed: MemoryLedger.logSeed).key
        let text =
            "log \(logKey.encodedText)\n"
            + keys.map { "witness \($0.key.name) \($0.key.encodedText)\n" }.joined()
            + "group two 2 witness-0 witness-1 witness-2\nquorum two\n"
        var terms = AuditTerms()
        terms.policy = try WitnessPolicy(parsing: Array(text.utf8))
        #expect(try export.verified(terms).report.findings.map(\.rule) == [.witness])
        let log = try CheckpointSigner(name: export.origin, seed: MemoryLedger.logSeed)
        let signed = try SignedCheckpoint(parsing: export.files["checkpoint"] ?? [])
        let verified = try signed.verified(with: log.key)
        var cosigned = signed
        for (key, seconds) in zip(keys, [1_000, 2_000] as [UInt64]) {
            cosigned = try cosigned.adding(key.cosign(verified, atSeconds: seconds))
        }
        export.files["checkpoint"] = Array(cosigned.note.encodedText.utf8)
        try export.sign()
        #expect(try export.verified(terms).report.findings == [])
        terms.nowSeconds = 1_060
        terms.maximumAgeSeconds = 60
        #expect(try export.verified(terms).report.findings == [])
        terms.nowSeconds = 1_061
        #expect(try export.verified(terms).report.findings.map(\.rule) == [.age])
        terms.policy = nil
        terms.nowSeconds = ledger.clock / 1_000 + 60
        #expect(try export.verified(terms).report.findings == [])
        terms.nowSeconds += 1
        #expect(try export.verified(terms).report.findings.map(\.rule) == [.age])
    }

    /// A ledger of a few entries and one blob.
    static func smallLedger() throws -> MemoryLedger {
        var ledger = try MemoryLedger(
            ["alice": ["executive"], "bob": ["executive"]], policy: "1 of (alice, bob)")
        ledger.keep([1, 2, 3])
        try ledger.record(
            .attached(Attached(document: BlobReference([1, 2, 3]), label: "a note", request: nil)),
            by: "alice")
        return ledger
    }
}
