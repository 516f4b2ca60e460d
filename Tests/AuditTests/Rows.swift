import Audit
import Bytes
import Foundation
import Storage

/// The tables of a log, as they are named in its database.
let tableNames = [
    "entries", "tiles", "authors", "requests", "numbers", "outcomes", "blobs", "state", "evidence",
    "checkpoints", "meta",
]

/// A row as it is stored.
struct Row: Equatable {
    let key: [UInt8]
    let value: [UInt8]
}

extension SampleLedger {
    /// The rows of a table.
    func rows(_ name: String) throws -> [Row] {
        let environment = try Environment(path: database, mode: .audit, tables: tableNames)
        var rows: [Row] = []
        try environment.read { (view) throws(StorageError) in
            try view.forEach(environment.table(name)) { (key, value) throws(StorageError) in
                rows.append(
                    Row(
                        key: [UInt8](capacity: key.count) { $0.append(key) },
                        value: [UInt8](capacity: value.count) { $0.append(value) }))
                return true
            }
        }
        return rows
    }

    /// The rows of every table.
    func contents() throws -> [[Row]] { try tableNames.map { try rows($0) } }

    /// Changes a table as somebody with access to the file could.
    func change(
        _ name: String,
        _ body: (inout WriteTransaction, Table) throws(StorageError) -> Void
    ) throws {
        let environment = try Environment(path: database, mode: .readWrite, tables: tableNames)
        try environment.write { (transaction) throws(StorageError) in
            try body(&transaction, environment.table(name))
        }
    }

    /// What a full verification finds, by the names of the rules.
    func findings() throws -> [String] {
        try LedgerAudit().run(folder).report.findings.map(\.rule.name)
    }

    /// Drops the pages that a compacted copy does not need.
    func compact() throws {
        let copy = database + ".copy"
        do {
            let environment = try Environment(path: database, mode: .audit, tables: tableNames)
            try environment.copy(to: copy)
        }
        try FileManager.default.removeItem(atPath: database)
        try FileManager.default.moveItem(atPath: copy, toPath: database)
    }
}

/// A file in which single bytes are changed and changed back.
final class BrittleFile {
    let bytes: Data
    private let handle: FileHandle

    init(_ path: String) throws {
        bytes = try Data(contentsOf: URL(filePath: path))
        handle = try FileHandle(forUpdating: URL(filePath: path))
    }

    /// Every place at which `value` stands.
    func places(of value: [UInt8]) -> [Int] {
        var places: [Int] = []
        var start = bytes.startIndex
        while let found = bytes.range(of: Data(value), in: start..<bytes.endIndex) {
            places.append(found.lowerBound)
            start = found.lowerBound + 1
        }
        return places
    }

    /// Runs `body` while one bit pattern of the byte at `offset` is flipped.
    func flipping<Result>(_ offset: Int, _ pattern: UInt8 = 1, _ body: () throws -> Result) throws
        -> Result
    {
        try write(bytes[offset] ^ pattern, at: offset)
        defer {
            do { try write(bytes[offset], at: offset) } catch { print("not restored: \(error)") }
        }
        return try body()
    }

    private func write(_ byte: UInt8, at offset: Int) throws {
        try handle.seek(toOffset: UInt64(offset))
        try handle.write(contentsOf: Data([byte]))
    }
}
