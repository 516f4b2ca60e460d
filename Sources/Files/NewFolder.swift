internal import Bytes
internal import CLinux
internal import Glibc

/// A folder of files that appears under its name only when it is whole and durable.
///
/// Until ``commit()`` it is `<path>.strongroom-part`, which goes away with this object; what a
/// killed process left of it is removed by the next one. Its owner alone can enter it.
public final class NewFolder {
    /// The name that it will have.
    public let path: String
    /// The name that it has until then.
    public let temporary: String
    private let descriptor: FileDescriptor
    private let isReplacing: Bool
    private var made: Set<String> = []
    private var isMine = true

    /// Begins a folder; throws ``FileError/exists(path:)`` when something has that name, and
    /// ``FileError/beingWritten(path:)`` when another process is at it.
    ///
    /// - Parameter isReplacing: whether it takes the place of the folder that has the name.
    public init(_ path: String, replacing isReplacing: Bool = false) throws(FileError) {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard isReplacing || !isTaken(path) else { throw .exists(path: path) }
        self.path = path
        self.isReplacing = isReplacing
        temporary = path + ".strongroom-part"
        if try !makeFolder(temporary) {
            let leftover = try FileDescriptor(
                temporary, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
            guard try leftover.tryLock() else { throw .beingWritten(path: path) }
            try removeTree(temporary)
            try makeFolder(temporary)
        }
        descriptor = try FileDescriptor(
            temporary, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        guard try descriptor.tryLock(), try descriptor.isAt(temporary) else {
            isMine = false
            throw .beingWritten(path: path)
        }
    }

    deinit { if isMine { try? removeTree(temporary) } }

    /// Begins a file at a path of plain names below the folder.
    public func file(_ relative: String) throws(FileError) -> FolderFile {
        try makeParents(of: relative)
        return try FolderFile(
            FileDescriptor(
                "\(temporary)/\(relative)", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW))
    }

    /// Takes over a file that never changes, without a copy of its bytes; false where the file
    /// system can not.
    public func link(_ existing: String, as relative: String) throws(FileError) -> Bool {
        try makeParents(of: relative)
        let target = "\(temporary)/\(relative)"
        if systemLink(existing, target) == 0 { return true }
        switch errno {
        case EPERM, EXDEV, EMLINK, ENOTSUP: return false
        default: throw FileError(operation: "linking \(existing)", path: target)
        }
    }

    private func makeParents(of relative: String) throws(FileError) {
        let parts = relative.split(separator: "/", omittingEmptySubsequences: false)
        precondition(
            parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }, "a path of plain names")
        var parent = ""
        for part in parts.dropLast() {
            parent += parent.isEmpty ? part : "/" + part
            if made.insert(parent).inserted { try makeFolder("\(temporary)/\(parent)") }
        }
    }

    /// Makes everything durable and gives the folder its name, which nothing may have taken
    /// meanwhile; or exchanges it for the one that has the name, in one step, and removes that.
    public func commit() throws(FileError) {
        // Once for thousands of small files; it reports every write that failed (Linux 5.8).
        try descriptor.syncFileSystem()
        guard isReplacing else {
            try renameToNew(temporary, path)
            isMine = false
            return
        }
        try exchange(temporary, path)
        isMine = false
        // What is under the temporary name now is the old folder; left behind, it is harmless.
        try removeTree(temporary)
    }
}

/// Gives two folders each other's name, in one step, and syncs the folder above.
private func exchange(_ first: String, _ second: String) throws(FileError) {
    let exchange: UInt32 = 2
    let code = unsafe renameat2(AT_FDCWD, first, AT_FDCWD, second, exchange) == 0 ? 0 : errno
    guard code == 0 else {
        throw FileError(code: code, operation: "exchanging \(first)", path: second)
    }
    try syncFile(folder(of: second))
}

/// The system's `link`, which a method of that name hides.
private func systemLink(_ existing: String, _ target: String) -> Int32 {
    unsafe link(existing, target)
}

/// One file of a ``NewFolder``.
public struct FolderFile: ~Copyable {
    private let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

    /// Appends bytes.
    public func write(_ bytes: Span<UInt8>) throws(FileError) {
        try descriptor.writeBytes(bytes)
    }

    /// Ends the file; it is durable when its folder is.
    public consuming func close() {}
}

/// Removes a file, or a folder with everything below it; links are removed, not followed.
func removeTree(_ path: String) throws(FileError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else {
        throw FileError(operation: "looking at", path: path)
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
        guard unsafe unlink(path) == 0 else {
            throw FileError(operation: "removing", path: path)
        }
        return
    }
    for name in try fileNames(in: path) { try removeTree("\(path)/\(name)") }
    guard unsafe rmdir(path) == 0 else {
        throw FileError(operation: "removing", path: path)
    }
}

/// Makes a folder that its owner alone can enter, or takes one that holds nothing but files of the
/// names `known`; throws ``FileError/notEmpty(path:)`` for every other.
public func makeEmptyFolder(_ path: String, but known: [String]) throws(FileError) {
    if try makeFolder(path) { return }
    guard try fileNames(in: path).allSatisfy({ known.contains($0) }) else {
        throw .notEmpty(path: path)
    }
}

/// The names in a folder, in no order; throws ``FileError/tooMany(folder:maximum:)`` when there are
/// more than `maximum`.
public func fileNames(in path: String, maximum: Int = .max) throws(FileError) -> [String] {
    guard let stream = unsafe opendir(path) else {
        throw FileError(operation: "listing", path: path)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
            unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                unsafe String(cString: $0)
            }
        }
        guard name != ".", name != ".." else { continue }
        guard names.count < maximum else { throw .tooMany(folder: path, maximum: maximum) }
        names.append(name)
    }
    return names
}
