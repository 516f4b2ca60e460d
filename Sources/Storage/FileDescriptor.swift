internal import CLinux

#if canImport(Darwin)
    internal import Darwin
#else
    internal import Glibc
#endif

/// An open file, closed when it goes out of scope.
struct FileDescriptor: ~Copyable {
    private let number: Int32
    private let path: String

    init(_ path: String, _ flags: Int32) throws(StorageError) {
        number = unsafe open(path, flags, 0o600)
        self.path = path
        // Copied out at once: any other call may overwrite it.
        let code = errno
        guard number >= 0 else {
            throw StorageError(code: code, operation: "opening", path: path)
        }
    }

    deinit { if number >= 0 { close(number) } }

    func status() throws(StorageError) -> stat {
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { throw failure("looking at") }
        return status
    }

    /// Reads up to `maximumBytes`, fewer only at the end of the file.
    func readBytes(atMost maximumBytes: Int) throws(StorageError) -> [UInt8] {
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

    func writeBytes(_ bytes: [UInt8]) throws(StorageError) {
        let bytes = bytes.span
        try writeBytes(bytes)
    }

    func writeBytes(_ bytes: Span<UInt8>) throws(StorageError) {
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

    /// Locks the file against other openings of it; false when one has it. Closing unlocks.
    func tryLock() throws(StorageError) -> Bool {
        while flock(number, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            guard errno == EINTR else { throw failure("locking") }
        }
        return true
    }

    /// Whether `path` still leads to this very file.
    func isAt(_ path: String) throws(StorageError) -> Bool {
        let mine = try status()
        var found = stat()
        guard unsafe lstat(path, &found) == 0 else { return false }
        return mine.st_dev == found.st_dev && mine.st_ino == found.st_ino
    }

    func truncate() throws(StorageError) {
        guard ftruncate(number, 0) == 0 else { throw failure("emptying") }
    }

    func rewind() throws(StorageError) {
        guard lseek(number, 0, SEEK_SET) == 0 else { throw failure("rewinding") }
    }

    #if os(Linux)
        /// Gives the first `count` bytes their place on the disk, without changing any that are
        /// there; where a file system can not, nothing is done.
        func reserve(_ count: Int) throws(StorageError) {
            let status = try status()
            guard status.st_size < count || status.st_blocks * 512 < count else { return }
            while case let code = posix_fallocate(number, 0, count), code != 0 {
                switch code {
                case EINTR: continue
                case EINVAL, EOPNOTSUPP: return
                default: throw StorageError(code: code, operation: "reserving", path: path)
                }
            }
        }
    #endif

    /// Makes the file's bytes durable; an I/O error is ``StorageError/failedSync(path:reason:)``.
    func sync() throws(StorageError) {
        guard fsync(number) == 0 else {
            let code = errno
            if code == EIO { throw .failedSync(path: path, reason: reasonText(code)) }
            throw StorageError(code: code, operation: "syncing", path: path)
        }
    }

    #if !canImport(Darwin)
        /// Starts to write bytes of the file to the disk and does not wait for them, so that
        /// ``sync()`` has little left to do; a hint, which may come to nothing.
        func startWriting(from offset: UInt64, count: Int) throws(StorageError) {
            let write: UInt32 = 2
            // What it can not do on this volume is left to the sync.
            guard sync_file_range(number, Int64(offset), Int64(count), write) != 0, errno == EIO
            else { return }
            throw .failedSync(path: path, reason: reasonText(EIO))
        }

        /// Makes everything on the file's volume durable.
        func syncFileSystem() throws(StorageError) {
            guard syncfs(number) == 0 else {
                let code = errno
                if code == EIO { throw .failedSync(path: path, reason: reasonText(code)) }
                throw StorageError(code: code, operation: "syncing", path: path)
            }
        }
    #endif

    private func failure(_ operation: String) -> StorageError {
        StorageError(code: errno, operation: operation, path: path)
    }
}
