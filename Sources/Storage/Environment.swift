internal import CLMDB
internal import Files
internal import Glibc
internal import Synchronization

/// An LMDB environment: one file of named tables, beside it `<file>-lock`.
///
/// Every commit is durable before ``write(_:)`` returns (none of LMDB's unsafe flags is ever set).
/// Any number of threads and processes may read; writers take turns, one thread of a process at a
/// time. The map is 1 TiB of address space; the file only ever has the size of its pages.
@safe public final class Environment: Sendable {
    /// What is done with the file.
    public enum Mode: Sendable {
        /// Makes a new environment; throws `FileError.exists` when there is a file.
        case create
        /// Reads and writes an existing environment.
        case readWrite
        /// Reads an environment that nobody writes meanwhile, without a lock: no byte and no
        /// modification time changes, and read-only media work.
        case audit
    }

    /// The path of the file.
    public let path: String
    private nonisolated(unsafe) let pointer: OpaquePointer
    private let identity: FileIdentity
    private let tables: [String: Table]
    private let writer = Mutex<StorageError?>(nil)
    private let onFailedSync: @Sendable (StorageError) -> Void

    /// Opens the environment at `path` with exactly these tables, which all must exist unless it is
    /// created.
    ///
    /// After a failed sync nobody knows what the device holds. `onFailedSync` is then called: by
    /// default it prints the error and ends the process. If it returns, every later write throws
    /// the same error.
    public init(
        path: String, mode: Mode, tables names: [String],
        onFailedSync: @escaping @Sendable (StorageError) -> Void = endProcess
    ) throws(StorageError) {
        let identity = try FileIdentity(path: path, mode: mode)
        guard openFiles.withLock({ $0.insert(identity).inserted }) else {
            throw .alreadyOpen(path: path)
        }
        var opened: OpaquePointer?
        do {
            unsafe opened = try openEnvironment(path, mode, tableCount: names.count)
            guard let pointer = unsafe opened else { preconditionFailure("LMDB opened nothing") }
            tables = try unsafe openTables(pointer, names, creating: mode == .create, path)
            unsafe self.pointer = pointer
        } catch {
            unsafe Self.close(opened, identity)
            throw error
        }
        self.path = path
        self.identity = identity
        self.onFailedSync = onFailedSync
    }

    deinit { unsafe Self.close(pointer, identity) }

    /// Closes and forgets in one step: as soon as a removed file is closed, a new one may have its
    /// number.
    @unsafe private static func close(_ pointer: OpaquePointer?, _ identity: FileIdentity) {
        openFiles.withLock { files in
            if let pointer = unsafe pointer { unsafe mdb_env_close(pointer) }
            files.remove(identity)
        }
    }

    /// Returns the table of this name, which must be among those it was opened with.
    public func table(_ name: String) -> Table {
        guard let table = tables[name] else {
            preconditionFailure("table \(name) was not named at opening")
        }
        return table
    }

    /// Lends `body` the state at this moment, however long it takes and whatever is written
    /// meanwhile.
    ///
    /// Readers never block and are never blocked, on any number of threads; but pages that they see
    /// are not reused until they are done: keep them short while appends go on.
    public func read<Result, Failure: StorageFailure>(
        _ body: (TransactionView) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let transaction = try unsafe begun(UInt32(MDB_RDONLY), Failure.self)
        defer { unsafe mdb_txn_abort(transaction) }
        return try body(unsafe TransactionView(unlimited: transaction, path: path))
    }

    /// Runs `body` in a write transaction and commits it; an error drops all of its changes.
    ///
    /// Waits for the writers of other threads and processes. The body must not write again itself.
    public func write<Result, Failure: StorageFailure>(
        _ body: (inout WriteTransaction) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var result: Result?
        try writer.withLock { (failure: inout StorageError?) throws(Failure) in
            if let failure { throw Failure(storage: failure) }
            result = try transact(body, &failure)
        }
        guard let result else { preconditionFailure("a committed transaction has a result") }
        return result
    }

    private func transact<Result, Failure: StorageFailure>(
        _ body: (inout WriteTransaction) throws(Failure) -> Result,
        _ failure: inout StorageError?
    ) throws(Failure) -> Result {
        let pointer = try unsafe begun(0, Failure.self)
        let result: Result
        do throws(Failure) {
            var transaction = unsafe WriteTransaction(pointer, path: path)
            result = try body(&transaction)
        } catch {
            unsafe mdb_txn_abort(pointer)
            throw error
        }
        let code = unsafe mdb_txn_commit(pointer)
        guard code == MDB_SUCCESS else {
            let error = commitError(code)
            if error.isFailedSync {
                failure = error
                onFailedSync(error)
            }
            throw Failure(storage: error)
        }
        return result
    }

    /// Copies the newest state to a new file while reading and writing go on.
    ///
    /// The copy is compact, has no lock file, is written under a temporary name (`<path>.part`),
    /// synced, and only then appears under `path`, which must not exist.
    public func copy(to path: String) throws(StorageError) {
        guard !fileExists(path) else { throw .file(.exists(path: path)) }
        let temporary = path + ".part"
        unsafe unlink(temporary)
        do throws(StorageError) {
            try check(
                unsafe mdb_env_copy2(pointer, temporary, UInt32(MDB_CP_COMPACT)), "copying",
                temporary)
            // The library lets the group and others read what it copies.
            guard unsafe chmod(temporary, 0o600) == 0 else {
                throw StorageError(code: errno, operation: "protecting", path: temporary)
            }
            try filed { () throws(FileError) in
                try syncFile(temporary)
                try renameDurably(temporary, to: path)
            }
        } catch {
            unsafe unlink(temporary)
            throw error
        }
    }

    @unsafe private func begun<Failure: StorageFailure>(
        _ flags: UInt32, _ type: Failure.Type
    ) throws(Failure) -> OpaquePointer {
        var transaction: OpaquePointer?
        let code = unsafe mdb_txn_begin(pointer, nil, flags, &transaction)
        guard code == MDB_SUCCESS, let transaction = unsafe transaction else {
            throw Failure(
                storage: StorageError(
                    code: code, operation: "beginning a transaction", path: path))
        }
        return unsafe transaction
    }

    /// What a failed commit means: LMDB reports a write cut short by a full disk as an I/O error
    /// too, and only a true one leaves the device's state unknown.
    func commitError(_ code: Int32) -> StorageError {
        guard code == EIO else {
            return StorageError(code: code, operation: "committing", path: path)
        }
        if let free = freeBytes(path), free < 1 << 20 { return .file(.diskFull(path: path)) }
        return .file(.failedSync(path: path, reason: reasonText(code)))
    }
}

/// Prints the error and ends the process with exit code 74 (`EX_IOERR`).
public func endProcess(_ error: StorageError) {
    let message = Array("strongroom: \(error)\n".utf8)
    _ = unsafe message.withUnsafeBytes { unsafe write(2, $0.baseAddress, $0.count) }
    exit(74)
}

/// The environments that this process has open: LMDB forbids a second one on the same file.
private let openFiles = Mutex<Set<FileIdentity>>([])

/// A file, whatever path leads to it.
private struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let number: UInt64

    init(path: String, mode: Environment.Mode) throws(StorageError) {
        let flags =
            switch mode {
            case .create: O_RDWR | O_CREAT | O_EXCL
            case .readWrite: O_RDWR
            case .audit: O_RDONLY
            }
        // What is no regular file is refused here, before LMDB would wait for it.
        let status = try filed { () throws(FileError) in
            try FileDescriptor.regular(path, flags).status()
        }
        device = status.device
        number = status.number
    }
}
