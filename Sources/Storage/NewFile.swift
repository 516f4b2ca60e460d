internal import Bytes
internal import CLinux

#if canImport(Darwin)
    internal import Darwin
#else
    internal import Glibc
#endif

/// A file that appears under its name only when it is whole and durable.
///
/// Until ``commit()`` it is `<path>.part`, which goes away with this object; what a killed process
/// left of it is overwritten by the next one. Readable by its owner alone.
public final class NewFile {
    /// The name that it will have.
    public let path: String
    /// The name that it has until then.
    public let temporary: String
    private let descriptor: FileDescriptor
    private var pending: [UInt8] = []
    private var written: UInt64 = 0
    private var isCommitted = false

    private static let bufferBytes = 1 << 18

    /// Begins a file; throws ``StorageError/exists(path:)`` when something has that name, and
    /// ``StorageError/beingWritten(path:)`` when another process is at it.
    public init(_ path: String) throws(StorageError) {
        guard !isTaken(path) else { throw .exists(path: path) }
        self.path = path
        temporary = path + ".part"
        descriptor = try FileDescriptor(temporary, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW)
        guard try descriptor.tryLock(), try descriptor.isAt(temporary) else {
            // It belongs to another process: it must not be removed with this object.
            isCommitted = true
            throw .beingWritten(path: path)
        }
        try descriptor.truncate()
        pending.reserveCapacity(Self.bufferBytes)
    }

    deinit {
        if !isCommitted { unsafe unlink(temporary) }
    }

    /// Appends bytes.
    public func write(_ bytes: Span<UInt8>) throws(StorageError) {
        if pending.count + bytes.count > Self.bufferBytes { try flush() }
        guard bytes.count <= Self.bufferBytes else {
            try descriptor.writeBytes(bytes)
            return try startWriting(bytes.count)
        }
        pending.append(bytes)
    }

    /// Makes the file durable and gives it its name, which nothing may have taken meanwhile.
    public func commit() throws(StorageError) {
        try flush()
        try descriptor.sync()
        try renameToNew(temporary, path)
        isCommitted = true
    }

    private func flush() throws(StorageError) {
        try descriptor.writeBytes(pending)
        try startWriting(pending.count)
        pending.removeAll(keepingCapacity: true)
    }

    /// Has the disk work while the rest is made, so that others' syncs need not wait for all of it.
    private func startWriting(_ count: Int) throws(StorageError) {
        #if !canImport(Darwin)
            try descriptor.startWriting(from: written, count: count)
        #endif
        written += UInt64(count)
    }
}

/// Whether something has this path, be it a link to nowhere.
func isTaken(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0
}

/// Gives a file or folder its final name, never replacing another, and syncs the folder above.
func renameToNew(_ source: String, _ path: String) throws(StorageError) {
    #if canImport(Darwin)
        let code = unsafe renamex_np(source, path, UInt32(RENAME_EXCL)) == 0 ? 0 : errno
    #else
        let noReplace: UInt32 = 1
        let code =
            unsafe renameat2(AT_FDCWD, source, AT_FDCWD, path, noReplace) == 0 ? 0 : errno
    #endif
    switch code {
    case 0: try syncFile(folder(of: path))
    case EEXIST: throw .exists(path: path)
    case EINVAL, ENOSYS, ENOTSUP:
        // Some file systems can not promise it: then the window is as small as it can be.
        guard !isTaken(path) else { throw .exists(path: path) }
        try renameDurably(source, to: path)
    default: throw StorageError(code: code, operation: "renaming \(source)", path: path)
    }
}
