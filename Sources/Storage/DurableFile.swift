#if canImport(Darwin)
    internal import Darwin
#else
    internal import Glibc
#endif

/// Reads a whole file of at most `maximumBytes`; nil when there is none.
public func readFile(
    _ path: String, maximumBytes: Int
) throws(StorageError) -> [UInt8]? {
    guard fileExists(path) else { return nil }
    let descriptor = try FileDescriptor(path, O_RDONLY | O_CLOEXEC)
    let size = Int(try descriptor.status().st_size)
    guard size <= maximumBytes else {
        throw .tooLarge(path: path, maximumBytes: maximumBytes)
    }
    // The limit may be far above what is there. These files are replaced, never appended to.
    return try descriptor.readBytes(atMost: size)
}

/// Replaces a file so that after a crash it holds the old bytes or the new ones, never a mixture:
/// written to `<path>.part`, synced, renamed, and the folder synced. Readable by its owner alone.
public func replaceFile(_ path: String, with bytes: [UInt8]) throws(StorageError) {
    let temporary = path + ".part"
    do {
        let descriptor = try FileDescriptor(
            temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC)
        try descriptor.writeBytes(bytes)
        try descriptor.sync()
        try renameDurably(temporary, to: path)
    } catch {
        unsafe unlink(temporary)
        throw error
    }
}

/// Copies a file that nobody writes meanwhile to a new name, as durably as
/// ``replaceFile(_:with:)``; throws ``StorageError/exists(path:)`` when there is a file of that
/// name.
public func copyFile(_ source: String, to path: String) throws(StorageError) {
    guard !fileExists(path) else { throw .exists(path: path) }
    let temporary = path + ".part"
    do {
        let input = try FileDescriptor(source, O_RDONLY | O_CLOEXEC)
        let output = try FileDescriptor(
            temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC)
        while case let part = try input.readBytes(atMost: 1 << 20), !part.isEmpty {
            try output.writeBytes(part)
        }
        try output.sync()
        try renameDurably(temporary, to: path)
    } catch {
        unsafe unlink(temporary)
        throw error
    }
}

/// Gives a file that is durable under one name another one in the same volume, and only then takes
/// the old name away; throws ``StorageError/exists(path:)`` when there is a file of that name.
public func moveFile(_ source: String, to path: String) throws(StorageError) {
    // A hard link, unlike a rename, never replaces what is there.
    guard unsafe link(source, path) == 0 else {
        throw StorageError(code: errno, operation: "linking \(source)", path: path)
    }
    try syncFile(folder(of: path))
    try removeFile(source)
}

/// Removes a file; one that is not there is no error.
public func removeFile(_ path: String) throws(StorageError) {
    guard unsafe unlink(path) == 0 || errno == ENOENT else {
        throw StorageError(code: errno, operation: "removing", path: path)
    }
}

/// Removes an empty folder; one that is not there is no error.
public func removeFolder(_ path: String) throws(StorageError) {
    guard unsafe rmdir(path) == 0 || errno == ENOENT else {
        throw StorageError(code: errno, operation: "removing", path: path)
    }
}

/// Makes a folder that its owner alone can enter; returns false when it is there already.
@discardableResult
public func makeFolder(_ path: String) throws(StorageError) -> Bool {
    if unsafe mkdir(path, 0o700) == 0 { return true }
    if errno == EEXIST { return false }
    // What is missing is the folder above.
    throw StorageError(
        code: errno, operation: "making a folder", path: errno == ENOENT ? folder(of: path) : path)
}

/// Whether something has this path.
public func fileExists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

func syncFile(_ path: String) throws(StorageError) {
    try FileDescriptor(path, O_RDONLY | O_CLOEXEC).sync()
}

/// Renames within one folder and syncs the folder, without which a crash could undo the renaming.
func renameDurably(_ source: String, to path: String) throws(StorageError) {
    guard unsafe rename(source, path) == 0 else {
        throw StorageError(code: errno, operation: "renaming \(source)", path: path)
    }
    try syncFile(folder(of: path))
}

/// The folder that holds `path`.
func folder(of path: String) -> String {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    return slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
}

/// The space that is left on the volume of `path`; nil when it can not be told.
func freeBytes(_ path: String) -> UInt64? {
    var status = statvfs()
    guard unsafe statvfs(path, &status) == 0 else { return nil }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize)
}
