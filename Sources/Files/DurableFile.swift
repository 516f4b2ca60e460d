internal import Glibc

/// Replaces a file so that after a crash it holds the old bytes or the new ones, never a mixture:
/// written to `<path>.part`, synced, renamed, and the folder synced. Readable by its owner alone.
/// Throws ``FileError/beingWritten(path:)`` when another process is at it.
public func replaceFile(_ path: String, with bytes: [UInt8]) throws(FileError) {
    let file = try NewFile(path, replacing: true)
    try file.write(bytes.span)
    try file.commit()
}

/// Copies a file that nobody writes meanwhile to a new name, as durably as
/// ``replaceFile(_:with:)``; throws ``FileError/exists(path:)`` when there is a file of that
/// name.
public func copyFile(_ source: String, to path: String) throws(FileError) {
    let input = try FileDescriptor.regular(source, O_RDONLY)
    let output = try NewFile(path)
    while case let part = try input.readBytes(atMost: 1 << 20), !part.isEmpty {
        try output.write(part.span)
    }
    try output.commit()
}

/// Gives a file that is durable under one name another one in the same volume, and only then takes
/// the old name away; throws ``FileError/exists(path:)`` when there is a file of that name.
public func moveFile(_ source: String, to path: String) throws(FileError) {
    // A hard link, unlike a rename, never replaces what is there.
    guard unsafe link(source, path) == 0 else {
        throw FileError(operation: "linking \(source)", path: path)
    }
    try syncFile(folder(of: path))
    try removeFile(source)
}

/// Removes a file; one that is not there is no error.
public func removeFile(_ path: String) throws(FileError) {
    guard unsafe unlink(path) == 0 || errno == ENOENT else {
        throw FileError(operation: "removing", path: path)
    }
}

/// Removes an empty folder; one that is not there is no error.
public func removeFolder(_ path: String) throws(FileError) {
    guard unsafe rmdir(path) == 0 || errno == ENOENT else {
        throw FileError(operation: "removing", path: path)
    }
}

/// Makes a folder that its owner alone can enter; returns false when it is there already.
@discardableResult
public func makeFolder(_ path: String) throws(FileError) -> Bool {
    if unsafe mkdir(path, 0o700) == 0 { return true }
    if errno == EEXIST { return false }
    // What is missing is the folder above.
    throw FileError(
        operation: "making a folder", path: errno == ENOENT ? folder(of: path) : path)
}

/// Makes `path`, and the folders above it that are missing, each durably and for its owner alone;
/// demands of one that is there that nobody else may use it.
public func makePrivateFolder(_ path: String) throws(FileError) {
    var missing: [String] = []
    var above = path
    while !fileExists(above), above != "/", above != "." {
        missing.append(above)
        above = folder(of: above)
    }
    for path in missing.reversed() where try makeFolder(path) { try syncFile(folder(of: path)) }
    try requirePrivateFolder(path)
}

/// Demands a folder that nobody but its owner may use.
public func requirePrivateFolder(_ path: String) throws(FileError) {
    let status = try FileDescriptor(path, O_RDONLY | O_NONBLOCK).status()
    guard status.isFolder else { throw .notFolder(path: path) }
    try requirePrivate(status, path)
}

/// Whether something has this path.
public func fileExists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

/// Makes the bytes of a file, or the names in a folder, durable.
package func syncFile(_ path: String) throws(FileError) {
    try FileDescriptor(path, O_RDONLY | O_NONBLOCK).sync()
}

/// Renames within one folder and syncs the folder, without which a crash could undo the renaming.
package func renameDurably(_ source: String, to path: String) throws(FileError) {
    guard unsafe rename(source, path) == 0 else {
        throw FileError(operation: "renaming \(source)", path: path)
    }
    try syncFile(folder(of: path))
}

/// The folder that holds `path`.
package func folder(of path: String) -> String {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    return slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
}

/// The space that is left on the volume of `path`; nil when it can not be told.
package func freeBytes(_ path: String) -> UInt64? {
    var status = statvfs()
    guard unsafe statvfs(path, &status) == 0 else { return nil }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize)
}
