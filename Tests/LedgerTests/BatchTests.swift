import Bytes
import Keys
import Ledger
import Merkle
import Storage
import TestSupport
import Testing

@Suite struct `Batches` {
    let temporary: TemporaryFolder
    let log: Log

    init() throws {
        temporary = try TemporaryFolder()
        log = try Sample.create(temporary.file("log"), size: 300)
    }

    @Test func `a batch reads itself, and the head does not move until it is over`() throws {
        try log.append { batch throws(LedgerError) in
            for position: UInt64 in 300..<900 {
                let appended = try batch.append(Sample.record(position))
                #expect(appended == position)
            }
            #expect(batch.size == 900)
            let root = batch.frontier.root
            #expect(root == Sample.root(900))
            let read = try batch.view.root()
            #expect(read == root)
            let older = try batch.view.root(at: 511)
            #expect(older == Sample.root(511))
            let entry = encodeHex(try batch.view.entry(899))
            #expect(entry == encodeHex(Sample.entry(899)))
            let outside = try log.size()
            #expect(outside == 300)
            let proof = try batch.view.inclusionProof(899, size: 900)
            #expect(!proof.isEmpty)
        }
        #expect(try log.size() == 900)
        #expect(try log.root() == Sample.root(900))
    }

    @Test func `an error drops the whole batch and the log goes on`() throws {
        let root = try log.root()
        #expect(throws: LedgerError.name("stop")) {
            try log.append { batch throws(LedgerError) in
                for position: UInt64 in 300..<600 { try batch.append(Sample.record(position)) }
                try batch.putEvidence([1])
                throw LedgerError.name("stop")
            }
        }
        #expect(try log.size() == 300)
        #expect(try log.root() == root)
        #expect(try log.check() == [])
        try Sample.extend(log, to: 310)
        #expect(try log.root() == Sample.root(310))
        #expect(try log.check() == [])
    }

    @Test func `a refused record leaves no trace in a batch that goes on`() throws {
        let taken = Sample.record(5)
        try log.append { batch throws(LedgerError) in
            try batch.append(Sample.record(300))
            for (record, refusal) in Self.refused(taken) {
                #expect(throws: refusal) { try Self.append(record, to: &batch) }
            }
            #expect(batch.size == 301)
            try batch.append(Sample.record(301))
        }
        #expect(try log.size() == 302)
        #expect(try log.root() == Sample.root(302))
        #expect(try log.check() == [])
        try log.read { view throws(LedgerError) in
            let present = try view.hasBlob(sha256([9]))
            #expect(!present)
        }
    }

    private static func append(_ record: LogRecord, to batch: inout Batch) throws(LedgerError) {
        try batch.append(record)
    }

    private static func refused(_ taken: LogRecord) -> [(LogRecord, LedgerError)] {
        var long = Sample.record(301)
        long.entry = [UInt8](repeating: 0, count: 65_536)
        var wrongBlob = Sample.record(301)
        wrongBlob.blobs = [
            LogRecord.Blob(digest: sha256([9]), bytes: [9]),
            LogRecord.Blob(digest: .zero, bytes: [9]),
        ]
        var largeBlob = Sample.record(301)
        largeBlob.blobs = [
            LogRecord.Blob(digest: .zero, bytes: [UInt8](repeating: 0, count: 4 << 20 + 1))
        ]
        var number = Sample.record(301)
        number.number = LogRecord.Numbered(number: 1, request: .zero)
        return [
            (
                taken,
                .sequenceTaken(author: taken.author, sequence: taken.sequence, position: 5)
            ),
            (long, .entrySize(bytes: 65_536)),
            (wrongBlob, .blobDigest(given: .zero, found: sha256([9]))),
            (largeBlob, .blobSize(bytes: 4 << 20 + 1)),
            (number, .numberTaken(1)),
        ]
    }

    @Test func `the largest entry and blob fit`() throws {
        var record = Sample.record(300)
        record.entry = [UInt8](repeating: 1, count: 65_535)
        let content = [UInt8](repeating: 2, count: 4 << 20)
        record.blobs = [LogRecord.Blob(digest: sha256(content), bytes: content)]
        try log.append { [record] batch throws(LedgerError) in
            try batch.append(record)
            try batch.putEvidence([UInt8](repeating: 3, count: 65_535))
        }
        #expect(throws: LedgerError.evidenceSize(bytes: 65_536)) {
            try log.append { batch throws(LedgerError) in
                try batch.putEvidence([UInt8](repeating: 3, count: 65_536))
            }
        }
        #expect(try log.check() == [])
    }

    @Test func `snapshots are found at or before a size`() throws {
        try log.append { batch throws(LedgerError) in
            for size: UInt64 in [0, 100, 200, 300] {
                try batch.putSnapshot(size: size, utf8("state \(size)"))
            }
        }
        try log.read { view throws(LedgerError) in
            for (limit, expected) in [
                (0, 0), (99, 0), (100, 100), (250, 200), (300, 300), (.max, 300),
            ] as [(UInt64, UInt64)] {
                let found = try view.snapshotSize(atMost: limit)
                #expect(found == expected)
                if let bytes = try view.snapshot(size: expected) {
                    #expect(encodeHex(bytes) == encodeHex(Array("state \(expected)".utf8)))
                } else {
                    Issue.record("no snapshot of \(expected)")
                }
            }
        }
        #expect(throws: LedgerError.outOfRange(position: 301, size: 300)) {
            try log.append { batch throws(LedgerError) in
                try batch.putSnapshot(size: 301, [])
            }
        }
    }

    @Test func `evidence is kept in order`() throws {
        for value: UInt8 in 1...3 {
            try log.append { batch throws(LedgerError) in
                let number = try batch.putEvidence([value])
                #expect(number == UInt64(value) - 1)
            }
        }
        // The same again, as often as anybody likes, takes no more room.
        try log.append { batch throws(LedgerError) in
            let number = try batch.putEvidence([2])
            #expect(number == 1)
        }
        try log.read { view throws(LedgerError) in
            var seen: [UInt8] = []
            try view.forEachEvidence { number, bytes throws(LedgerError) in
                #expect(Int(number) == seen.count)
                seen.append(bytes[0])
                return true
            }
            #expect(seen == [1, 2, 3])
        }
    }
}
