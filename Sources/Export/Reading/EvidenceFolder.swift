package import Audit
internal import Bytes
internal import Files
internal import Foundation
internal import Merkle

/// The folder of an export. Nothing in it is trusted, and every file is opened with a limit.
package struct EvidenceFolder: Sendable {
    /// The folder's path.
    package let path: String
    /// Brings a file that is not here yet; nil when the folder is all there is.
    package var fetch: (@Sendable (ExportPath) throws(AuditError) -> Void)?

    /// Names a folder.
    package init(_ path: String) { self.path = path }

    /// Whether it is becoming a replica, which has no manifest.
    package var isReplica = false

    /// Whether what is there is all there is.
    package var isListed: Bool { fetch == nil }

    /// What is found where a file should be.
    package enum Content {
        /// There is none.
        case missing
        /// Not a regular file, or more bytes than are accepted.
        case refused(String)
        /// Its bytes.
        case bytes([UInt8])
    }

    /// Reads a file of at most `maximumBytes`, by default as many as `Schemas/export.md` allows.
    package func read(_ file: ExportPath, maximumBytes: Int? = nil) throws(AuditError) -> Content {
        try open(file) { (descriptor, size) throws(AuditError) in
            let limit = maximumBytes ?? file.maximumBytes
            guard size <= limit else {
                return .refused("\(size) bytes; at most \(limit) are accepted")
            }
            return .bytes(try Self.bytes(descriptor, size, file))
        }
    }

    /// Why a file that is here is none of an export: a link, a pipe, too long; nil when it can be.
    func refusal(of file: ExportPath) throws(AuditError) -> String? {
        let content = try openHere(file) { (_, size) throws(AuditError) in
            size <= file.maximumBytes
                ? .bytes([])
                : .refused("\(size) bytes; at most \(file.maximumBytes) are accepted")
        }
        guard case .refused(let reason) = content else { return nil }
        return reason
    }

    /// Opens a file to be read in parts; nil when there is no such regular file.
    func handle(of file: ExportPath) throws(AuditError) -> FileHandle? {
        var handle: FileHandle?
        _ = try open(file) { (descriptor, _) throws(AuditError) in
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
            guard copy >= 0 else { throw .unreadable("\(file): \(systemReason(errno))") }
            handle = FileHandle(fileDescriptor: copy, closeOnDealloc: true)
            return .bytes([])
        }
        return handle
    }

    /// SHA-256 of a file; nil when there is no such regular file.
    func digest(of file: ExportPath) throws(AuditError) -> Digest32? {
        guard let handle = try handle(of: file) else { return nil }
        var hasher = SHA256Hasher()
        do {
            while let part = try handle.read(upToCount: 1 << 18), !part.isEmpty {
                hasher.update(Array(part).span)
            }
        } catch { throw .unreadable("\(file): \(error)") }
        return hasher.finalize()
    }

    private func open(
        _ file: ExportPath, _ body: (Int32, Int) throws(AuditError) -> Content
    ) throws(AuditError) -> Content {
        let content = try openHere(file, body)
        guard case .missing = content, let fetch else { return content }
        try fetch(file)
        return try openHere(file, body)
    }

    private func openHere(
        _ file: ExportPath, _ body: (Int32, Int) throws(AuditError) -> Content
    ) throws(AuditError) -> Content {
        // Neither a link nor a pipe may lead the reader astray or make it wait.
        let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let descriptor = unsafe Foundation.open("\(path)/\(file)", flags)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT, ENOTDIR: return .missing
            case ELOOP: return .refused("a symbolic link")
            default: throw .unreadable("\(file): \(systemReason(errno))")
            }
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .unreadable("\(file): \(systemReason(errno))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { return .refused("not a regular file") }
        return try body(descriptor, Int(status.st_size))
    }

    private static func bytes(
        _ descriptor: Int32, _ count: Int, _ file: ExportPath
    ) throws(AuditError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let done = unsafe Foundation.read(
                    descriptor, buffer.baseAddress?.advanced(by: filled), count - filled)
                if done < 0, errno == EINTR { continue }
                if done < 0 { failure = errno }
                guard done > 0 else { break }
                filled += done
            }
        }
        guard failure == 0 else {
            throw .unreadable("\(file): \(systemReason(failure))")
        }
        return bytes
    }
}

extension ExportPath {
    /// The most bytes that such a file may have.
    package var maximumBytes: Int {
        switch self {
        case .blob: FormatLimit.blobBytes
        case .checkpoint, .since: Note.maximumBytes
        case .tile: 32 * Tile.maximumWidth
        case .entries: Tile.maximumWidth * (2 + EntryBundle.maximumEntryBytes)
        case .disclosedEntry: EntryBundle.maximumEntryBytes
        case .disclosedProof: LogProof.maximumBytes
        case .checkpoints, .sums: 1 << 36
        case .kept: KeptResult.maximumBytes
        case .readme, .consistency, .schema, .policy, .sumsNote: 1 << 24
        }
    }

    /// Whether the file is text, so that lines tell a place in it.
    var isText: Bool {
        switch self {
        case .blob, .tile, .entries, .disclosedEntry, .kept: false
        default: true
        }
    }
}
