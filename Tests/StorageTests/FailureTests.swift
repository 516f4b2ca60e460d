import Bytes
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Storage

@Suite struct `Storage failures` {
    @Test func `a full disk refuses the transaction and loses nothing`() throws {
        let folder = try TemporaryFolder()
        guard try run("mount", "-t", "tmpfs", "-o", "size=512k", "none", folder.path) else {
            print("skipped: mounting a small disk is not permitted")
            return
        }
        defer {
            do { _ = try run("umount", "--lazy", folder.path) } catch { Issue.record(error) }
        }
        let path = folder.file("a.mdb")
        do {
            let environment = try Environment(
                path: path, mode: .create, tables: ["t"],
                onFailedSync: { Issue.record("taken for a failed sync: \($0)") })
            let table = environment.table("t")
            var written = 0
            let value = [UInt8](repeating: 7, count: 3000)
            let error = #expect(throws: StorageError.self) {
                while written < 10_000 {
                    try environment.write { transaction throws(StorageError) in
                        for offset in 0..<10 {
                            try transaction.put(
                                table, utf8("key \(written + offset)"), value)
                        }
                    }
                    written += 10
                }
            }
            #expect(error == .diskFull(path: path))
            #expect(try environment.count(table) == written)
            #expect(written > 10)
            // Room again: the same process goes on.
            try environment.write { transaction throws(StorageError) in
                for key in 0..<written {
                    try transaction.delete(table, utf8("key \(key)"))
                }
            }
            try environment.write { transaction throws(StorageError) in
                try transaction.put(table, [1], value)
            }
        }
        let environment = try Environment(path: path, mode: .readWrite, tables: ["t"])
        #expect(try environment.count(environment.table("t")) == 1)
    }

    @Test func `a device error on commit is told from a full disk and from all others`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.mdb")
        let environment = try Environment(path: path, mode: .create, tables: ["t"])
        guard case .failedSync(let failed, _) = environment.commitError(EIO) else {
            Issue.record("an I/O error is a failed sync")
            return
        }
        #expect(failed == path)
        #expect(environment.commitError(ENOSPC) == .diskFull(path: path))
        #expect(environment.commitError(EACCES) == .permissionDenied(path: path))
        guard case .failedSync = environment.commitError(-30795) else {
            Issue.record("LMDB's panic is a failed sync")
            return
        }
    }

    @Test func `after a failed sync the process ends`() async {
        await #expect(processExitsWith: .exitCode(74)) {
            endProcess(.failedSync(path: "/a", reason: "I/O error"))
        }
    }

    @Test func `a killed writer leaves the last committed state`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.mdb")
        do { _ = try Environment(path: path, mode: .create, tables: ["t"]) }
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let environment = try Environment(path: path, mode: .readWrite, tables: ["t"])
            for step: UInt8 in 1...3 {
                try environment.write { transaction throws(StorageError) in
                    try transaction.put(environment.table("t"), [step], [step])
                    if step == 3 { kill(getpid(), SIGKILL) }
                }
            }
        }
        let environment = try Environment(path: path, mode: .readWrite, tables: ["t"])
        #expect(try environment.count(environment.table("t")) == 2)
        try environment.write { transaction throws(StorageError) in
            try transaction.put(environment.table("t"), [9], [9])
        }
    }

    @Test func `a file is replaced whole and read within its limit`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("head")
        #expect(try readFile(path, maximumBytes: 10) == nil)
        try replaceFile(path, with: [1, 2, 3])
        try replaceFile(path, with: [4, 5])
        #expect(try readFile(path, maximumBytes: 2) == [4, 5])
        #expect(throws: StorageError.tooLarge(path: path, maximumBytes: 1)) {
            try readFile(path, maximumBytes: 1)
        }
        try copyFile(path, to: folder.file("copy"))
        #expect(try bytes(ofFile: folder.file("copy")) == [4, 5])
        #expect(throws: StorageError.exists(path: path)) { try copyFile(path, to: path) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
    }

    @Test func `a file lock has one holder at a time`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("lock")
        let holders = Holders()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<20 {
                        do {
                            try withFileLock(path) { () throws(StorageError) in
                                holders.enter()
                                holders.leave()
                            }
                        } catch { Issue.record(error) }
                    }
                }
            }
        }
        #expect(holders.most.load(ordering: .relaxed) == 1)
    }
}

/// How many are inside at once.
private final class Holders: Sendable {
    private let inside = Atomic<Int>(0)
    let most = Atomic<Int>(0)

    func enter() {
        most.max(inside.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
    }

    func leave() { inside.subtract(1, ordering: .relaxed) }
}
