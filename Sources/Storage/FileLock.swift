#if canImport(Darwin)
    internal import Darwin
#else
    internal import Glibc
#endif

/// Waits until no other thread or process holds the lock file at `path`, made when missing, and
/// holds it while `body` runs. The lock ends with the process, however that ends.
public func withFileLock<Result, Failure: StorageFailure>(
    _ path: String, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
    let number: Int32
    do { number = try lockedDescriptor(path) } catch { throw Failure(storage: error) }
    defer { close(number) }
    return try body()
}

private func lockedDescriptor(_ path: String) throws(StorageError) -> Int32 {
    let number = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard number >= 0 else {
        throw StorageError(code: errno, operation: "opening", path: path)
    }
    while flock(number, LOCK_EX) != 0 {
        let code = errno
        guard code == EINTR else {
            close(number)
            throw StorageError(code: code, operation: "locking", path: path)
        }
    }
    return number
}
