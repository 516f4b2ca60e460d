internal import Glibc

/// What stands where a person wants something written.
public enum OutputPlace: Sendable, Hashable {
    /// Nothing, in a folder that can be written to.
    case free
    /// A pipe or a terminal, which takes bytes and keeps none.
    case stream
    /// A regular file of exactly this name.
    case file
    /// A folder, a link, a device with storage.
    case other

    /// Looks at `path`; throws when there is no folder for it that may be written to.
    public init(_ path: String) throws(FileError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            guard errno == ENOENT else {
                throw FileError(operation: "looking at", path: path)
            }
            let folder = folder(of: path)
            guard unsafe access(folder, W_OK | X_OK) == 0 else {
                throw FileError(operation: "writing to", path: folder)
            }
            self = .free
            return
        }
        if status.st_mode & S_IFMT == S_IFREG {
            self = .file
            return
        }
        // The name of standard output is a link to what it is.
        guard unsafe stat(path, &status) == 0 else {
            self = .other
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFIFO, S_IFCHR: self = .stream
        default: self = .other
        }
    }
}

/// Demands that ``writeOutput(_:to:)`` can write to `path`, for a caller who must know it
/// beforehand.
public func requireOutput(_ path: String) throws(FileError) {
    switch try OutputPlace(path) {
    case .free, .stream: return
    case .file, .other: throw .exists(path: path)
    }
}

/// Writes what a person asked for to the place that he named.
///
/// A new file appears when it is whole and durable; a pipe or a terminal takes the bytes as they
/// are. Nothing is ever replaced: what has the name already is ``FileError/exists(path:)``.
public func writeOutput(_ bytes: [UInt8], to path: String) throws(FileError) {
    switch try OutputPlace(path) {
    case .free:
        let file = try NewFile(path)
        try file.write(bytes.span)
        try file.commit()
    case .stream:
        try FileDescriptor(path, O_WRONLY | O_NOCTTY).writeBytes(bytes)
    case .file, .other: throw .exists(path: path)
    }
}
