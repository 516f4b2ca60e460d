import Bytes
import Files
import Foundation
import Ledger
import Merkle
import Storage
import TestSupport
import Testing

@Suite struct `Damage` {
    let temporary: TemporaryFolder
    let folder: String
    let database: String

    init() throws {
        temporary = try TemporaryFolder()
        folder = temporary.file("log")
        database = folder + "/ledger.mdb"
    }

    @Test func `every flipped byte of an entry is found at opening`() throws {
        do { _ = try Sample.create(folder, size: 40) }
        let whole = try bytes(ofFile: database)
        let entry = Sample.entry(17)
        let place = try #require(firstIndex(of: entry, in: whole))
        for offset in stride(from: 0, to: entry.count, by: 9) {
            var changed = whole
            changed[place + offset] ^= 1 << UInt8(offset % 8)
            try Data(changed).write(to: URL(fileURLWithPath: database))
            #expect(throws: LedgerError.damagedEntry(position: 17)) {
                try Log.open(folder, .readWrite)
            }
            let log = try Log.open(folder, .audit)
            #expect(log.fault == .damagedEntry(position: 17))
            #expect(try log.check().contains(.damagedEntry(position: 17)))
        }
        try Data(whole).write(to: URL(fileURLWithPath: database))
        #expect(try Log.open(folder, .readWrite).check() == [])
    }

    @Test func `damage before the last snapshot is found by the full check`() throws {
        do {
            let log = try Sample.create(folder, size: 700)
            try log.append { batch throws(LedgerError) in
                try batch.putSnapshot(size: 700, [1])
            }
        }
        let whole = try bytes(ofFile: database)
        for position: UInt64 in [0, 3, 255, 256, 511, 512, 699] {
            let changed = flipping(Sample.entry(position), in: whole)
            try Data(changed).write(to: URL(fileURLWithPath: database))
            let log = try Log.open(folder, .readWrite)
            #expect(try log.check() == [.damagedEntry(position: position)])
        }
    }

    @Test func `damage to a hash, a node, a blob or a checkpoint is found`() throws {
        do {
            let log = try Sample.create(folder, size: 700, batch: 700)
            _ = try log.signCheckpoint(with: Sample.signer())
            try log.append { batch throws(LedgerError) in
                try batch.putSnapshot(size: 700, [1])
            }
        }
        let whole = try bytes(ofFile: database)
        let leaves = (0..<4).map { leafHash(Sample.entry($0)) }
        let node = nodeHash(nodeHash(leaves[0], leaves[1]), nodeHash(leaves[2], leaves[3]))
        let blob = Sample.blob(690)
        for (pattern, finding) in [
            (leaves[2].array, LedgerError.damagedEntry(position: 2)),
            (node.array, .damagedTile(level: 0, index: 0)),
            (Sample.root(256).array, .damagedTile(level: 1, index: 0)),
            (blob.bytes, .damagedBlob(blob.digest)),
        ] {
            try Data(flipping(pattern, in: whole)).write(to: URL(fileURLWithPath: database))
            let log = try Log.open(folder, .audit)
            let findings = try log.check()
            #expect(findings.contains(finding), "\(finding)")
        }
    }

    @Test func `a missing entry is found`() throws {
        do { _ = try Sample.create(folder, size: 20) }
        for position: UInt64 in [0, 7] {
            try change { transaction, environment throws(StorageError) in
                var key: [UInt8] = []
                key.appendBigEndian(position)
                try transaction.delete(environment.table("entries"), key)
            }
            #expect(throws: LedgerError.self) { try Log.open(folder, .readWrite) }
        }
    }

    @Test func `an older format is refused by its number`() throws {
        do { _ = try Sample.create(folder, size: 2) }
        try change { transaction, environment throws(StorageError) in
            try transaction.put(environment.table("meta"), utf8("format"), [0, 0, 0, 1])
        }
        let refusal = LedgerError.notALog(
            folder: folder, reason: "its format is 1, and this program reads 2")
        #expect(throws: refusal) { try Log.open(folder, .readWrite) }
    }

    @Test func `a newer format is refused by its number, also when its tables differ`() throws {
        do { _ = try Sample.create(folder, size: 2) }
        try change { transaction, environment throws(StorageError) in
            try transaction.put(environment.table("meta"), utf8("format"), [0, 0, 0, 3])
        }
        for mode in [Log.Mode.readWrite, .readOnly, .audit] {
            #expect(throws: LedgerError.newerFormat(found: 3, supported: 2)) {
                try Log.open(folder, mode)
            }
        }
        let other = temporary.file("other")
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
        do {
            let environment = try Environment(
                path: other + "/ledger.mdb", mode: .create, tables: ["meta", "new"])
            try environment.write { transaction throws(StorageError) in
                try transaction.put(environment.table("meta"), utf8("format"), [0, 0, 0, 4])
            }
        }
        #expect(throws: LedgerError.newerFormat(found: 4, supported: 2)) {
            try Log.open(other, .readWrite)
        }
    }

    @Test func `a database that is no log says so`() throws {
        let path = temporary.file("ledger.mdb")
        do { _ = try Environment(path: path, mode: .create, tables: ["x"]) }
        let error = #expect(throws: LedgerError.self) {
            try Log.open(temporary.path, .readWrite)
        }
        guard case .notALog = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(throws: LedgerError.storage(.file(.notFound(path: folder + "/ledger.mdb")))) {
            try Log.open(folder, .readWrite)
        }
    }

    @Test func `an audit of read-only media changes nothing`() throws {
        guard try run("mount", "-t", "tmpfs", "-o", "size=8m", "none", temporary.path) else {
            print("skipped: mounting is not permitted")
            return
        }
        defer {
            do { _ = try run("umount", "--lazy", temporary.path) } catch { Issue.record(error) }
        }
        do {
            let log = try Sample.create(folder, size: 300)
            _ = try log.signCheckpoint(with: Sample.signer())
        }
        #expect(try run("mount", "-o", "remount,ro", temporary.path))
        let before = try state()
        do {
            let log = try Log.open(folder, .audit)
            #expect(log.fault == nil)
            #expect(try log.check() == [])
            #expect(throws: LedgerError.readOnly(folder: folder)) {
                try Sample.extend(log, to: 301)
            }
            #expect(try state() == before)
        }
        #expect(throws: LedgerError.self) { try Log.open(folder, .readWrite) }
        #expect(try state() == before)
    }

    /// Every file of the folder, its bytes and its modification time.
    private func state() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { name in
            let path = "\(folder)/\(name)"
            let time = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
            return "\(name) \(sha256(try bytes(ofFile: path))) \(String(describing: time))"
        }
    }

    private func change(
        _ body: (inout WriteTransaction, Environment) throws(StorageError) -> Void
    ) throws {
        let environment = try Environment(
            path: database, mode: .readWrite, tables: ["entries", "meta"])
        try environment.write { transaction throws(StorageError) in
            try body(&transaction, environment)
        }
    }

    /// Turns over a bit wherever `pattern` stands: freed pages may hold older copies of it.
    private func flipping(_ pattern: [UInt8], in whole: [UInt8]) -> [UInt8] {
        var data = Data(whole)
        var rest = data.startIndex..<data.endIndex
        while let place = data.range(of: Data(pattern), in: rest) {
            data[place.lowerBound] ^= 4
            rest = place.upperBound..<data.endIndex
        }
        #expect(data != Data(whole))
        return Array(data)
    }

    private func firstIndex(of pattern: [UInt8], in whole: [UInt8]) -> Int? {
        Data(whole).range(of: Data(pattern))?.lowerBound
    }
}
