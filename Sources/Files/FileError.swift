internal import Glibc

/// Why a file or a folder was not read, written, locked or named; each case says which.
public enum FileError: Error, Hashable {
    /// The volume of `path` is full; what was begun is gone.
    case diskFull(path: String)
    /// The process may not read or write the file.
    case permissionDenied(path: String)
    /// There is no such file or folder.
    case notFound(path: String)
    /// Something has the name already, and nothing is ever overwritten.
    case exists(path: String)
    /// The folder holds something, and files are written to a new or an empty one.
    case notEmpty(path: String)
    /// Another process is writing what will have this name.
    case beingWritten(path: String)
    /// A pipe, a device or a folder stands where a regular file is expected.
    case notRegular(path: String)
    /// Something else stands where a folder is expected.
    case notFolder(path: String)
    /// Others than the owner may use a file or folder; `command` closes it.
    case exposed(path: String, mode: String, command: String)
    /// A file is larger than its reader accepts.
    case tooLarge(path: String, maximumBytes: Int)
    /// A folder holds more names than its reader accepts.
    case tooMany(folder: String, maximum: Int)
    /// The device failed to make data durable: what is on it is unknown, and the process must end.
    case failedSync(path: String, reason: String)
    /// Anything else, with the failing operation and the system's words.
    case other(operation: String, path: String, code: Int32, reason: String)
}

extension FileError {
    /// Whether the device failed to make a file durable: what is on it is unknown, and the process
    /// must end instead of trying again.
    public var isFailedSync: Bool { if case .failedSync = self { true } else { false } }

    /// Maps the code that `errno` holds.
    init(operation: @autoclosure () -> String, path: String) {
        // Copied out at once: any other call may overwrite it.
        let code = errno
        self.init(code: code, operation: operation(), path: path)
    }

    /// Maps a code of the system.
    package init(code: Int32, operation: String, path: String) {
        switch code {
        case ENOSPC, EDQUOT: self = .diskFull(path: path)
        case EACCES, EPERM, EROFS: self = .permissionDenied(path: path)
        case ENOENT, ENOTDIR: self = .notFound(path: path)
        case EEXIST: self = .exists(path: path)
        // A folder read or written as a file, and a pipe without a reader written without waiting.
        case EISDIR, ENXIO: self = .notRegular(path: path)
        default:
            self = .other(operation: operation, path: path, code: code, reason: systemReason(code))
        }
    }

    /// What a failed sync means: an I/O error leaves what is on the device unknown.
    init(failedSync code: Int32, path: String) {
        self =
            code == EIO
            ? .failedSync(path: path, reason: systemReason(code))
            : FileError(code: code, operation: "syncing", path: path)
    }
}

extension FileError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .diskFull(let path): "the disk of \(path) is full; nothing was written"
        case .permissionDenied(let path): "no permission for \(path)"
        case .notFound(let path): "there is no file or folder \(path)"
        case .exists(let path): "\(path) exists already and is not overwritten"
        case .notEmpty(let path): "\(path) is not empty; name a new or an empty folder"
        case .beingWritten(let path): "\(path) is being written by another process"
        case .notRegular(let path): "\(path) is not a regular file"
        case .notFolder(let path): "\(path) is not a folder"
        case .exposed(let path, let mode, let command):
            "\(path) has mode \(mode), so others may use it; run: \(command)"
        case .tooLarge(let path, let maximum): "\(path) is larger than \(maximum) bytes"
        case .tooMany(let folder, let maximum): "\(folder) holds more than \(maximum) files"
        case .failedSync(let path, let reason):
            "the device failed to make \(path) durable (\(reason)); end this process and check it"
        case .other(let operation, let path, let code, let reason):
            "\(operation) \(path) failed: \(reason) (\(code))"
        }
    }
}

/// An error that can stand for a file's error, so that a body that is run throws one type.
public protocol FileFailure: Error {
    /// Wraps a file's error.
    init(file error: FileError)
}

extension FileError: FileFailure {
    public init(file error: FileError) { self = error }
}

/// The system's words for one of its codes.
package func systemReason(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
