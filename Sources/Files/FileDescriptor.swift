internal import CLinux
internal import Glibc

/// What the system says of an open file.
package struct FileStatus: Sendable {
    private let status: stat

    fileprivate init(_ status: stat) { self.status = status }

    /// Whether it is a regular file.
    package var isRegular: Bool { status.st_mode & S_IFMT == S_IFREG }
    /// Whether it is a folder.
    package var isFolder: Bool { status.st_mode & S_IFMT == S_IFDIR }
    /// Who may do what with it, nine bits.
    package var permissions: UInt32 { status.st_mode & 0o777 }
    /// Its length in bytes.
    package var size: Int { Int(status.st_size) }
    /// The space that it has on the disk, in bytes.
    package var allocatedBytes: Int { Int(status.st_blocks) * 512 }
    /// The volume that it is on.
    package var device: UInt64 { UInt64(truncatingIfNeeded: status.st_dev) }
    /// Its number on the volume.
    package var number: UInt64 { UInt64(truncatingIfNeeded: status.st_ino) }
}

/// An open file, closed when it goes out of scope.
package struct FileDescriptor: ~Copyable {
    private let number: Int32
    private let path: String

    /// Opens `path` with the flags of `open(2)`; a file that is made can be used by its owner
    /// alone.
    ///
    /// A pipe is waited for until it has another end: where none belongs, see
    /// ``regular(_:_:)``.
    package init(_ path: String, _ flags: Int32) throws(FileError) {
        number = unsafe open(path, flags | O_CLOEXEC, 0o600)
        self.path = path
        // Copied out at once: any other call may overwrite it.
        let code = errno
        guard number >= 0 else { throw FileError(code: code, operation: "opening", path: path) }
    }

    /// Opens a regular file; throws ``FileError/notRegular(path:)`` for anything else, at once: a
    /// pipe that nobody writes to is not waited for.
    package static func regular(
        _ path: String, _ flags: Int32
    ) throws(FileError) -> FileDescriptor {
        let descriptor = try FileDescriptor(path, flags | O_NONBLOCK | O_NOCTTY)
        guard try descriptor.status().isRegular else { throw .notRegular(path: path) }
        return descriptor
    }

    /// Takes standard input, which stays open.
    init(standardInput name: String) throws(FileError) {
        number = dup(0)
        path = name
        let code = errno
        guard number >= 0 else { throw FileError(code: code, operation: "opening", path: name) }
    }

    deinit { if number >= 0 { close(number) } }

    /// Looks at the file.
    package func status() throws(FileError) -> FileStatus {
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { throw failure("looking at") }
        return FileStatus(status)
    }

    /// Reads up to `maximumBytes`, fewer only at the end of the file.
    package func readBytes(atMost maximumBytes: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: maximumBytes)
        var filled = 0
        while filled < maximumBytes {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe read(
                    number, buffer.baseAddress?.advanced(by: filled), maximumBytes - filled)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("reading") }
            if count == 0 { break }
            filled += count
        }
        bytes.removeLast(maximumBytes - filled)
        return bytes
    }

    /// Reads to the end; throws ``FileError/tooLarge(path:maximumBytes:)`` as soon as there are
    /// more than `maximumBytes`, of a regular file before any is read.
    package func readAll(maximumBytes: Int) throws(FileError) -> [UInt8] {
        let status = try status()
        let size = status.isRegular ? status.size : 0
        guard size <= maximumBytes else { throw .tooLarge(path: path, maximumBytes: maximumBytes) }
        // One byte more than there should be, so that a file that grows meanwhile is noticed.
        var bytes = try readBytes(atMost: size + 1)
        while bytes.count > size, bytes.count <= maximumBytes {
            let part = try readBytes(atMost: min(1 << 20, maximumBytes + 1 - bytes.count))
            if part.isEmpty { break }
            bytes += part
        }
        guard bytes.count <= maximumBytes else {
            throw .tooLarge(path: path, maximumBytes: maximumBytes)
        }
        return bytes
    }

    /// Writes all of the bytes.
    package func writeBytes(_ bytes: [UInt8]) throws(FileError) {
        let bytes = bytes.span
        try writeBytes(bytes)
    }

    /// Writes all of the bytes.
    func writeBytes(_ bytes: Span<UInt8>) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(
                    number, buffer.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("writing") }
            written += count
        }
    }

    /// Locks the file against other openings of it, once nobody has it locked. Closing unlocks.
    func lock() throws(FileError) {
        while flock(number, LOCK_EX) != 0 {
            guard errno == EINTR else { throw failure("locking") }
        }
    }

    /// Locks the file against other openings of it; false when one has it. Closing unlocks.
    func tryLock() throws(FileError) -> Bool {
        while flock(number, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            guard errno == EINTR else { throw failure("locking") }
        }
        return true
    }

    /// Whether `path` still leads to this very file.
    func isAt(_ path: String) throws(FileError) -> Bool {
        let mine = try status()
        var found = stat()
        guard unsafe lstat(path, &found) == 0 else { return false }
        let other = FileStatus(found)
        return mine.device == other.device && mine.number == other.number
    }

    /// Lets nobody but the owner use the file, whatever the process's mask is.
    func protect() throws(FileError) {
        guard fchmod(number, 0o600) == 0 else { throw failure("protecting") }
    }

    /// Takes all bytes out of the file.
    func truncate() throws(FileError) {
        guard ftruncate(number, 0) == 0 else { throw failure("emptying") }
    }

    /// Goes back to the file's beginning.
    func rewind() throws(FileError) {
        guard lseek(number, 0, SEEK_SET) == 0 else { throw failure("rewinding") }
    }

    /// Gives the first `count` bytes their place on the disk, without changing any that are there;
    /// where a file system can not, nothing is done.
    package func reserve(_ count: Int) throws(FileError) {
        let status = try status()
        guard status.size < count || status.allocatedBytes < count else { return }
        while case let code = posix_fallocate(number, 0, count), code != 0 {
            switch code {
            case EINTR: continue
            case EINVAL, EOPNOTSUPP: return
            default: throw FileError(code: code, operation: "reserving", path: path)
            }
        }
    }

    /// Makes the file's bytes durable; an I/O error is ``FileError/failedSync(path:reason:)``.
    func sync() throws(FileError) {
        guard fsync(number) == 0 else { throw FileError(failedSync: errno, path: path) }
    }

    /// Starts to write bytes of the file to the disk and does not wait for them, so that ``sync()``
    /// has little left to do; a hint, which may come to nothing.
    func startWriting(from offset: UInt64, count: Int) throws(FileError) {
        let write: UInt32 = 2
        // What it can not do on this volume is left to the sync.
        guard sync_file_range(number, Int64(offset), Int64(count), write) != 0, errno == EIO
        else { return }
        throw FileError(failedSync: EIO, path: path)
    }

    /// Makes everything on the file's volume durable.
    func syncFileSystem() throws(FileError) {
        guard syncfs(number) == 0 else { throw FileError(failedSync: errno, path: path) }
    }

    private func failure(_ operation: String) -> FileError {
        FileError(operation: operation, path: path)
    }
}
