import Bytes
import Files
import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

@Suite struct `LMDB environment` {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("a.mdb")
    }

    @Test func `what is committed is there after reopening, in key order`() throws {
        do {
            let environment = try Environment(path: path, mode: .create, tables: ["one", "two"])
            try environment.write { transaction throws(StorageError) in
                for key in ["c", "a", "b"] {
                    try transaction.put(
                        environment.table("one"), utf8(key), utf8("value \(key)"))
                }
            }
        }
        let environment = try Environment(path: path, mode: .readWrite, tables: ["one", "two"])
        let table = environment.table("one")
        #expect(try environment.keys(table) == ["a", "b", "c"].map { utf8($0) })
        #expect(try environment.count(table) == 3)
        #expect(try environment.count(environment.table("two")) == 0)
        #expect(try environment.value(table, utf8("b")) == utf8("value b"))
        #expect(try environment.value(table, utf8("d")) == nil)
    }

    /// Otherwise a full disk ends the process with a bus error when a slot is first used.
    @Test func `the lock file has its place on the disk from the start`() throws {
        func check() throws {
            let environment = try Environment(path: path, mode: .readWrite, tables: ["t"])
            #expect(try environment.lastKey(environment.table("t")) == nil)
            var status = stat()
            #expect(unsafe stat(path + "-lock", &status) == 0)
            #expect(status.st_size == 32_768)
            #expect(status.st_blocks * 512 >= status.st_size)
        }
        _ = try Environment(path: path, mode: .create, tables: ["t"])
        try check()
        // As an earlier version left it: sparse.
        #expect(unsafe truncate(path + "-lock", 0) == 0)
        #expect(unsafe truncate(path + "-lock", 32_768) == 0)
        try check()
    }

    @Test func `places in a table are found from either side`() throws {
        let environment = try Environment(path: path, mode: .create, tables: ["t"])
        let table = environment.table("t")
        #expect(try environment.lastKey(table) == nil)
        #expect(try environment.lastKey(table, atMost: [9]) == nil)
        try environment.write { transaction throws(StorageError) in
            for key: UInt8 in [2, 4, 6] { try transaction.append(table, [key], [key]) }
        }
        #expect(try environment.lastKey(table) == [6])
        for (limit, expected) in [(1, nil), (2, 2), (3, 2), (4, 4), (6, 6), (7, 6)] {
            #expect(
                try environment.lastKey(table, atMost: [UInt8(limit)])
                    == expected.map { [UInt8($0)] })
        }
        for (start, expected) in [(0, [2, 4, 6]), (2, [2, 4, 6]), (3, [4, 6]), (7, [])] {
            #expect(
                try environment.keys(table, from: [UInt8(start)]) == expected.map { [UInt8($0)] })
        }
        #expect(try environment.keys(table, most: 1) == [[2]])
    }

    @Test func `an error in the body drops every change`() throws {
        let environment = try Environment(path: path, mode: .create, tables: ["t"])
        let table = environment.table("t")
        #expect(throws: StorageError.keyTaken(table: "t")) {
            try environment.write { transaction throws(StorageError) in
                try transaction.put(table, [1], [1])
                try transaction.insert(table, [1], [2])
            }
        }
        #expect(try environment.count(table) == 0)
        try environment.write { transaction throws(StorageError) in
            try transaction.insert(table, [1], [3])
            let inserted = try transaction.view.contains(table, [1])
            #expect(inserted)
            let absent = try transaction.delete(table, [2])
            #expect(!absent)
        }
        #expect(try environment.count(table) == 1)
    }

    @Test func `keys have limits, and appended ones an order`() throws {
        let environment = try Environment(path: path, mode: .create, tables: ["t"])
        let table = environment.table("t")
        for count in [0, 512] {
            #expect(throws: StorageError.keyLength(table: "t", found: count)) {
                try environment.write { transaction throws(StorageError) in
                    let key = [UInt8](repeating: 1, count: count)
                    try transaction.put(table, key, [1])
                }
            }
        }
        try environment.write { transaction throws(StorageError) in
            let key = [UInt8](repeating: 1, count: 511)
            try transaction.put(table, key, [])
        }
        #expect(throws: StorageError.keyTaken(table: "t")) {
            try environment.write { transaction throws(StorageError) in
                try transaction.append(table, [1], [1])
            }
        }
    }

    @Test func `a reader keeps its state while others write`() throws {
        let environment = try Environment(path: path, mode: .create, tables: ["t"])
        let table = environment.table("t")
        try environment.read { before throws(StorageError) in
            try environment.write { transaction throws(StorageError) in
                try transaction.put(table, [1], [1])
            }
            let count = try before.count(table)
            #expect(count == 0)
        }
        #expect(try environment.count(table) == 1)
    }

    @Test func `threads take turns writing and read at once`() async throws {
        let environment = try Environment(path: path, mode: .create, tables: ["t"])
        let table = environment.table("t")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    for step in 0..<25 {
                        try environment.write { transaction throws(StorageError) in
                            try transaction.insert(
                                table, [UInt8(worker), UInt8(step)], [0])
                        }
                        let count = try environment.count(table)
                        #expect(count > step)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try environment.count(table) == 100)
    }

    @Test func `one process opens a file once, whatever path leads there`() throws {
        let environment = try Environment(path: path, mode: .create, tables: ["t"])
        let other = folder.path + "/./a.mdb"
        for mode in [Environment.Mode.readWrite, .audit] {
            #expect(throws: StorageError.alreadyOpen(path: other)) {
                try Environment(path: other, mode: mode, tables: ["t"])
            }
        }
        #expect(throws: StorageError.file(.exists(path: path))) {
            try Environment(path: path, mode: .create, tables: ["t"])
        }
        #expect(try environment.count(environment.table("t")) == 0)
    }

    @Test func `files that come and go are never taken for each other`() async throws {
        let folder = folder.path
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    for round in 0..<100 {
                        let path = "\(folder)/\(worker)-\(round).mdb"
                        let environment = try Environment(path: path, mode: .create, tables: ["t"])
                        // As soon as it is closed, another file may have its number.
                        try FileManager.default.removeItem(atPath: path)
                        try environment.write { transaction throws(StorageError) in
                            try transaction.put(environment.table("t"), [1], [1])
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `what can not be opened says why, and can be tried again`() throws {
        #expect(throws: StorageError.file(.notFound(path: path))) {
            try Environment(path: path, mode: .readWrite, tables: ["t"])
        }
        do { _ = try Environment(path: path, mode: .create, tables: ["t"]) }
        #expect(throws: StorageError.missingTable(name: "u")) {
            try Environment(path: path, mode: .readWrite, tables: ["u"])
        }
        let text = folder.file("text")
        try Data(repeating: 65, count: 20_000).write(to: URL(fileURLWithPath: text))
        for mode in [Environment.Mode.readWrite, .audit] {
            let error = #expect(throws: StorageError.self) {
                try Environment(path: text, mode: mode, tables: ["t"])
            }
            guard case .corrupted = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
        _ = try Environment(path: path, mode: .readWrite, tables: ["t"])
    }

    @Test func `a file cut short is refused and does not crash the reader`() throws {
        do {
            let environment = try Environment(path: path, mode: .create, tables: ["t"])
            try environment.write { transaction throws(StorageError) in
                for key in 0..<2000 {
                    let value = [UInt8](repeating: 7, count: 200)
                    try transaction.put(
                        environment.table("t"), utf8("key \(key)"), value)
                }
            }
        }
        let whole = try bytes(ofFile: path)
        for part in [whole.count / 2, whole.count - 1, 8192, 4096, 100, 0] {
            try Data(whole[..<part]).write(to: URL(fileURLWithPath: path))
            #expect(throws: StorageError.self, "\(part) bytes") {
                try Environment(path: path, mode: .audit, tables: ["t"])
            }
        }
    }

    @Test func `an audit changes no byte, no time and no file, also without permission`() throws {
        do {
            let environment = try Environment(path: path, mode: .create, tables: ["t"])
            try environment.write { transaction throws(StorageError) in
                try transaction.put(environment.table("t"), [1], [2])
            }
        }
        try FileManager.default.removeItem(atPath: path + "-lock")
        let manager = FileManager.default
        try manager.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
        try manager.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder.path)
        defer {
            do {
                try manager.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path)
            } catch { Issue.record(error) }
        }
        let before = try bytes(ofFile: path)
        let time = try manager.attributesOfItem(atPath: path)[.modificationDate] as? Date
        do {
            let audit = try Environment(path: path, mode: .audit, tables: ["t"])
            #expect(try audit.value(audit.table("t"), [1]) == [2])
            #expect(throws: StorageError.file(.permissionDenied(path: path))) {
                try audit.write { transaction throws(StorageError) in
                    try transaction.put(audit.table("t"), [1], [3])
                }
            }
        }
        #expect(try bytes(ofFile: path) == before)
        #expect(try manager.attributesOfItem(atPath: path)[.modificationDate] as? Date == time)
        #expect(try manager.contentsOfDirectory(atPath: folder.path) == ["a.mdb"])
    }

    @Test func `a copy is whole, compact and never overwrites`() throws {
        let environment = try Environment(path: path, mode: .create, tables: ["t"])
        let table = environment.table("t")
        for value: UInt8 in [1, 2] {
            try environment.write { transaction throws(StorageError) in
                try transaction.put(table, [1], [value])
            }
        }
        let copy = folder.file("copy.mdb")
        try environment.copy(to: copy)
        #expect(throws: StorageError.file(.exists(path: copy))) { try environment.copy(to: copy) }
        let opened = try Environment(path: copy, mode: .audit, tables: ["t"])
        #expect(try opened.value(opened.table("t"), [1]) == [2])
        #expect(!FileManager.default.fileExists(atPath: copy + ".part"))
    }
}

extension Environment {
    func count(_ table: Table) throws(StorageError) -> Int {
        try read { view throws(StorageError) in try view.count(table) }
    }

    func value(_ table: Table, _ key: [UInt8]) throws(StorageError) -> [UInt8]? {
        try read { view throws(StorageError) -> [UInt8]? in
            guard let value = try view.value(table, key) else { return nil }
            return [UInt8](capacity: value.count) { $0.append(value) }
        }
    }

    func lastKey(_ table: Table, atMost limit: [UInt8]? = nil) throws(StorageError) -> [UInt8]? {
        try read { view throws(StorageError) in try view.lastKey(table, atMost: limit) }
    }

    func keys(
        _ table: Table, from start: [UInt8] = [], most: Int = .max
    ) throws(StorageError) -> [[UInt8]] {
        try read { view throws(StorageError) in
            var keys: [[UInt8]] = []
            try view.forEach(table, from: start) { key, _ throws(StorageError) in
                keys.append([UInt8](capacity: key.count) { $0.append(key) })
                return keys.count < most
            }
            return keys
        }
    }
}
