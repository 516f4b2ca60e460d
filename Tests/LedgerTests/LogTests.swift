import Bytes
import Foundation
import Keys
import Ledger
import Merkle
import Storage
import TestSupport
import Testing

@Suite struct `Append-only log` {
    let temporary: TemporaryFolder
    let folder: String

    init() throws {
        temporary = try TemporaryFolder()
        folder = temporary.file("log")
    }

    @Test func `a new log is empty, and is there once`() throws {
        let log = try Sample.create(folder)
        #expect(try log.size() == 0)
        #expect(try log.root() == emptyTreeRoot)
        #expect(log.origin == "test/\(Sample.ledgerID.hex)")
        #expect(throws: LedgerError.exists(folder: folder)) { try Sample.create(folder) }
        for name in ["", "two words", "a+b", String(repeating: "n", count: 129)] {
            #expect(throws: LedgerError.name(name)) {
                try Log.create(
                    temporary.file("other"), ledgerID: Sample.ledgerID, name: name)
            }
        }
    }

    @Test func `a founded log appears with its first entry, whatever an earlier try left`() throws {
        // What a crash leaves behind: a draft without an entry.
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        do { _ = try Log.create(folder + "/founding.part", ledgerID: Sample.ledgerID, name: "x") }
        func found() throws(LedgerError) {
            try Log.create(
                folder, ledgerID: Sample.ledgerID, name: "test", first: Sample.record(0))
        }
        try found()
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(Set(files) == ["ledger.mdb", "head.lock"])
        do {
            let log = try Log.open(folder, .readWrite)
            #expect(try log.size() == 1)
            #expect(try log.root() == Sample.root(1))
        }
        #expect(throws: LedgerError.exists(folder: folder)) { try found() }
    }

    @Test func `a log that can not be founded leaves none behind`() throws {
        var record = Sample.record(0)
        record.blobs[0].digest = .zero
        #expect(throws: LedgerError.self) {
            try Log.create(folder, ledgerID: Sample.ledgerID, name: "test", first: record)
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder) == ["head.lock"])
    }

    @Test func `an empty file is no log, and stays empty`() throws {
        _ = try Sample.create(folder)
        let path = folder + "/ledger.mdb"
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        for mode in [Log.Mode.readWrite, .readOnly, .audit] {
            #expect(
                throws: LedgerError.storage(
                    .corrupted(path: path, reason: "the file is empty"))
            ) { try Log.open(folder, mode) }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).isEmpty)
    }

    @Test func `what was appended is found by every index, also after reopening`() throws {
        do { _ = try Sample.create(folder, size: 300, batch: 7) }
        let log = try Log.open(folder, .readWrite)
        #expect(log.name == "test")
        #expect(log.ledgerID == Sample.ledgerID)
        try log.read { view throws(LedgerError) in
            #expect(view.size == 300)
            for position in 0..<view.size {
                let record = Sample.record(position)
                let entry = encodeHex(try view.entry(position))
                #expect(entry == encodeHex(record.entry))
                let found = try view.event(of: record.author, sequence: record.sequence)
                #expect(found?.position == position)
                #expect(found?.id == record.eventID)
                let first = position / 4 * 4
                let positions = try view.positions(ofRequest: Sample.request(position))
                #expect(positions == Array(first..<first + 4))
                let blob = Sample.blob(position).digest
                let present = try view.hasBlob(blob)
                #expect(present == (position % 10 == 0))
            }
            let request = try view.request(number: 1)
            #expect(request == Sample.request(0))
            let none = try view.request(number: 76)
            #expect(none == nil)
            let last = try view.lastNumber()
            #expect(last == 75)
            let unknown = try view.event(of: Sample.author(9), sequence: 0)
            #expect(unknown == nil)
            let absent = try view.positions(ofRequest: .zero)
            #expect(absent == [])
        }
    }

    @Test func `eight numbers of an author lie together, and beside them those of others`() throws {
        do { _ = try Sample.create(folder, size: 60) }
        let environment = try Environment(
            path: folder + "/ledger.mdb", mode: .audit, tables: ["authors"])
        var found: [String] = []
        try environment.read { view throws(StorageError) in
            try view.forEach(environment.table("authors")) { key, row throws(StorageError) in
                found.append(encodeHex(key) + " " + encodeHex(row))
                return true
            }
        }
        // Number / 8 ‖ key ‖ number mod 8 → position ‖ event id.
        var expected: [String] = []
        for position: UInt64 in 0..<60 {
            let record = Sample.record(position)
            var (key, row): ([UInt8], [UInt8]) = ([], [])
            key.appendBigEndian(record.sequence >> 3)
            key += record.author.bytes + [UInt8(record.sequence & 7)]
            row.appendBigEndian(position)
            row += record.eventID.array
            expected.append(encodeHex(key) + " " + encodeHex(row))
        }
        #expect(found == expected.sorted())
    }

    @Test func `entries are lent in order, from any place to any other`() throws {
        let log = try Sample.create(folder, size: 20)
        for (range, expected) in [
            (0..<20, 0..<20), (5..<8, 5..<8), (19..<40, 19..<20), (20..<30, 0..<0), (3..<3, 0..<0),
        ] as [(Range<UInt64>, Range<UInt64>)] {
            var seen: [UInt64] = []
            try log.read { view throws(LedgerError) in
                try view.forEachEntry(range) { position, entry throws(LedgerError) in
                    #expect(entry.count == Sample.entry(position).count)
                    seen.append(position)
                    return true
                }
            }
            #expect(seen == Array(expected))
        }
        #expect(throws: LedgerError.outOfRange(position: 20, size: 20)) {
            try log.read { view throws(LedgerError) in try view.entry(20).count }
        }
    }

    @Test(arguments: [1, 3, 100, 255, 256, 257, 1000] as [UInt64])
    func `roots and proofs of every size hold, however it was batched`(batch: UInt64) throws {
        let size: UInt64 = batch < 100 ? 300 : 700
        let log = try Sample.create(folder, size: size, batch: batch)
        var range = CompactRange()
        var roots = [range.root]
        for position in 0..<size {
            range.append(leafHash(Sample.entry(position)))
            roots.append(range.root)
        }
        try log.read { view throws(LedgerError) in
            for size in 0...view.size {
                let root = try view.root(at: size)
                #expect(root == roots[Int(size)])
            }
            let frontier = try view.frontier(at: view.size)
            #expect(frontier == range)
            for size in stride(from: 1, through: view.size, by: 41) {
                for position in stride(from: 0, to: size, by: 13) {
                    let proof = try view.inclusionProof(position, size: size)
                    try checked { () throws(MerkleError) in
                        try checkInclusion(
                            proof, index: position, size: size,
                            leaf: leafHash(Sample.entry(position)), root: roots[Int(size)])
                    }
                    let consistency = try view.consistencyProof(from: position, to: size)
                    try checked { () throws(MerkleError) in
                        try checkConsistency(
                            consistency, from: position, oldRoot: roots[Int(position)], to: size,
                            newRoot: roots[Int(size)])
                    }
                }
            }
        }
        #expect(try log.check() == [])
    }

    @Test func `proofs outside the log are refused`() throws {
        let log = try Sample.create(folder, size: 10)
        try log.read { view throws(LedgerError) in
            let past = LedgerError.outOfRange(position: 11, size: 10)
            #expect(throws: past) { try log.read { v throws(LedgerError) in try v.root(at: 11) } }
            #expect(throws: past) {
                try log.read { v throws(LedgerError) in try v.inclusionProof(0, size: 11) }
            }
            #expect(throws: LedgerError.outOfRange(position: 5, size: 5)) {
                try log.read { v throws(LedgerError) in try v.inclusionProof(5, size: 5) }
            }
            #expect(throws: LedgerError.outOfRange(position: 6, size: 5)) {
                try log.read { v throws(LedgerError) in try v.consistencyProof(from: 6, to: 5) }
            }
        }
    }

    @Test func `tiles are those of tlog-tiles`() throws {
        let log = try Sample.create(folder, size: 600)
        try log.read { view throws(LedgerError) in
            for (index, width) in [(0, 256), (1, 256), (2, 88), (2, 5)] as [(UInt64, Int)] {
                guard let tile = Tile(level: 0, index: index, width: width) else { continue }
                let bytes = try view.tileBytes(tile)
                let leaves = (0..<width).flatMap {
                    leafHash(Sample.entry(index * 256 + UInt64($0))).array
                }
                #expect(bytes == leaves)
            }
            guard let upper = Tile(level: 1, index: 0, width: 2) else { return }
            let bytes = try view.tileBytes(upper)
            let first = try view.hash(level: 8, index: 0)
            let second = try view.hash(level: 8, index: 1)
            #expect(bytes == first.array + second.array)
            #expect(first == Sample.root(256))
        }
        for tile in [
            Tile(level: 0, index: 2, width: 89), Tile(level: 0, index: 3, width: 1),
            Tile(level: 1, index: 0, width: 3), Tile(level: 2, index: 0, width: 1),
        ] {
            let tile = try #require(tile)
            #expect(throws: LedgerError.self) {
                try log.read { view throws(LedgerError) in try view.tileBytes(tile) }
            }
        }
    }

    private func checked(_ body: () throws(MerkleError) -> Void) throws(LedgerError) {
        do { try body() } catch { throw .merkle(error) }
    }
}
