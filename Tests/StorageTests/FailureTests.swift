import Bytes
import Files
import Foundation
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
            #expect(error == .file(.diskFull(path: path)))
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
        guard case .file(.failedSync(let failed, _)) = environment.commitError(EIO) else {
            Issue.record("an I/O error is a failed sync")
            return
        }
        #expect(failed == path)
        #expect(environment.commitError(ENOSPC) == .file(.diskFull(path: path)))
        #expect(environment.commitError(EACCES) == .file(.permissionDenied(path: path)))
        guard case .file(.failedSync) = environment.commitError(-30795) else {
            Issue.record("LMDB's panic is a failed sync")
            return
        }
    }

    @Test func `after a failed sync the process ends`() async {
        await #expect(processExitsWith: .exitCode(74)) {
            endProcess(.file(.failedSync(path: "/a", reason: "I/O error")))
        }
    }

    @Test func `a pipe in place of a database or its lock is refused and not waited for`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.mdb")
        try #require(unsafe mkfifo(path, 0o600) == 0)
        for mode in [Environment.Mode.audit, .readWrite] {
            #expect(throws: StorageError.file(.notRegular(path: path))) {
                try Environment(path: path, mode: mode, tables: ["t"])
            }
        }
        let other = folder.file("b.mdb")
        try #require(unsafe mkfifo(other + "-lock", 0o600) == 0)
        #expect(throws: StorageError.file(.notRegular(path: other + "-lock"))) {
            try Environment(path: other, mode: .create, tables: ["t"])
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
}
