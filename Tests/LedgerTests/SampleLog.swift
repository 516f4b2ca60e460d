import Bytes
import Keys
import Ledger
import Merkle
import TestSupport
import Testing

/// Records whose every field follows from their position, as a decoder would derive them.
enum Sample {
    static let ledgerID = sha256(utf8("founding"))

    static func author(_ number: UInt64) -> KeyID {
        guard let author = KeyID([2] + sha256(utf8("author \(number)")).array) else {
            preconditionFailure("a key id starts with 2")
        }
        return author
    }

    static func entry(_ position: UInt64) -> [UInt8] {
        let digest = sha256(utf8("entry \(position)")).array
        return utf8("entry \(position) ") + digest + digest + [UInt8](repeating: 7, count: 100)
    }

    static func request(_ position: UInt64) -> Digest32 {
        sha256(utf8("request \(position / 4)"))
    }

    static func blob(_ position: UInt64) -> LogRecord.Blob {
        let content = utf8("blob of \(position)")
        return LogRecord.Blob(digest: sha256(content), bytes: content)
    }

    static func record(_ position: UInt64) -> LogRecord {
        LogRecord(
            entry: entry(position), author: author(position % 3), sequence: position / 3,
            eventID: sha256(utf8("event \(position)")), requests: [request(position)],
            number: position % 4 == 0
                ? LogRecord.Numbered(number: position / 4 + 1, request: request(position)) : nil,
            blobs: position % 10 == 0 ? [blob(position)] : [])
    }

    static func signer() throws -> CheckpointSigner {
        try CheckpointSigner(name: "test/\(ledgerID.hex)", seed: sha256(utf8("log key")))
    }

    /// The root by the definition, from the entries alone.
    static func root(_ size: UInt64) -> Digest32 {
        var range = CompactRange()
        for position in 0..<size { range.append(leafHash(entry(position))) }
        return range.root
    }

    static func create(_ folder: String, size: UInt64 = 0, batch: UInt64 = 100) throws -> Log {
        let log = try Log.create(folder, ledgerID: ledgerID, name: "test")
        try extend(log, to: size, batch: batch)
        return log
    }

    static func extend(_ log: Log, to size: UInt64, batch most: UInt64 = 100) throws {
        var next = try log.size()
        while next < size {
            let end = min(next + most, size)
            try log.append { batch throws(LedgerError) in
                for position in next..<end { try batch.append(record(position)) }
            }
            next = end
        }
    }
}

extension Log {
    func size() throws(LedgerError) -> UInt64 {
        try read { view throws(LedgerError) in view.size }
    }

    func root() throws(LedgerError) -> Digest32 {
        try read { view throws(LedgerError) in try view.root() }
    }
}
