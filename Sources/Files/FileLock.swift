internal import Glibc

/// The lock of a file, held until the value or the process ends, however that ends.
public struct FileLock: ~Copyable {
    private let descriptor: FileDescriptor

    /// Makes the file at `path` when it is missing and waits until nobody else has it locked.
    public init(waitingFor path: String) throws(FileError) {
        let opened = try Self.opened(path)
        try opened.lock()
        descriptor = opened
    }

    /// Makes the file at `path` when it is missing and locks it; nil when somebody has it locked,
    /// in this process or another.
    public init?(_ path: String) throws(FileError) {
        let opened = try Self.opened(path)
        guard try opened.tryLock() else { return nil }
        descriptor = opened
    }

    /// Runs `body`, during which the lock is borrowed and so can not end.
    fileprivate borrowing func holding<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result { try body() }

    private static func opened(_ path: String) throws(FileError) -> FileDescriptor {
        try FileDescriptor.regular(path, O_RDWR | O_CREAT | O_NOFOLLOW)
    }
}

/// Waits until no other thread or process holds the lock file at `path`, made when missing, and
/// holds it while `body` runs. The lock ends with the process, however that ends.
public func withFileLock<Result, Failure: FileFailure>(
    _ path: String, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
    let lock: FileLock
    do { lock = try FileLock(waitingFor: path) } catch { throw Failure(file: error) }
    return try lock.holding(body)
}
