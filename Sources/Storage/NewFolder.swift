internal import Bytes

#if canImport(Darwin)
    internal import Darwin
#else
    internal import Glibc
#endif

/// A folder of files that appears under its name only when it is whole and durable.
///
/// Until ``commit()`` it is `<path>.strongroom-part`, which goes away with this object; what a
/// killed process left of it is removed by the next one. Its owner alone can enter it.
public final class NewFolder {
    /// The name that it will have.
    public let path: String
    private let temporary: String
    private let descriptor: FileDescriptor
    private var made: Set<String> = []
    private var isMine = true

    /// Begins a folder; throws ``StorageError/exists(path:)`` when something has that name, and
    /// ``StorageError/beingWritten(path:)`` when another process is at it.
    public init(_ path: String) throws(StorageError) {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard !isTaken(path) else { throw .exists(path: path) }
        self.path = path
        temporary = path + ".strongroom-part"
        if try !makeFolder(temporary) {
            let leftover = try FileDescriptor(
                temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            guard try leftover.tryLock() else { throw .beingWritten(path: path) }
            try removeTree(temporary)
            try makeFolder(temporary)
        }
        descriptor = try FileDescriptor(
            temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard try descriptor.tryLock(), try descriptor.isAt(temporary) else {
            isMine = false
            throw .beingWritten(path: path)
        }
    }

    deinit { if isMine { try? removeTree(temporary) } }

    /// Begins a file at a path of plain names below the folder.
    public func file(_ relative: String) throws(StorageError) -> FolderFile {
        let parts = relative.split(separator: "/", omittingEmptySubsequences: false)
        precondition(
            parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }, "a path of plain names")
        var parent = ""
        for part in parts.dropLast() {
            parent += parent.isEmpty ? part : "/" + part
            if made.insert(parent).inserted { try makeFolder("\(temporary)/\(parent)") }
        }
        return try FolderFile(
            FileDescriptor(
                "\(temporary)/\(relative)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW))
    }

    /// Makes everything durable and gives the folder its name, which nothing may have taken
    /// meanwhile.
    public func commit() throws(StorageError) {
        #if canImport(Darwin)
            for folder in made { try syncFile("\(temporary)/\(folder)") }
            try descriptor.sync()
        #else
            // Once for thousands of small files; it reports every write that failed (Linux 5.8).
            try descriptor.syncFileSystem()
        #endif
        try renameToNew(temporary, path)
        isMine = false
    }
}

/// One file of a ``NewFolder``.
public struct FolderFile: ~Copyable {
    private let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

    /// Appends bytes.
    public func write(_ bytes: Span<UInt8>) throws(StorageError) {
        try descriptor.writeBytes(bytes)
    }

    /// Ends the file; it is durable when its folder is.
    public consuming func close() throws(StorageError) {
        #if canImport(Darwin)
            try descriptor.sync()
        #endif
    }
}

/// Removes a file, or a folder with everything below it; links are removed, not followed.
func removeTree(_ path: String) throws(StorageError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else {
        throw StorageError(code: errno, operation: "looking at", path: path)
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
        guard unsafe unlink(path) == 0 else {
            throw StorageError(code: errno, operation: "removing", path: path)
        }
        return
    }
    for name in try names(in: path) { try removeTree("\(path)/\(name)") }
    guard unsafe rmdir(path) == 0 else {
        throw StorageError(code: errno, operation: "removing", path: path)
    }
}

/// The names in a folder, in no order.
private func names(in path: String) throws(StorageError) -> [String] {
    guard let stream = unsafe opendir(path) else {
        throw StorageError(code: errno, operation: "listing", path: path)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
            unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                unsafe String(cString: $0)
            }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}
