internal import Glibc

/// Files that their owner alone may use, written so that after a crash the old or the new content
/// is there, whole.
enum PrivateFile {
    /// Creates `folder`, and those above it that are missing, with mode 0700; checks its mode when
    /// it is there.
    static func createFolder(_ folder: String) throws(SecretsError) {
        var missing: [String] = []
        var path = folder
        while !path.isEmpty, path != "/", unsafe access(path, F_OK) != 0 {
            missing.append(path)
            path = parent(of: path)
        }
        for path in missing.reversed() {
            guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
                throw failure("create", path)
            }
            try synchronize(folder: parent(of: path))
        }
        try checkMode(of: folder, isFolder: true)
    }

    /// Reads a file of at most `maximum` bytes, or returns nil when there is none.
    static func read(_ path: String, maximum: Int) throws(SecretsError) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("open", path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure("stat", path) }
        try check(status, path, isFolder: false)
        guard status.st_size <= maximum else { throw .fileLength(path: path, maximum: maximum) }
        // One byte more than allowed, so that a file that grows meanwhile is noticed.
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
        var filled = 0
        while filled < bytes.count {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(
                    descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", path) }
            if count == 0 { break }
            filled += count
        }
        guard filled < bytes.count else { throw .fileLength(path: path, maximum: maximum) }
        return Array(bytes[..<filled])
    }

    /// Writes a new file; throws ``SecretsError/exists(path:)`` when one is there.
    static func create(_ path: String, _ bytes: [UInt8]) throws(SecretsError) {
        let temporary = try writeTemporary(beside: path, bytes)
        // A hard link, unlike a rename, never replaces what is there.
        let isLinked = unsafe link(temporary, path) == 0
        let reason = errno
        unsafe unlink(temporary)
        guard isLinked else {
            if reason == EEXIST { throw .exists(path: path) }
            errno = reason
            throw failure("create", path)
        }
        try synchronize(folder: parent(of: path))
    }

    /// Writes a file in place of the one that is there, if any.
    static func replace(_ path: String, _ bytes: [UInt8]) throws(SecretsError) {
        let temporary = try writeTemporary(beside: path, bytes)
        guard unsafe rename(temporary, path) == 0 else {
            let error = failure("replace", path)
            unsafe unlink(temporary)
            throw error
        }
        try synchronize(folder: parent(of: path))
    }

    /// The names in `folder`, in no order; throws when there are more than `maximum`.
    static func names(in folder: String, maximum: Int) throws(SecretsError) -> [String] {
        try checkMode(of: folder, isFolder: true)
        guard let stream = unsafe opendir(folder) else { throw failure("list", folder) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            guard names.count < maximum else {
                throw .memoryLimit(
                    field: "files in \(folder)", found: maximum + 1, maximum: maximum)
            }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            names.append(name)
        }
        return names
    }

    /// Creates or opens `path` and locks it against other processes and other openings in this one.
    ///
    /// Returns the descriptor, whose closing unlocks. When another one has it, waits for it or
    /// throws ``SecretsError/inUse(path:)`` at once.
    static func lock(_ path: String, isWaiting: Bool = false) throws(SecretsError) -> Int32 {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("open", path) }
        while flock(descriptor, isWaiting ? LOCK_EX : LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            let error: SecretsError =
                errno == EWOULDBLOCK ? .inUse(path: path) : failure("lock", path)
            close(descriptor)
            throw error
        }
        return descriptor
    }

    // MARK: Steps

    private static func writeTemporary(
        beside path: String, _ bytes: [UInt8]
    ) throws(SecretsError) -> String {
        let temporary = "\(path).\(UInt64.random(in: .min ... .max)).tmp"
        let descriptor = unsafe open(
            temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("create", temporary) }
        defer { close(descriptor) }
        do throws(SecretsError) {
            var written = 0
            while written < bytes.count {
                let count = unsafe bytes.withUnsafeBytes { buffer in
                    unsafe write(
                        descriptor, buffer.baseAddress?.advanced(by: written),
                        buffer.count - written)
                }
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw failure("write", temporary) }
                written += count
            }
            // A umask can take permissions from the owner, too.
            guard fchmod(descriptor, 0o600) == 0 else { throw failure("chmod", temporary) }
            guard fsync(descriptor) == 0 else { throw failure("fsync", temporary) }
        } catch {
            unsafe unlink(temporary)
            throw error
        }
        return temporary
    }

    private static func synchronize(folder: String) throws(SecretsError) {
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("fsync", folder) }
    }

    private static func checkMode(of path: String, isFolder: Bool) throws(SecretsError) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw failure("stat", path) }
        try check(status, path, isFolder: isFolder)
    }

    private static func check(
        _ status: stat, _ path: String, isFolder: Bool
    ) throws(SecretsError) {
        guard status.st_mode & S_IFMT == (isFolder ? S_IFDIR : S_IFREG) else {
            throw .fileType(path: path, expected: isFolder ? "a folder" : "a regular file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .exposed(
                path: path, mode: "0" + String(status.st_mode & 0o777, radix: 8),
                command: "chmod \(isFolder ? "700" : "600") \(path)")
        }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func failure(_ operation: String, _ path: String) -> SecretsError {
        .file(path: path, operation: operation, reason: systemReason())
    }
}
