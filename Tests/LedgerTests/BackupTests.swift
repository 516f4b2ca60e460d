import Bytes
import Foundation
import Ledger
import Merkle
import TestSupport
import Testing

@Suite struct `Backup and restore` {
    let temporary: TemporaryFolder
    let folder: String
    let signer: CheckpointSigner

    init() throws {
        temporary = try TemporaryFolder()
        folder = temporary.file("log")
        signer = try Sample.signer()
    }

    @Test func `a backup taken while appends go on is a whole log`() async throws {
        let log = try Sample.create(folder, size: 500)
        _ = try log.signCheckpoint(with: signer)
        let writer = Task {
            try Sample.extend(log, to: 900, batch: 5)
            _ = try log.signCheckpoint(with: try Sample.signer())
        }
        for number in 0..<3 {
            let backup = temporary.file("backup \(number)")
            try log.backup(to: backup)
            #expect(throws: LedgerError.exists(folder: backup)) { try log.backup(to: backup) }
            let copy = try Log.open(backup, .audit)
            #expect(copy.fault == nil)
            #expect(try copy.size() >= 500)
            #expect(try copy.check() == [])
            #expect(FileManager.default.fileExists(atPath: backup + "/head"))
        }
        try await writer.value
    }

    @Test func `a restored backup is caught up from another copy, and only with the true entries`()
        throws
    {
        let backup = temporary.file("backup")
        let restored = temporary.file("restored")
        do {
            let log = try Sample.create(folder, size: 300)
            _ = try log.signCheckpoint(with: signer)
            try log.backup(to: backup)
            try Sample.extend(log, to: 700)
            _ = try log.signCheckpoint(with: signer)
        }
        // The head survived, the database did not.
        try FileManager.default.createDirectory(
            atPath: restored, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: folder + "/head", toPath: restored + "/head")
        try Log.restore(from: backup, to: restored)
        #expect(throws: LedgerError.exists(folder: restored)) {
            try Log.restore(from: backup, to: restored)
        }
        #expect(throws: LedgerError.self) { try Log.open(restored, .readWrite) }
        let other = try Log.open(folder, .audit)
        do {
            let log = try Log.open(restored, .readOnly)
            #expect(throws: LedgerError.recordMismatch(position: 650)) {
                try log.appendMissing(from: other, upTo: nil, logKey: signer.key) {
                    position, _ throws(LedgerError) in
                    Sample.record(position == 650 ? 0 : position)
                }
            }
            #expect(try log.size() == 300)
            #expect(log.fault != nil)
            try log.appendMissing(from: other, upTo: nil, logKey: signer.key) {
                position, _ throws(LedgerError) in
                Sample.record(position)
            }
            #expect(log.fault == nil)
            #expect(try log.root() == Sample.root(700))
        }
        let log = try Log.open(restored, .readWrite)
        #expect(try log.check() == [])
        try Sample.extend(log, to: 701)
        #expect(try log.signCheckpoint(with: signer).checkpoint.size == 701)
    }

    @Test func `entries of another history never reach the head's root`() throws {
        let backup = temporary.file("backup")
        let forged = temporary.file("forged")
        do {
            let log = try Sample.create(folder, size: 10)
            try log.backup(to: backup)
            try Sample.extend(log, to: 20)
            _ = try log.signCheckpoint(with: signer)
        }
        let other = try Log.create(forged, ledgerID: Sample.ledgerID, name: "test")
        func altered(_ position: UInt64) -> LogRecord {
            var record = Sample.record(position)
            if position == 15 { record.entry += [0] }
            return record
        }
        try other.append { batch throws(LedgerError) in
            for position: UInt64 in 0..<20 { try batch.append(altered(position)) }
        }
        try FileManager.default.removeItem(atPath: folder + "/ledger.mdb")
        try Log.restore(from: backup, to: folder)
        let log = try Log.open(folder, .readOnly)
        let error = #expect(throws: LedgerError.self) {
            try log.appendMissing(from: other, upTo: nil, logKey: signer.key) {
                position, _ throws(LedgerError) in
                altered(position)
            }
        }
        guard case .forkedFromHead = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try log.size() == 10)
    }

    @Test func `a backup that is not behind opens for writing at once`() throws {
        let backup = temporary.file("backup")
        let restored = temporary.file("restored")
        let log = try Sample.create(folder, size: 30)
        _ = try log.signCheckpoint(with: signer)
        try log.backup(to: backup)
        try Log.restore(from: backup, to: restored)
        let copy = try Log.open(restored, .readWrite)
        #expect(try copy.size() == 30)
        #expect(try copy.check() == [])
    }
}
