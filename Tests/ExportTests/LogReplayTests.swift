import Audit
import Bytes
import Copies
import Events
import Export
import Foundation
import Merkle
import State
import StateTestSupport
import Testing

@Suite struct `A replay that goes on over restarts` {
    /// A ledger of two stages, 300 and 340 entries, and a folder for what a witness keeps.
    private struct Stages {
        let first: MemoryLedger
        let second: MemoryLedger
        let kept = FileManager.default.temporaryDirectory.path + "/kept-\(UUID().uuidString)"
        let signer: CheckpointSigner

        /// - Parameter changing: what is different in the second stage.
        init(_ changing: (inout MemoryLedger) throws -> Void = { _ in }) throws {
            signer = try CheckpointSigner(name: "w-full", kind: .cosignature, seed: leafHash([2]))
            var ledger = try ExportAuditTests.smallLedger()
            try Self.grow(&ledger, to: 300)
            first = ledger
            // Signed before the restart, and arrived after it.
            let old = try #require(ledger.head(at: 200))
            let late = try ledger.sign(
                .attached(
                    Attached(document: BlobReference([1, 2, 3]), label: "late", request: nil)),
                with: ledger.key(of: "bob"), seen: old)
            try ledger.submit(late)
            try changing(&ledger)
            try Self.grow(&ledger, to: 340)
            second = ledger
        }

        static func grow(_ ledger: inout MemoryLedger, to size: Int) throws {
            while ledger.entries.count < size {
                try ledger.record(
                    .attached(
                        Attached(
                            document: BlobReference([1, 2, 3]), label: "\(ledger.entries.count)",
                            request: nil)),
                    by: "alice")
            }
        }

        func file(
            _ ledger: MemoryLedger, _ signer: CheckpointSigner? = nil
        ) throws -> ReplayFile {
            ReplayFile(in: kept, of: try log(ledger).key, sealedBy: signer ?? self.signer)
        }

        func log(_ ledger: MemoryLedger) throws -> CheckpointSigner {
            try MemoryLedger.checkpointSigner(name: "treasury/\(ledger.state.ledger.hex)")
        }

        /// Replays a stage in a process of its own.
        func replay(
            _ ledger: MemoryLedger, _ signer: CheckpointSigner? = nil,
            _ changing: (inout SampleExport) -> Void = { _ in }
        ) throws -> LogReplay.Outcome {
            var export = try SampleExport(ledger)
            changing(&export)
            let log = try log(ledger)
            let head = ledger.head
            let checkpoint = try log.sign(
                Checkpoint(origin: log.key.name, size: head.size, root: head.root))
            return try export.withFolder { folder in
                let replay = LogReplay(
                    folder, cache: "\(folder)/cache", keptIn: try file(ledger, signer))
                return try replay.findings(upTo: checkpoint, of: log.key)
            }
        }

