internal import Audit
internal import Foundation
internal import Synchronization

/// An export taken out of a `.tar` or `.tar.zst`, in a private folder that goes away with this
/// object.
final class UnpackedExport: Sendable {
    private let folder: PrivateFolder
    /// Where it lies.
    var path: String { folder.path }
    /// What is wrong with the archive.
    let findings: [Finding]

    /// Takes an archive apart.
    ///
    /// - Parameters:
    ///   - created: called with the folder as soon as there is one.
    init(
        _ archive: String, maximumBytes: UInt64, created: (String) -> Void
    ) throws(AuditError) {
        guard let file = FileHandle(forReadingAtPath: archive) else {
            throw .unreadable("\(archive): \(systemReason(errno))")
        }
        let made = try PrivateFolder()
        folder = made
        created(made.path)
        findings = try Self.unpack(file, to: made.path, maximumBytes)
    }

    /// Removes a folder that was unpacked to.
    static func remove(_ path: String) {
        do { try FileManager.default.removeItem(atPath: path) } catch {
            FileHandle.standardError.write(Data("left behind: \(path): \(error)\n".utf8))
        }
    }

    private static func unpack(
        _ file: FileHandle, to folder: String, _ maximumBytes: UInt64
    ) throws(AuditError) -> [Finding] {
        let isCompressed: Bool
        do {
            isCompressed = Array(try file.read(upToCount: 4) ?? Data()) == ZstdReader.magic
            try file.seek(toOffset: 0)
        } catch { throw .unreadable("\(error)") }
        let source: any ByteSource = isCompressed ? try ZstdReader(file) : FileSource(file)
        var reader = TarReader(source, maximumBytes: maximumBytes)
        var folders: Set<Substring> = []
        var output: (file: ExportPath, handle: FileHandle)?
        try reader.run { (file, part) throws(AuditError) in
            if output?.file != file {
                try makeParents(of: file, in: folder, known: &folders)
                output = (file, try create(file, in: folder))
            }
            do {
                if part.isEmpty {
                    try output?.handle.close()
                    output = nil
                } else {
                    try output?.handle.write(contentsOf: part)
                }
            } catch { throw .unreadable("\(file) can not be unpacked: \(error)") }
        }
        return reader.findings
    }

    /// Makes the folders above a file, but never the private folder itself: when that is gone, the
    /// program is ending.
    private static func makeParents(
        of file: ExportPath, in folder: String, known: inout Set<Substring>
    ) throws(AuditError) {
        let path = "\(file)"
        for slash in path.indices where path[slash] == "/" {
            guard known.insert(path[..<slash]).inserted else { continue }
            guard unsafe mkdir("\(folder)/\(path[..<slash])", 0o700) == 0 else {
                throw .unreadable("\(file) can not be unpacked: \(systemReason(errno))")
            }
        }
    }

    private static func create(
        _ file: ExportPath, in folder: String
    ) throws(AuditError) -> FileHandle {
        let path = "\(folder)/\(file)"
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = unsafe Foundation.open(path, flags, 0o600)
        guard descriptor >= 0 else {
            throw .unreadable("\(file) can not be unpacked: \(systemReason(errno))")
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}
