internal import Archive
internal import Audit
internal import Bytes
internal import Files
internal import Foundation

/// An export taken out of a `.tar` or `.tar.zst`, in a private folder that goes away with this
/// object.
final class UnpackedExport: Sendable {
    private let folder: PrivateFolder
    /// Where it lies.
    var path: String { folder.path }
    /// What is wrong with the archive.
    let findings: [Finding]

    /// What a small archive may hold at least.
    static let leastBytes: UInt64 = 256 << 20
    /// How many times an archive's own size its files may have together: signatures and hashes,
    /// most of what an export is, shrink to no less than a third.
    static let expansion: UInt64 = 64

    /// Takes an archive apart.
    ///
    /// - Parameters:
    ///   - maximumBytes: the most bytes that its files may have together; nil for what follows from
    ///     its own size.
    ///   - parent: the folder to make the private one in; nil for the system's.
    ///   - created: called with the folder as soon as there is one.
    init(
        _ archive: String, maximumBytes: UInt64?, in parent: String? = nil,
        created: (String) -> Void
    ) throws(AuditError) {
        let file: FileHandle
        let size: UInt64
        do {
            file = try FileHandle(forReadingFrom: URL(filePath: archive))
            size = try file.seekToEnd()
            try file.seek(toOffset: 0)
        } catch { throw .unreadable("\(archive): \(error.localizedDescription)") }
        let maximum = maximumBytes ?? Self.maximumBytes(ofArchive: size)
        do {
            folder = try PrivateFolder(in: parent)
            created(folder.path)
            let reader = try Self.unpack(file, to: folder.path, maximum)
            findings = reader.faults.map { fault in
                Finding(
                    position: nil, rule: .layout, place: fault.name.map { EvidencePlace($0) },
                    expected: fault.expected, found: fault.found)
            }
        } catch let error as ArchiveError {
            guard case .file(.diskFull(let path)) = error else { throw .unreadable("\(error)") }
            throw .unreadable(
                "there is no room to unpack \(archive): the disk of \(path) is full; name a folder "
                    + "on another one with TMPDIR")
        } catch { throw .unreadable("\(archive) can not be unpacked: \(error)") }
    }

    /// The most bytes that the files of an archive of this size may have together.
    static func maximumBytes(ofArchive size: UInt64) -> UInt64 {
        let (product, isOver) = size.multipliedReportingOverflow(by: expansion)
        return isOver ? .max : max(leastBytes, product)
    }

    private static func unpack(
        _ file: FileHandle, to folder: String, _ maximumBytes: UInt64
    ) throws(ArchiveError) -> TarReader {
        let isCompressed: Bool
        do {
            isCompressed = Array(try file.read(upToCount: 4) ?? Data()) == ZstdReader.magic
            try file.seek(toOffset: 0)
        } catch { throw .malformed("it can not be read: \(error.localizedDescription)") }
        let source: any ByteSource = isCompressed ? try ZstdReader(file) : FileSource(file)
        var reader = TarReader(source, maximumBytes: maximumBytes)
        var folders: Set<Substring> = []
        var output: UnpackedFile?
        try reader.run(judge: judge) { (name, part) throws(ArchiveError) in
            do throws(FileError) {
                if output?.name != name {
                    try makeParents(of: name, in: folder, known: &folders)
                    output = try UnpackedFile(name, in: folder)
                }
                if part.isEmpty { output = nil } else { try output?.write(part) }
            } catch { throw .file(error) }
        }
        return reader
    }

    /// Says why an export has no such file.
    private static func judge(_ name: String, _ size: UInt64) -> TarReader.Refusal? {
        guard let file = ExportPath(name) else {
            return TarReader.Refusal(
                expected: "a path that an export has", found: name.escapedForDisplay)
        }
        guard size <= UInt64(file.maximumBytes) else {
            return TarReader.Refusal(
                expected: "at most \(file.maximumBytes) bytes", found: "\(size)")
        }
        return nil
    }

    /// Makes the folders above a file, but never the private folder itself: when that is gone, the
    /// program is ending.
    private static func makeParents(
        of path: String, in folder: String, known: inout Set<Substring>
    ) throws(FileError) {
        for slash in path.indices where path[slash] == "/" {
            guard known.insert(path[..<slash]).inserted else { continue }
            try makeFolder("\(folder)/\(path[..<slash])")
        }
    }

    /// A file that is being unpacked.
    private final class UnpackedFile {
        let name: String
        private let descriptor: FileDescriptor

        init(_ name: String, in folder: String) throws(FileError) {
            self.name = name
            descriptor = try FileDescriptor(
                "\(folder)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
        }

        func write(_ bytes: [UInt8]) throws(FileError) { try descriptor.writeBytes(bytes) }
    }
}
