import Audit
import Bytes
import Events
import Foundation
import Keys
import Ledger
import Merkle
import State
import StateTestSupport
import Storage
import TestSigning
import TestSupport
import Testing

@Suite struct DamageTests {
    let ledger: SampleLedger

    init() throws { ledger = try SampleLedger() }

    // MARK: Single bytes

    @Test func `every changed byte of every entry breaks the tree`() throws {
        try ledger.compact()
        let file = try BrittleFile(ledger.database)
        var flips = 0
        for (position, row) in try ledger.rows("entries").enumerated() {
            let places = file.places(of: row.value)
            #expect(places.count == 1)
            for offset in row.value.indices {
                let found = try file.flipping(places[0] + offset) {
                    try Log.open(ledger.folder, .audit).check()
                }
                #expect(found.contains(.damagedEntry(position: UInt64(position))))
                flips += 1
            }
        }
        print("\(flips) bytes of entries changed, each found")
    }

    @Test func `every changed byte of a checkpoint is found, stored or in the head file`() throws {
        try ledger.compact()
        let note = try #require(try ledger.rows("checkpoints").last)
        let file = try BrittleFile(ledger.database)
        let places = file.places(of: note.value)
        #expect(places.count == 2)
        for place in places {
            for offset in note.value.indices {
                let found = try file.flipping(place + offset) { try ledger.findings() }
                #expect(!found.isEmpty, "byte \(offset) of the note")
            }
        }
        let head = try BrittleFile(ledger.head)
        for offset in head.bytes.indices {
            let found = try head.flipping(offset) { try ledger.findings() }
            #expect(!found.isEmpty, "byte \(offset) of the head file")
        }
    }

