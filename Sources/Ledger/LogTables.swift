internal import Bytes
internal import Keys
internal import Merkle
internal import Storage

/// The tables of a log, all of one LMDB environment; numbers in keys and values are big-endian.
///
/// A class, since every view of the log has it and there are many tables to copy.
final class LogTables: Sendable {
    /// The version of what the tables hold.
    static let format: UInt32 = 2

    /// Position → entry.
    let entries: Table
    /// Level (one byte) ‖ tile index → hashes, see ``EdgeTile``.
    let tiles: Table
    /// Sequence number / 8 ‖ author's key (33 bytes) ‖ sequence number mod 8 (one byte) → position
    /// ‖ event id. Eight numbers of a key lie together, and beside them those of other keys that
    /// have come as far: a batch of many authors changes a few pages instead of one for each of
    /// them.
    let authors: Table
    /// Request id ‖ position → nothing.
    let requests: Table
    /// Running number → request id.
    let numbers: Table
    /// Running number → how the request ended, in the caller's encoding.
    let outcomes: Table
    /// SHA-256 → bytes.
    let blobs: Table
    /// Size of the tree → snapshot of the state after as many entries.
    let state: Table
    /// Running number → refused event.
    let evidence: Table
    /// Size → signed note.
    let checkpoints: Table
    /// `format`, `ledger` (its id), `name`, `checkpoint` (the latest note).
    let meta: Table

    static let names = [
        "entries", "tiles", "authors", "requests", "numbers", "outcomes", "blobs", "state",
        "evidence",
        "checkpoints", "meta",
    ]

    init(_ environment: Environment) {
        entries = environment.table("entries")
        tiles = environment.table("tiles")
        authors = environment.table("authors")
        requests = environment.table("requests")
        numbers = environment.table("numbers")
        outcomes = environment.table("outcomes")
        blobs = environment.table("blobs")
        state = environment.table("state")
        evidence = environment.table("evidence")
        checkpoints = environment.table("checkpoints")
        meta = environment.table("meta")
    }
}

enum MetaKey {
    static let format = Array("format".utf8)
    static let ledger = Array("ledger".utf8)
    static let name = Array("name".utf8)
    static let checkpoint = Array("checkpoint".utf8)
}

func numberKey(_ number: UInt64, capacity: Int = 8) -> [UInt8] {
    var key: [UInt8] = []
    key.reserveCapacity(capacity)
    key.appendBigEndian(number)
    return key
}

func tileKey(level: Int, index: UInt64) -> [UInt8] { [UInt8(level)] + numberKey(index) }

func authorKey(_ author: KeyID, _ sequence: UInt64) -> [UInt8] {
    var key: [UInt8] = []
    key.reserveCapacity(42)
    key.appendBigEndian(sequence / 8)
    key.append(contentsOf: author.bytes)
    key.append(UInt8(sequence % 8))
    return key
}

func requestKey(_ request: Digest32, _ position: UInt64) -> [UInt8] {
    var key: [UInt8] = []
    key.reserveCapacity(40)
    key.append(request)
    key.appendBigEndian(position)
    return key
}

/// Reads the number that starts at `offset`; nil when the bytes end before it does.
func number(in span: Span<UInt8>, at offset: Int = 0) -> UInt64? {
    guard span.count >= offset + 8 else { return nil }
    var value: UInt64 = 0
    for index in offset..<offset + 8 { value = value << 8 | UInt64(span[index]) }
    return value
}

func copy(_ span: Span<UInt8>) -> [UInt8] { [UInt8](capacity: span.count) { $0.append(span) } }
