import Acting
import Bytes
import Events
import Keys
import Ledger
import Merkle
import State
import StateTestSupport
import Synchronization

/// A ledger's folder with a history in it, signed by the log's key, whatever it says.
struct LedgerFolder {
    let log: Log

    /// Writes a history into a new folder, with checkpoints on the way.
    init(_ folder: String, _ history: History, checkpoints: Int = 3) throws {
        log = try Log.create(folder, ledgerID: history.ledger, name: "treasury")
        let signer = try CheckpointSigner(name: log.origin, seed: MemoryLedger.logSeed)
        let records = history.records
        let step = max(1, (records.count + checkpoints - 1) / checkpoints)
        for start in stride(from: 0, to: records.count, by: step) {
            try log.append { (batch) throws(LedgerError) in
                for record in records[start..<min(start + step, records.count)] {
                    try batch.append(record)
                }
            }
            _ = try log.signCheckpoint(with: signer)
        }
    }
}

extension LedgerFolder {
    /// Writes a ledger into a new folder as the product's writer does, with all that it keeps
    /// besides the entries.
    init(_ folder: String, writing memory: MemoryLedger, checkpoints: Int = 3) throws {
        let founding = try SignedEvent(decoding: memory.entries[0].event, ledger: nil)
        try OpenLedger.found(
            Submission(founding), in: folder, clock: { memory.entries[0].recorded })
        log = try Log.open(folder, .readWrite)
        let signer = try CheckpointSigner(name: log.origin, seed: MemoryLedger.logSeed)
        let clock = Mutex(memory.entries[0].recorded)
        let writer = LedgerWriter(log, isClockConfirmed: true) { clock.withLock { $0 } }
        let step = memory.entries.count / checkpoints + 1
        for (position, entry) in memory.entries.enumerated().dropFirst() {
            clock.withLock { $0 = entry.recorded }
            let event = try SignedEvent(decoding: entry.event, ledger: log.ledgerID)
            let fact = event.event.fact
            let blobs = (fact.evidence + fact.attachments).compactMap { memory.blobs[$0.digest] }
            let submission = Submission(event, blobs: blobs)
            if let checked = CheckedSubmission(submission, keys: writer.keys) {
                for answer in try writer.append([checked]) { _ = try answer.get() }
            }
            if (position + 1) % step == 0 { _ = try log.signCheckpoint(with: signer) }
        }
        _ = try log.signCheckpoint(with: signer)
        try log.append { (batch) throws(LedgerError) in
            try batch.putSnapshot(size: batch.size, memory.state.encoded)
        }
    }
}

extension History {
    /// The entries with index rows that stand in nobody's way. Blobs come with the first.
    fileprivate var records: [LogRecord] {
        var numbers = Set<[UInt8]>()
        var records: [LogRecord] = []
        for (position, bytes) in entries.enumerated() {
            let event = (try? Entry(decoding: bytes.span)).flatMap {
                try? SignedEvent(decoding: $0.event, ledger: position == 0 ? nil : ledger)
            }
            var record = LogRecord(
                entry: bytes, author: event?.author ?? founder,
                sequence: event?.event.sequence ?? UInt64(1) << 52 + UInt64(position),
                eventID: event?.id ?? sha256(bytes))
            var key = record.author.bytes
            key.appendBigEndian(record.sequence)
            if !numbers.insert(key).inserted {
                record.sequence = UInt64(1) << 52 + UInt64(position)
            }
            if let event {
                record.requests = [event.request].compactMap(\.self)
            }
            records.append(record)
        }
        // A blob of other bytes is stored under its own digest, so it is missing under the first.
        records[0].blobs = blobs.values.map { LogRecord.Blob(digest: sha256($0), bytes: $0) }
            .sorted { $0.digest < $1.digest }
        return records
    }

    private var founder: KeyID {
        let bytes = entries[0]
        guard let entry = try? Entry(decoding: bytes.span),
            let event = try? SignedEvent(decoding: entry.event, ledger: nil)
        else { preconditionFailure("the founding stands") }
        return event.author
    }
}