    @Test(arguments: ["blobs", "tiles", "authors", "numbers", "outcomes", "state"])
    func `changed bytes of other tables are found`(table: String) throws {
        try ledger.compact()
        let file = try BrittleFile(ledger.database)
        let seed: UInt64 = 20_261_121
        var generator = SeededGenerator(seed: seed)
        let before = try ledger.contents()
        for row in try ledger.rows(table) {
            let places = file.places(of: row.value)
            let offsets = (0..<6).map { _ in
                Int.random(in: row.value.indices, using: &generator)
            }
            for offset in Set(offsets + [0, row.value.count - 1]) {
                var isStored = false
                // Equal values of two rows: each place is one of them, or the free part of a page,
                // where old bytes stay and nobody reads.
                for place in places {
                    try file.flipping(place + offset) {
                        guard (try? ledger.contents()) != before else { return }
                        isStored = true
                        let found = try ledger.findings()
                        #expect(
                            !found.isEmpty, "byte \(offset) of a row of \(table), seed \(seed)")
                    }
                }
                #expect(isStored, "byte \(offset) of a row of \(table) is in the file")
            }
        }
    }

    @Test func `the audit as a whole reports changed bytes of entries`() throws {
        try ledger.compact()
        let file = try BrittleFile(ledger.database)
        let seed: UInt64 = 42
        var generator = SeededGenerator(seed: seed)
        for row in try ledger.rows("entries") {
            let place = try #require(file.places(of: row.value).first)
            for _ in 0..<6 {
                let offset = Int.random(in: row.value.indices, using: &generator)
                let pattern = UInt8.random(in: 1...255, using: &generator)
                let found = try file.flipping(place + offset, pattern) { try ledger.findings() }
                #expect(found.contains("tree"), "byte \(offset), seed \(seed)")
            }
        }
    }

    // MARK: Whole rows

    @Test func `a removed entry is found, in the middle and at the end`() throws {
        let last = ledger.memory.entries.count - 1
        let row = try ledger.rows("entries")[last]
        try ledger.change("entries") { (transaction, table) throws(StorageError) in
            try transaction.delete(table, row.key)
        }
        let rules = try ledger.findings()
        #expect(rules.contains("rollback"))
        try ledger.change("entries") { (transaction, table) throws(StorageError) in
            try transaction.put(table, row.key, row.value)
        }
        #expect(try ledger.findings() == [])
        let middle = try ledger.rows("entries")[5]
        try ledger.change("entries") { (transaction, table) throws(StorageError) in
            try transaction.delete(table, middle.key)
        }
        #expect(try !ledger.findings().isEmpty)
    }

    @Test func `swapped and duplicated entries are found`() throws {
        let rows = try ledger.rows("entries")
        try ledger.change("entries") { (transaction, table) throws(StorageError) in
            try transaction.put(table, rows[3].key, rows[4].value)
            try transaction.put(table, rows[4].key, rows[3].value)
        }
        let swapped = try ledger.findings()
        #expect(swapped.contains("tree"))
        try ledger.change("entries") { (transaction, table) throws(StorageError) in
            try transaction.put(table, rows[3].key, rows[3].value)
            try transaction.put(table, rows[4].key, rows[4].value)
        }
        var next: [UInt8] = []
        next.appendBigEndian(UInt64(rows.count))
        try ledger.change("entries") { (transaction, table) throws(StorageError) in
            try transaction.put(table, next, rows[rows.count - 1].value)
        }
        let doubled = try ledger.findings()
        #expect(doubled.contains("tree"))
        #expect(doubled.contains("equivocation"))
    }

    @Test func `checkpoints are all looked at, however long they are`() throws {
        let stored = try ledger.rows("checkpoints").last?.key
        let size = stored.map { $0.reduce(0) { $0 << 8 | UInt64($1) } } ?? 0
        #expect(size > 7)
        // More than are held at a time, and one for more entries than there are.
        let sizes = Array(1...7) + [size + 90]
        try ledger.change("checkpoints") { (transaction, table) throws(StorageError) in
            for size in sizes {
                let key = (0..<8).map { UInt8(truncatingIfNeeded: size >> UInt64(56 - 8 * $0)) }
                try transaction.put(table, key, [UInt8](repeating: 0x61, count: 900_000))
            }
            try transaction.put(table, [0], [0x61])
        }
        let found = try LedgerAudit().run(ledger.folder).report.findings
        for size in sizes {
            let label = "the stored checkpoint of size \(size)"
            #expect(found.contains { $0.expected.hasSuffix(label) })
        }
        #expect(found.contains { $0.found == "one by what is no number" })
    }

    @Test(arguments: ["authors", "requests", "numbers", "outcomes", "checkpoints"])
    func `a removed row is found`(table: String) throws {
        let row = try #require(try ledger.rows(table).last)
        try ledger.change(table) { (transaction, table) throws(StorageError) in
            try transaction.delete(table, row.key)
        }
        #expect(try !ledger.findings().isEmpty)
    }

    @Test(arguments: ["authors", "requests", "numbers", "outcomes", "blobs", "state"])
    func `a row that no event explains is found`(table: String) throws {
        let row = try #require(try ledger.rows(table).last)
        var key = row.key
        key[key.count - 1] ^= 0x40
        try ledger.change(table) { (transaction, table) throws(StorageError) in
            try transaction.put(table, key, row.value)
        }
        #expect(try !ledger.findings().isEmpty)
    }

    @Test func `a snapshot of another state is found`() throws {
        let row = try #require(try ledger.rows("state").last)
        var other = ledger.memory
        other.clock += 1_000
        let next = other.state.wallets["main"]?.nextReceive ?? 0
        try other.record(.issued(Issued(wallet: "main", index: next)), by: "olga")
        try ledger.change("state") { (transaction, table) throws(StorageError) in
            try transaction.put(table, row.key, other.state.encoded)
        }
        #expect(try ledger.findings() == ["projection"])
    }

    @Test func `kept evidence is a note, no finding`() throws {
        try ledger.change("evidence") { (transaction, table) throws(StorageError) in
            try transaction.put(table, [UInt8](repeating: 0, count: 8), [1, 2, 3])
        }
        let report = try LedgerAudit().run(ledger.folder).report
        #expect(report.isClean)
        #expect(report.notes.contains { $0.contains("evidence") })
    }

    // MARK: What can not be checked

    @Test func `a newer format of the database can not be checked`() throws {
        try ledger.change("meta") { (transaction, table) throws(StorageError) in
            try transaction.put(table, Array("format".utf8), [0, 0, 0, 3])
        }
        #expect(throws: AuditError.self) { try LedgerAudit().run(ledger.folder) }
    }

    @Test func `rules of a later version can not be checked`() throws {
        let key = try MemoryLedger.key("alice")
        let author = try #require(KeyID(key.publicKey.key.bytes))
        let event = Event(
            time: MemoryLedger.start, sequence: 0, seen: .empty,
            fact: .founded(try SampleLedger.founding(rules: 2)))
        let signed = try SignedEvent(event, by: author, ledger: nil) { try key.ecdsa($0) }
        let folder = ledger.folder + "/later"
        do {
            let log = try Log.create(folder, ledgerID: signed.id, name: "treasury")
            _ = try log.append { (batch) throws(LedgerError) in
                try batch.append(
                    LogRecord(
                        entry: Entry(recorded: MemoryLedger.start, event: signed.bytes).encoded,
                        author: author, sequence: 0, eventID: signed.id))
            }
        }
        do {
            _ = try LedgerAudit().run(folder)
            Issue.record("it was judged")
        } catch {
            guard case .unknownRules = error else {
                Issue.record("\(error)")
                return
            }
        }
    }
}
