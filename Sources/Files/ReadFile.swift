internal import Glibc

/// Reads a whole regular file of at most `maximumBytes`; nil when there is none.
///
/// For files that a program keeps: a pipe or a device in their place is
/// ``FileError/notRegular(path:)`` at once, a longer file
/// ``FileError/tooLarge(path:maximumBytes:)`` before it is held.
public func readFile(_ path: String, maximumBytes: Int) throws(FileError) -> [UInt8]? {
    guard fileExists(path) else { return nil }
    return try FileDescriptor.regular(path, O_RDONLY).readAll(maximumBytes: maximumBytes)
}

/// Reads as ``readFile(_:maximumBytes:)`` does, and demands that nobody but its owner may use the
/// file: ``FileError/exposed(path:mode:command:)``.
public func readPrivateFile(_ path: String, maximumBytes: Int) throws(FileError) -> [UInt8]? {
    guard isTaken(path) else { return nil }
    let descriptor = try FileDescriptor.regular(path, O_RDONLY)
    try requirePrivate(try descriptor.status(), path)
    return try descriptor.readAll(maximumBytes: maximumBytes)
}

/// Reads what a person names, at most `maximumBytes`: a file, a pipe, a terminal, and for `-`
/// standard input. What is longer is ``FileError/tooLarge(path:maximumBytes:)``, of a file before
/// any of it is read, of a pipe as soon as there is too much.
public func readInput(_ path: String, maximumBytes: Int) throws(FileError) -> [UInt8] {
    let descriptor =
        if path == "-" { try FileDescriptor(standardInput: "standard input") } else {
            try FileDescriptor(path, O_RDONLY | O_NOCTTY)
        }
    return try descriptor.readAll(maximumBytes: maximumBytes)
}

/// Refuses what others than its owner may use, with the command that closes it.
func requirePrivate(_ status: FileStatus, _ path: String) throws(FileError) {
    guard status.permissions & 0o077 == 0 else {
        throw .exposed(
            path: path, mode: "0" + String(status.permissions, radix: 8),
            command: "chmod \(status.isFolder ? "700" : "600") \(path)")
    }
}
