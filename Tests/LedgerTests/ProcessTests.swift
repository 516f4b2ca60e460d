import Bytes
import Files
import Foundation
import Ledger
import Merkle
import Storage
import TestSupport
import Testing

@Suite struct `Several processes` {
    @Test func `two processes append in turns and neither loses an entry`() async throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.file("log")
        do { _ = try Sample.create(folder, size: 1) }
        async let first: Void = expectAppends(folder, 1)
        async let second: Void = expectAppends(folder, 2)
        _ = await (first, second)
        let log = try Log.open(folder, .readWrite)
        #expect(try log.size() == 601)
        #expect(try log.check() == [])
        #expect(try log.root() == Sample.root(601))
        let head = try SignedCheckpoint(parsing: bytes(ofFile: folder + "/head"))
        #expect(head.checkpoint.size == 601)
    }

    private func expectAppends(_ folder: String, _ process: Int) async {
        await #expect(processExitsWith: .success) { [folder = folder as String] in
            let log = try Log.open(folder, .readWrite)
            let signer = try Sample.signer()
            for round in 0..<30 {
                // The next record follows from the size that the batch finds: a lost or doubled
                // entry would show as a used sequence number or another root.
                try log.append { batch throws(LedgerError) in
                    for _ in 0..<10 { try batch.append(Sample.record(batch.size)) }
                }
                if round % 5 == 4 { _ = try log.signCheckpoint(with: signer) }
            }
        }
    }

    @Test func `a process killed inside a batch leaves the log as it was before`() async throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.file("log")
        do {
            let log = try Sample.create(folder, size: 300)
            _ = try log.signCheckpoint(with: Sample.signer())
        }
        await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
            let log = try Log.open(folder, .readWrite)
            try log.append { batch throws(LedgerError) in
                for _ in 0..<1000 { try batch.append(Sample.record(batch.size)) }
                kill(getpid(), SIGKILL)
            }
        }
        let log = try Log.open(folder, .readWrite)
        #expect(try log.size() == 300)
        #expect(try log.check() == [])
        try Sample.extend(log, to: 310)
        #expect(try log.root() == Sample.root(310))
    }

    @Test func `a full disk refuses a batch, loses nothing, and appending goes on with room`()
        throws
    {
        let temporary = try TemporaryFolder()
        guard try run("mount", "-t", "tmpfs", "-o", "size=1m", "none", temporary.path) else {
            print("skipped: mounting a small disk is not permitted")
            return
        }
        defer {
            do { _ = try run("umount", "--lazy", temporary.path) } catch { Issue.record(error) }
        }
        let log = try Sample.create(temporary.file("log"), size: 100)
        let filler = temporary.file("filler")
        try Data(repeating: 1, count: 500_000).write(to: URL(fileURLWithPath: filler))
        let error = #expect(throws: LedgerError.self) { try Sample.extend(log, to: 5000) }
        #expect(error == .storage(.file(.diskFull(path: temporary.file("log/ledger.mdb")))))
        let size = try log.size()
        #expect(size >= 100 && size < 5000)
        #expect(try log.root() == Sample.root(size))
        #expect(try log.check() == [])
        try FileManager.default.removeItem(atPath: filler)
        try Sample.extend(log, to: size + 50)
        #expect(try log.root() == Sample.root(size + 50))
        #expect(try log.check() == [])
    }
}
