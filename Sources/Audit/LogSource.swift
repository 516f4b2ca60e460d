public import Bytes
internal import Events
public import Ledger
internal import Merkle

/// A ledger's folder as a source of entries. Each read is a transaction of its own.
public struct LogSource: EventSource {
    private let log: Log
    public let size: UInt64

    /// Reads the log as far as it goes now, or only its first `limit` entries.
    public init(_ log: Log, first limit: UInt64 = .max) throws(AuditError) {
        self.log = log
        let stored = try Self.reading { () throws(LedgerError) in
            try log.read { (view) throws(LedgerError) in view.size }
        }
        size = min(stored, limit)
    }

    public func entries(_ positions: Range<UInt64>) throws(AuditError) -> [[UInt8]] {
        var entries: [[UInt8]] = []
        entries.reserveCapacity(positions.count)
        try forEachEntry(positions) { entry in
            entries.append([UInt8](capacity: entry.count) { $0.append(entry) })
        }
        return entries
    }

    public func forEachEntry(
        _ positions: Range<UInt64>, _ body: (Span<UInt8>) -> Void
    ) throws(AuditError) {
        try Self.reading { () throws(LedgerError) in
            try log.read { (view) throws(LedgerError) in
                try view.forEachEntry(positions) { (_, entry) throws(LedgerError) in
                    body(entry)
                    return true
                }
            }
        }
    }

    public func blob(_ digest: Digest32) throws(AuditError) -> [UInt8]? {
        try Self.reading { () throws(LedgerError) in
            try log.read { (view) throws(LedgerError) -> [UInt8]? in
                guard let blob = try view.blob(digest) else { return nil }
                return [UInt8](capacity: blob.count) { $0.append(blob) }
            }
        }
    }

    public func position(ofRequest id: Digest32) throws(AuditError) -> UInt64? {
        try Self.reading { () throws(LedgerError) in
            try log.read { (view) throws(LedgerError) in try view.positions(ofRequest: id).first }
        }
    }

    /// The root of the first `size` entries as the log stores it.
    public func root(at size: UInt64) throws(AuditError) -> Digest32? {
        try Self.reading { () throws(LedgerError) in
            try log.read { (view) throws(LedgerError) in
                size <= view.size ? try view.root(at: size) : nil
            }
        }
    }

    /// The root of the first `size` entries as the log stores it, with the proof that the tree of
    /// `newSize` entries extends it.
    package func provenRoot(
        at size: UInt64, in newSize: UInt64
    ) throws(AuditError) -> OlderRoots.Proven? {
        try Self.reading { () throws(LedgerError) in
            try log.read { (view) throws(LedgerError) in
                (
                    root: try view.root(at: size),
                    proof: try view.consistencyProof(from: size, to: newSize)
                )
            }
        }
    }

    static func reading<Result>(
        _ body: () throws(LedgerError) -> Result
    ) throws(AuditError) -> Result {
        do { return try body() } catch { throw .unreadable("\(error)") }
    }
}
