internal import CLMDB
public import Files
internal import Glibc

/// Why the storage refused; each case says what a person can do about it.
public enum StorageError: Error, Equatable {
    /// A file of the environment could not be used, or the transaction was dropped whole because
    /// its disk is full.
    case file(FileError)
    /// The environment has reached the size of its map, 1 TiB; the transaction was dropped whole.
    case mapFull(path: String)
    /// The file is no LMDB environment of this version, or its pages contradict each other.
    case corrupted(path: String, reason: String)
    /// The environment is open in this process already; LMDB's locks would break.
    case alreadyOpen(path: String)
    /// The environment has no table of this name.
    case missingTable(name: String)
    /// A key must have 1 to 511 bytes.
    case keyLength(table: String, found: Int)
    /// A key to append is not above the table's last one, or a key to insert is there already.
    case keyTaken(table: String)
    /// Anything else that LMDB refuses, with the failing operation and its words.
    case other(operation: String, path: String, code: Int32, reason: String)
}

extension StorageError {
    /// Whether the device failed to make data durable: what is on it is unknown, and the process
    /// must end instead of trying again.
    public var isFailedSync: Bool {
        if case .file(let error) = self { error.isFailedSync } else { false }
    }
}

extension StorageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let error): "\(error)"
        case .mapFull(let path): "\(path) has reached its limit of 1 TiB; nothing was written"
        case .corrupted(let path, let reason): "\(path) is damaged: \(reason)"
        case .alreadyOpen(let path): "\(path) is open in this process already"
        case .missingTable(let name): "the environment has no table \(name)"
        case .keyLength(let table, let found):
            "a key of \(found) bytes for table \(table), 1 to 511 are possible"
        case .keyTaken(let table): "the key is already in table \(table), or not above its last"
        case .other(let operation, let path, let code, let reason):
            "\(operation) \(path) failed: \(reason) (\(code))"
        }
    }
}

/// An error that can stand for a storage error, so that a transaction's body throws one type.
public protocol StorageFailure: FileFailure {
    /// Wraps a storage error.
    init(storage error: StorageError)
}

extension StorageFailure {
    /// Wraps a file's error.
    public init(file error: FileError) { self.init(storage: .file(error)) }
}

extension StorageError: StorageFailure {
    public init(storage error: StorageError) { self = error }
}

extension StorageError {
    /// Maps a code of LMDB or of the system.
    init(code: Int32, operation: String, path: String) {
        switch code {
        case MDB_MAP_FULL: self = .mapFull(path: path)
        case MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_INVALID, MDB_VERSION_MISMATCH,
            MDB_INCOMPATIBLE, MDB_BAD_TXN:
            self = .corrupted(path: path, reason: reasonText(code))
        case MDB_PANIC: self = .file(.failedSync(path: path, reason: reasonText(code)))
        // LMDB's own codes are negative.
        case ..<0:
            self = .other(operation: operation, path: path, code: code, reason: reasonText(code))
        default: self = .file(FileError(code: code, operation: operation, path: path))
        }
    }
}

/// LMDB's words for its own codes, the system's for all others.
func reasonText(_ code: Int32) -> String {
    guard let text = unsafe mdb_strerror(code) else { return "unknown error" }
    return unsafe String(cString: text)
}

/// Throws the mapped error unless `code` is success.
func check(
    _ code: Int32, _ operation: @autoclosure () -> String, _ path: String
) throws(StorageError) {
    guard code == MDB_SUCCESS else {
        throw StorageError(code: code, operation: operation(), path: path)
    }
}

/// Runs `body`, wrapping its file's error.
func filed<Result>(_ body: () throws(FileError) -> Result) throws(StorageError) -> Result {
    do { return try body() } catch { throw .file(error) }
}
