public import Bytes
public import Files
public import Keys
public import Merkle
public import Storage

/// Why the log refused, or how its parts contradict each other.
public enum LedgerError: Error, Equatable {
    /// The database or a file could not be read or written.
    case storage(StorageError)
    /// A checkpoint or a signer is not in order.
    case merkle(MerkleError)
    /// There is a log in the folder already.
    case exists(folder: String)
    /// The folder's database is no log.
    case notALog(folder: String, reason: String)
    /// The log was written by a newer version of the format.
    case newerFormat(found: UInt32, supported: UInt32)
    /// The `head` file or a stored checkpoint is of another log.
    case foreignOrigin(expected: String, found: String)
    /// A signed head is larger than the database: an older copy was put in its place.
    case behindHead(head: Checkpoint, database: Checkpoint)
    /// A signed head has another root than the database at the same size.
    case forkedFromHead(head: Checkpoint, database: Checkpoint)
    /// The log is open for reading only, or may not be written for the reason in `fault`.
    case readOnly(folder: String)
    /// The log was made for another purpose than this name allows.
    case name(String)
    /// There is no entry, size or snapshot place of this number yet.
    case outOfRange(position: UInt64, size: UInt64)
    /// An entry is missing, or does not hash to the leaf that the tree holds.
    case damagedEntry(position: UInt64)
    /// A row of tree hashes is missing, misshapen, or not what the rows below it hash to.
    case damagedTile(level: Int, index: UInt64)
    /// A stored checkpoint has another root than the tree at its size.
    case damagedCheckpoint(size: UInt64)
    /// A blob does not hash to its digest.
    case damagedBlob(Digest32)
    /// A table's rows contradict the entries.
    case damagedTable(name: String, reason: String)
    /// An entry has at most 65,535 bytes.
    case entrySize(bytes: Int)
    /// A blob has at most 4 MiB.
    case blobSize(bytes: Int)
    /// A blob's bytes have another digest than the one given.
    case blobDigest(given: Digest32, found: Digest32)
    /// A refused event that is kept has at most 65,535 bytes.
    case evidenceSize(bytes: Int)
    /// The author has an event of this sequence number, at `position`.
    case sequenceTaken(author: KeyID, sequence: UInt64, position: UInt64)
    /// The running number belongs to another request.
    case numberTaken(UInt64)
    /// An entry of the other copy and the record made from it are not the same bytes.
    case recordMismatch(position: UInt64)
}

extension LedgerError {
    /// Whether the device failed to make data durable: what is on it is unknown, and the process
    /// must end instead of trying again.
    public var isFailedSync: Bool {
        if case .storage(let error) = self { error.isFailedSync } else { false }
    }
}

extension LedgerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .storage(.file(.notFound(let path))) where path.hasSuffix("/ledger.mdb"):
            "there is no ledger in \(path.dropLast("/ledger.mdb".count))"
        case .storage(let error): "\(error)"
        case .merkle(let error): "\(error)"
        case .exists(let folder): "there is a log in \(folder) already"
        case .notALog(let folder, let reason): "\(folder) holds no log: \(reason)"
        case .newerFormat(let found, let supported):
            "the log has format \(found), this program knows formats up to \(supported): "
                + "use a newer one"
        case .foreignOrigin(let expected, let found):
            "the checkpoint is of log \(found), this is \(expected)"
        case .behindHead(let head, let database):
            "the database (\(database)) is older than the known head (\(head)): a restored copy? "
                + "Append the missing entries from another copy; never sign these sizes again"
        case .forkedFromHead(let head, let database):
            "the database (\(database)) contradicts the known head (\(head)): "
                + "there are two histories, keep both as evidence"
        case .readOnly(let folder): "the log in \(folder) is open for reading only"
        case .name(let name): "\(name) is no name for a log: 1 to 128 bytes, no spaces, no plus"
        case .outOfRange(let position, let size): "\(position) is outside a log of \(size) entries"
        case .damagedEntry(let position): "entry \(position) is missing or not the one appended"
        case .damagedTile(let level, let index):
            "the tree hashes of tile \(index) at level \(level) are damaged"
        case .damagedCheckpoint(let size): "the checkpoint of size \(size) is not of this tree"
        case .damagedBlob(let digest): "the blob \(digest) is not what was stored"
        case .damagedTable(let name, let reason): "table \(name) is damaged: \(reason)"
        case .entrySize(let bytes):
            "an entry of \(bytes) bytes, at most \(LogRecord.maximumEntryBytes)"
        case .blobSize(let bytes): "a blob of \(bytes) bytes, at most \(LogRecord.maximumBlobBytes)"
        case .blobDigest(let given, let found): "a blob of digest \(found) given as \(given)"
        case .evidenceSize(let bytes):
            "evidence of \(bytes) bytes, at most \(LogRecord.maximumEntryBytes)"
        case .sequenceTaken(let author, let sequence, let position):
            "\(author.hex) has an event \(sequence) already, at position \(position)"
        case .numberTaken(let number): "number \(number) belongs to another request"
        case .recordMismatch(let position):
            "the record made for position \(position) is not the entry of the other copy"
        }
    }
}

/// An error that can stand for one of the log's, so that the body of a batch throws one type.
public protocol LedgerFailure: StorageFailure {
    /// Wraps an error of the log.
    init(ledger error: LedgerError)
}

extension LedgerFailure {
    public init(storage error: StorageError) { self.init(ledger: .storage(error)) }

    /// Wraps a file's error.
    public init(file error: FileError) { self.init(ledger: .storage(.file(error))) }
}

extension LedgerError: LedgerFailure {
    public init(ledger error: LedgerError) { self = error }
}

/// Runs `body`, wrapping its storage error.
func filed<Result>(_ body: () throws(FileError) -> Result) throws(LedgerError) -> Result {
    do { return try body() } catch { throw .storage(.file(error)) }
}

/// Runs `body`, wrapping its storage error.
func stored<Result>(_ body: () throws(StorageError) -> Result) throws(LedgerError) -> Result {
    do { return try body() } catch { throw .storage(error) }
}
