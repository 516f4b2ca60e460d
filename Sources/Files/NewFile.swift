internal import Bytes
internal import CLinux
internal import Glibc

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
    private let isReplacing: Bool
    private var isCommitted = false

    private static let bufferBytes = 1 << 18

    /// Begins a file; throws ``FileError/exists(path:)`` when something has that name, and
    /// ``FileError/beingWritten(path:)`` when another process is at it.
    ///
    /// - Parameter isReplacing: whether it takes the place of the file that has the name.
    public init(_ path: String, replacing isReplacing: Bool = false) throws(FileError) {
        guard isReplacing || !isTaken(path) else { throw .exists(path: path) }
        self.path = path
        self.isReplacing = isReplacing
        temporary = path + ".part"
        descriptor = try FileDescriptor.regular(temporary, O_WRONLY | O_CREAT | O_NOFOLLOW)
        guard try descriptor.tryLock(), try descriptor.isAt(temporary) else {
            // It belongs to another process: it must not be removed with this object.
            isCommitted = true
            throw .beingWritten(path: path)
        }
        try descriptor.truncate()
        try descriptor.protect()
    }

    deinit {
        if !isCommitted { unsafe unlink(temporary) }
    }

    /// Appends bytes.
    public func write(_ bytes: Span<UInt8>) throws(FileError) {
        if pending.count + bytes.count > Self.bufferBytes { try flush() }
        guard bytes.count <= Self.bufferBytes else {
            try descriptor.writeBytes(bytes)
            return try startWriting(bytes.count)
        }
        pending.append(bytes)
    }

    /// Makes the file durable and gives it its name, which nothing may have taken meanwhile unless
    /// it was to be replaced.
    public func commit() throws(FileError) {
        try descriptor.writeBytes(pending)
        pending = []
        try descriptor.sync()
        if isReplacing {
            try renameDurably(temporary, to: path)
        } else {
            try renameToNew(temporary, path)
        }
        isCommitted = true
    }

    private func flush() throws(FileError) {
        try descriptor.writeBytes(pending)
        try startWriting(pending.count)
        pending.removeAll(keepingCapacity: true)
    }

    /// Has the disk work while the rest is made, so that others' syncs need not wait for all of it.
    private func startWriting(_ count: Int) throws(FileError) {
        try descriptor.startWriting(from: written, count: count)
        written += UInt64(count)
    }
}

/// Whether something has this path, be it a link to nowhere.
func isTaken(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0
}

/// Gives a file or folder its final name, never replacing another, and syncs the folder above.
func renameToNew(_ source: String, _ path: String) throws(FileError) {
    let noReplace: UInt32 = 1
    let code = unsafe renameat2(AT_FDCWD, source, AT_FDCWD, path, noReplace) == 0 ? 0 : errno
    switch code {
    case 0: try syncFile(folder(of: path))
    case EEXIST: throw .exists(path: path)
    case EINVAL, ENOSYS, ENOTSUP:
        // Some file systems can not promise it: then the window is as small as it can be.
        guard !isTaken(path) else { throw .exists(path: path) }
        try renameDurably(source, to: path)
    default: throw FileError(code: code, operation: "renaming \(source)", path: path)
    }
}
