import Bytes
import Copies
import Events
import Export
import Foundation
import Ledger
import Merkle
import SampleLedger
import Testing

@Suite struct ComparisonTests {
    /// Two logs that agree on the first `common` entries; each has `own` entries more of its
    /// own.
    private func pair(common: UInt64, own: (UInt64, UInt64)) throws -> (PlainLog, PlainLog) {
        let (one, two) = (try PlainLog(size: 1), try PlainLog(size: 1))
        for (log, text, more) in [(one, "one", own.0), (two, "two", own.1)] {
            try grow(log, to: common, "both")
            try grow(log, to: common + more, text)
        }
        return (one, two)
    }

    /// Appends documents until there are `size` entries.
    private func grow(_ sample: PlainLog, to size: UInt64, _ text: String = "more") throws {
        let before = try sample.log.treeHead().size
        guard size > before else { return }
        try sample.attach((before..<size).map { "\(text) \($0)" })
    }

    private func ledger(_ sample: PlainLog) throws -> ComparedLog {
        // The log itself is open in this process: its export stands for it.
        try exported(sample, "whole-\(UUID().uuidString)")
    }

    private func exported(
        _ sample: PlainLog, _ name: String, since: SignedCheckpoint? = nil
    ) throws -> ComparedLog {
        var export = try sample.export()
        export.since = since
        let path = sample.path(name)
        let target: ExportTarget =
            name.hasSuffix(".tar")
            ? .tar(path)
            : name.hasSuffix(".zst")
                ? .compressedTar(path) : .folder(path)
        _ = try export.write(sample.log, to: target)
        return try ComparedLog(OpenedExport(path))
    }

    private func words(_ comparison: Comparison) -> String {
        switch comparison {
        case .same(let size): "same \(size)"
        case .prefix(_, let by, let size): "prefix \(size) by \(by)"
        case .fork(let fork):
            "fork" + (fork.common.map { " after \($0)" } ?? "")
                + (fork.differing.map { ", differs at \($0)" } ?? "")
                + (fork.proof == nil ? ", unproven" : "")
        }
    }

    @Test(arguments: [1, 2, 255, 256, 257] as [UInt64])
    func `every pair of copies is told, and every fork is proven`(_ common: UInt64) throws {
        for own: (UInt64, UInt64) in [(0, 0), (0, 1), (2, 0), (1, 1), (1, 3), (300, 2), (2, 257)] {
            let (one, two) = try pair(common: common, own: own)
            try one.checkpoint()
            try two.checkpoint()
            let comparison = try Comparison(try ledger(one), try exported(two, "two.tar"))
            let expected =
                own.0 > 0 && own.1 > 0
                ? "fork after \(common), differs at \(common)"
                : own.0 == own.1
                    ? "same \(common)" : "prefix \(common) by \(own.0 + own.1)"
            #expect(words(comparison) == expected, "\(common) \(own)")
            guard case .fork(let fork) = comparison, let proof = fork.proof else { continue }
            let again = try ForkProof(parsing: Array(proof.encodedText.utf8))
            let key = try #require(try ledger(one).logKey)
            let mine = try ProvenFork(again, from: "fork.proof", against: try ledger(one))
            let theirs = try ProvenFork(
                again, from: "fork.proof", against: try exported(two, "two.zst"), logKey: key)
            #expect(Set([mine.smaller, mine.larger]) == [.same, .contradicts])
            #expect(mine.smaller == theirs.larger && mine.larger == theirs.smaller)
        }
    }