        var path: String { get throws { try file(first).path } }
        var bytes: [UInt8] {
            get throws { Array(try Data(contentsOf: URL(filePath: path))) }
        }
        func put(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: path)) }
        func remove() { try? FileManager.default.removeItem(atPath: kept) }
    }

    @Test func `a restart costs what is new, and reads no older entry`() throws {
        let stages = try Stages()
        defer { stages.remove() }
        let first = try stages.replay(stages.first)
        #expect(first.findings == [])
        #expect(first.entries == 0..<300)
        let second = try stages.replay(stages.second) { $0.files["tile/entries/000"] = nil }
        #expect(second.findings == [])
        #expect(second.entries == 300..<340)
        #expect(second.notes == [])
        #expect(try stages.replay(stages.second).entries == 340..<340)
        guard case .kept(let kept) = try stages.file(stages.first).read() else {
            Issue.record("nothing is kept")
            return
        }
        #expect(kept.head == stages.second.head)
        #expect(kept.stateBytes == stages.second.state.encoded)
    }

    @Test func `a head from before the restart that an event has not seen truly is found`() throws {
        let stages = try Stages { ledger in
            let unseen = TreeHead(size: 280, root: sha256([1]))
            ledger.force(
                try ledger.sign(
                    .attached(
                        Attached(document: BlobReference([1, 2, 3]), label: "x", request: nil)),
                    with: ledger.key(of: "bob"), seen: unseen))
        }
        defer { stages.remove() }
        let whole = try stages.replay(stages.second)
        _ = try stages.replay(stages.first)
        let before = try stages.bytes
        let resumed = try stages.replay(stages.second)
        #expect(resumed.entries == 300..<340)
        #expect(whole.findings.count == 1)
        #expect(resumed.findings == whole.findings)
        // What has a finding is not kept: the source may be repaired.
        #expect(try stages.bytes == before)
    }

    @Test func `without the hashes of older heads nothing is stated`() throws {
        let stages = try Stages()
        defer { stages.remove() }
        _ = try stages.replay(stages.first)
        let resumed = try stages.replay(stages.second) { $0.files["tile/0/000"] = nil }
        #expect(resumed.findings.map(\.rule) == [.tree])
        let spoilt = try stages.replay(stages.second) { $0.files["tile/0/000"]?[100] ^= 1 }
        #expect(spoilt.findings.contains { $0.rule == .tree })
    }

    @Test func `another history than the kept one is not gone on with`() throws {
        let stages = try Stages()
        defer { stages.remove() }
        _ = try stages.replay(stages.first)
        let before = try stages.bytes
        var fork = try ExportAuditTests.smallLedger()
        try fork.record(
            .attached(Attached(document: BlobReference([1, 2, 3]), label: "fork", request: nil)),
            by: "bob")
        try Stages.grow(&fork, to: 340)
        #expect(try !stages.replay(fork).findings.isEmpty)
        #expect(try stages.bytes == before)
        // The same size, so that nothing is left to replay.
        var same = try ExportAuditTests.smallLedger()
        try Stages.grow(&same, to: 299)
        try same.record(
            .attached(Attached(document: BlobReference([1, 2, 3]), label: "fork", request: nil)),
            by: "bob")
        #expect(try stages.replay(same).findings.map(\.rule) == [.checkpoint])
        #expect(try stages.bytes == before)
    }

    @Test func `an older checkpoint than the kept one is refused`() throws {
        let stages = try Stages()
        defer { stages.remove() }
        _ = try stages.replay(stages.second)
        #expect(throws: AuditError.self) { try stages.replay(stages.first) }
    }

    @Test func `an older file of one's own costs more, and nothing else`() throws {
        let stages = try Stages()
        defer { stages.remove() }
        _ = try stages.replay(stages.first)
        let older = try stages.bytes
        _ = try stages.replay(stages.second)
        try stages.put(older)
        let resumed = try stages.replay(stages.second)
        #expect(resumed.entries == 300..<340)
        #expect(resumed.findings == [])
    }

    @Test func `a file with a byte changed, or cut short, is not believed`() throws {
        let stages = try Stages()
        defer { stages.remove() }
        _ = try stages.replay(stages.first)
        let bytes = try stages.bytes
        let file = try stages.file(stages.first)
        let edges = Array(bytes.indices.prefix(150) + bytes.indices.suffix(110))
        for offset in edges + Array(stride(from: 150, to: bytes.count, by: bytes.count / 100)) {
            var changed = bytes
            changed[offset] ^= UInt8(1 << (offset % 8))
            try stages.put(changed)
            guard case .unusable = file.read() else {
                Issue.record("byte \(offset) may be changed")
                return
            }
        }
        for count in stride(from: 0, to: bytes.count, by: bytes.count / 50) {
            try stages.put(Array(bytes[..<count]))
            guard case .unusable = file.read() else {
                Issue.record("\(count) bytes are enough")
                return
            }
        }
        try stages.put(bytes + [0])
        guard case .unusable = file.read() else {
            Issue.record("one byte more is taken")
            return
        }
        let outcome = try stages.replay(stages.second)
        #expect(outcome.entries == 0..<340)
        #expect(outcome.findings == [])
        #expect(outcome.notes.count == 1)
        #expect(outcome.notes[0].hasSuffix("every entry is replayed anew"))
        #expect(try stages.replay(stages.second).entries == 340..<340)
    }

    /// Each is right in itself: its digest, its state, its checkpoint.
    @Test func `a file that another key has sealed, or of another log, is not believed`() throws {
        let stages = try Stages()
        defer { stages.remove() }
        let other = try CheckpointSigner(name: "w-full", kind: .cosignature, seed: leafHash([3]))
        _ = try stages.replay(stages.first, other)
        guard case .unusable(let reason) = try stages.file(stages.first).read() else {
            Issue.record("another's seal is taken")
            return
        }
        #expect(reason.contains("seal"))
        #expect(try stages.replay(stages.second).entries == 0..<340)
        let mine = try stages.bytes
        let log = try CheckpointSigner(name: "treasury/other", seed: MemoryLedger.logSeed)
        let elsewhere = ReplayFile(in: stages.kept, of: log.key, sealedBy: stages.signer)
        try Data(mine).write(to: URL(filePath: elsewhere.path))
        guard case .unusable(let reason) = elsewhere.read() else {
            Issue.record("another log's is taken")
            return
        }
        #expect(reason.contains("it is of the log"))
    }

    @Test func `what can not be kept is said, and the replay stands`() throws {
        let stages = try Stages()
        defer { stages.remove() }
        try Data().write(to: URL(filePath: stages.kept))
        let outcome = try stages.replay(stages.first)
        #expect(outcome.findings == [])
        #expect(outcome.notes.contains { $0.contains("is not kept") })
        #expect(try stages.replay(stages.first).entries == 0..<300)
    }
}
