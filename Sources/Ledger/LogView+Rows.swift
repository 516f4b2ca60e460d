public import Bytes

/// The rows that follow from the entries, as they are stored: for an auditor, who compares each
/// with what it should be and counts that there is none besides.
extension LogView {
    /// How many rows each of the tables has that follow from the entries.
    public func rowCounts() throws(LedgerError) -> RowCounts {
        RowCounts(
            authors: try count(tables.authors), requests: try count(tables.requests),
            numbers: try count(tables.numbers), outcomes: try count(tables.outcomes))
    }

    /// Whether the row is there by which a request's entries are found.
    public func hasRow(ofRequest request: Digest32, at position: UInt64) throws(LedgerError) -> Bool
    {
        try value(tables.requests, requestKey(request, position)) != nil
    }

    /// Where the event of this id stands; nil when there is none. Reads the index of authors, some
    /// hundred bytes an event, from its start.
    public func position(ofEvent id: Digest32) throws(LedgerError) -> UInt64? {
        var position: UInt64?
        try forEach(tables.authors) { _, row throws(LedgerError) in
            guard row.count == 40, Digest32(row.extracting(8..<40)) == id else { return true }
            position = number(in: row)
            return false
        }
        return position
    }

    /// The sizes of all snapshots, smallest first; nil stands for a key that is no size.
    public func snapshotSizes() throws(LedgerError) -> [UInt64?] {
        var sizes: [UInt64?] = []
        try forEach(tables.state) { key, _ throws(LedgerError) in
            sizes.append(key.count == 8 ? number(in: key) : nil)
            return true
        }
        return sizes
    }

    /// Lends the stored checkpoints' sizes, from `size` on, and notes as they are, even if they can
    /// not be parsed, until `body` returns false.
    public func forEachCheckpointRow<Failure: LedgerFailure>(
        from size: UInt64 = 0, _ body: (UInt64?, Span<UInt8>) throws(Failure) -> Bool
    ) throws(Failure) {
        // Of keys that are no numbers, short ones stand before the first that is.
        let first = size == 0 ? [] : numberKey(size)
        try forEach(tables.checkpoints, from: first) { key, note throws(Failure) in
            try body(key.count == 8 ? number(in: key) : nil, note)
        }
    }

    /// Lends the digest under which each blob is stored.
    public func forEachBlob<Failure: LedgerFailure>(
        _ body: (Digest32) throws(Failure) -> Void
    ) throws(Failure) {
        try forEach(tables.blobs) { key, _ throws(Failure) in
            if let digest = Digest32(key) { try body(digest) }
            return true
        }
    }
}

/// How many rows the tables have that follow from the entries.
public struct RowCounts: Sendable, Equatable {
    /// One for each event.
    public var authors: UInt64 = 0
    /// One for each event about a request.
    public var requests: UInt64 = 0
    /// One for each request.
    public var numbers: UInt64 = 0
    /// One for each request that has left the live state.
    public var outcomes: UInt64 = 0

    /// No rows.
    public init() {}

    init(authors: UInt64, requests: UInt64, numbers: UInt64, outcomes: UInt64) {
        self.authors = authors
        self.requests = requests
        self.numbers = numbers
        self.outcomes = outcomes
    }
}