    @Test(arguments: [100, 255, 256, 300, 512] as [UInt64])
    func `a delta is compared from where it starts`(_ start: UInt64) throws {
        let sample = try PlainLog(size: 1)
        try grow(sample, to: start)
        let since = try sample.checkpoint().signed
        let old = try exported(sample, "old")
        try grow(sample, to: start + 77)
        try sample.checkpoint()
        let middle = try exported(sample, "middle")
        try grow(sample, to: start + 300)
        try sample.checkpoint()
        let delta = try exported(sample, "delta.zst", since: since)
        #expect(words(try Comparison(delta, old)) == "prefix \(start) by 300")
        #expect(words(try Comparison(middle, delta)) == "prefix \(start + 77) by 223")
        #expect(words(try Comparison(delta, try exported(sample, "new"))) == "same \(start + 300)")
        let alone = ComparedLog(since, from: "since")
        #expect(
            words(try Comparison(alone, delta, logKey: old.logKey)) == "prefix \(start) by 300")
        if start >= 256 {
            #expect(throws: ComparisonError.noKey) { try Comparison(alone, delta) }
        }
    }

    @Test(arguments: [100, 300] as [UInt64])
    func `a delta of another history is a fork, at its start or behind it`(_ start: UInt64) throws {
        let (one, two) = try pair(common: start, own: (0, 20))
        let since = try one.checkpoint().signed
        try grow(one, to: start + 10, "one")
        try one.checkpoint()
        try two.checkpoint()
        let other = try exported(two, "two")
        let delta = try exported(one, "delta", since: since)
        #expect(words(try Comparison(delta, other)) == "fork after \(start), differs at \(start)")
        // One that starts after the two parted contradicts with its very start.
        let later = try one.checkpoint().signed
        try grow(one, to: start + 400)
        try one.checkpoint()
        let second = try exported(one, "later.tar", since: later)
        let comparison = try Comparison(other, second)
        #expect(words(comparison) == "fork")
        guard case .fork(let fork) = comparison else { return }
        #expect(fork.proof?.smaller.checkpoint.size == start + 10)
        // Too far behind the delta's start, nothing shows what its tree was.
        guard start > 256 else { return }
        let behind = try exported(
            try {
                let log = try PlainLog(size: 5)
                try log.checkpoint()
                return log
            }(), "behind")
        #expect(throws: ComparisonError.self) { try Comparison(behind, second) }
    }

    @Test func `a disclosure is compared by its head and by its proofs`() throws {
        let (one, two) = try pair(common: 20, own: (30, 5))
        for log in [one, two] { try log.checkpoint() }
        let other = try ledger(two)
        func disclosed(_ position: UInt64) throws -> ComparedLog {
            var choice = DisclosedChoice()
            choice.positions = [position..<position + 1]
            let path = one.path("disclosed-\(position)")
            _ = try DisclosureExport(choice, signer: try exportSigner(for: one.log))
                .write(one.log, to: .folder(path))
            return try ComparedLog(OpenedExport(path))
        }
        let shown = try disclosed(20)
        #expect(words(try Comparison(shown, try ledger(one))) == "same 50")
        #expect(words(try Comparison(shown, other)) == "fork, differs at 20, unproven")
        // What was alike says nothing of what follows.
        #expect(throws: ComparisonError.unproven(larger: one.path("disclosed-0"), by: 25)) {
            try Comparison(try disclosed(0), other)
        }
        // A proof that was exchanged is not believed.
        let path = one.path("disclosed-20")
        let proof = URL(filePath: "\(path)/\(ExportPath.disclosedProof(20))")
        try Data(contentsOf: URL(filePath: "\(path)/\(ExportPath.disclosedProof(0))"))
            .write(to: proof)
        #expect(throws: ComparisonError.self) {
            try Comparison(try ComparedLog(OpenedExport(path)), other)
        }
    }

    @Test func `hashes that do not lead to the head are not compared`() throws {
        let sample = try PlainLog(size: 300)
        try sample.checkpoint()
        let old = try exported(sample, "old")
        try sample.extend(to: 600)
        try sample.checkpoint()
        _ = try exported(sample, "new")
        let tile = URL(filePath: sample.path("new/tile/0/001"))
        var bytes = try Data(contentsOf: tile)
        bytes[7] ^= 1
        try bytes.write(to: tile)
        #expect(throws: ComparisonError.self) {
            try Comparison(old, try ComparedLog(OpenedExport(sample.path("new"))))
        }
    }

    @Test func `one look says what an argument is`() throws {
        let sample = try PlainLog(size: 3)
        try sample.checkpoint()
        for (name, form) in [
            ("e", EvidenceForm.folder), ("e.tar", .archive), ("e.zst", .archive),
            ("nowhere", .ledger), ("ledger", .ledger), ("e/checkpoint", .text),
            ("e/tile/0/000.p/3", .archive),
        ] {
            if name.hasPrefix("e"), !name.contains("/") { _ = try exported(sample, name) }
            #expect(EvidenceForm(of: sample.path(name)) == form, "\(name)")
        }
        #expect(EvidenceForm(of: "HTTPS://log.example/x") == .url)
        #expect(FileManager.default.createFile(atPath: sample.path("empty"), contents: nil))
        #expect(EvidenceForm(of: sample.path("empty")) == .text)
        #expect(EvidenceForm(of: "/dev/null") == .text)
    }
}
