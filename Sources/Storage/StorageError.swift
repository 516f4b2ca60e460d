internal import CLMDB

#if canImport(Darwin)
    internal import Darwin
#else
    internal import Glibc
#endif

/// Why the storage refused; each case says what a person can do about it.
public enum StorageError: Error, Equatable {
    /// The volume of `path` is full; the transaction was dropped whole.
    case diskFull(path: String)
    /// The environment has reached the size of its map, 1 TiB; the transaction was dropped whole.
    case mapFull(path: String)
    /// The file is no LMDB environment of this version, or its pages contradict each other.
    case corrupted(path: String, reason: String)
    /// The process may not read or write the file.
    case permissionDenied(path: String)
    /// There is no such file.
    case notFound(path: String)
    /// The file exists already, and nothing is ever overwritten.
    case exists(path: String)
    /// The folder holds something, and files are written to a new or an empty one.
    case notEmpty(path: String)
    /// Another process is writing what will have this name.
    case beingWritten(path: String)
    /// The environment is open in this process already; LMDB's locks would break.
    case alreadyOpen(path: String)
    /// The environment has no table of this name.
    case missingTable(name: String)
    /// A key must have 1 to 511 bytes.
    case keyLength(table: String, found: Int)
    /// A key to append is not above the table's last one, or a key to insert is there already.
    case keyTaken(table: String)
    /// A file is larger than its reader accepts.
    case tooLarge(path: String, maximumBytes: Int)
    /// The device failed to make data durable: what is on it is unknown, and the process must end.
    case failedSync(path: String, reason: String)
    /// Anything else, with the failing operation and LMDB's or the system's words.
    case other(operation: String, code: Int32, reason: String)
}

extension StorageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .diskFull(let path): "the disk of \(path) is full; nothing was written"
        case .mapFull(let path): "\(path) has reached its limit of 1 TiB; nothing was written"
        case .corrupted(let path, let reason): "\(path) is damaged: \(reason)"
        case .permissionDenied(let path): "no permission for \(path)"
        case .notFound(let path): "there is no file or folder \(path)"
        case .exists(let path): "\(path) exists already and is not overwritten"
        case .notEmpty(let path): "\(path) is not empty; name a new or an empty folder"
        case .beingWritten(let path): "\(path) is being written by another process"
        case .alreadyOpen(let path): "\(path) is open in this process already"
        case .missingTable(let name): "the environment has no table \(name)"
        case .keyLength(let table, let found):
            "a key of \(found) bytes for table \(table), 1 to 511 are possible"
        case .keyTaken(let table): "the key is already in table \(table), or not above its last"
        case .tooLarge(let path, let maximum): "\(path) is larger than \(maximum) bytes"
        case .failedSync(let path, let reason):
            "the device failed to make \(path) durable (\(reason)); end this process and check it"
        case .other(let operation, let code, let reason): "\(operation) failed: \(reason) (\(code))"
        }
    }
}

/// An error that can stand for a storage error, so that a transaction's body throws one type.
public protocol StorageFailure: Error {
    /// Wraps a storage error.
    init(storage error: StorageError)
}

extension StorageError: StorageFailure {
    public init(storage error: StorageError) { self = error }
}

extension StorageError {
    /// Maps a code of LMDB or of the system.
    init(code: Int32, operation: String, path: String) {
        switch code {
        case ENOSPC, EDQUOT: self = .diskFull(path: path)
        case MDB_MAP_FULL: self = .mapFull(path: path)
        case MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_INVALID, MDB_VERSION_MISMATCH,
            MDB_INCOMPATIBLE, MDB_BAD_TXN:
            self = .corrupted(path: path, reason: reasonText(code))
        case MDB_PANIC: self = .failedSync(path: path, reason: reasonText(code))
        case EACCES, EPERM, EROFS: self = .permissionDenied(path: path)
        case ENOENT, ENOTDIR: self = .notFound(path: path)
        case EEXIST: self = .exists(path: path)
        default: self = .other(operation: operation, code: code, reason: reasonText(code))
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
