internal import Archive
internal import Files

/// Where an export goes; what has that name already is never overwritten.
public enum ExportTarget: Sendable, Hashable {
    /// A folder.
    case folder(String)
    /// A POSIX tar.
    case tar(String)
    /// A POSIX tar under zstd.
    case compressedTar(String)

    /// Tells by the name's ending; throws ``ExportError/target(_:)`` for another archive's.
    public init(_ path: String) throws(ExportError) {
        let name = path.split(separator: "/").last ?? ""
        guard !name.isEmpty, name != ".", name != ".." else { throw .target(path) }
        if name.hasSuffix(".tar.zst") {
            self = .compressedTar(path)
        } else if name.hasSuffix(".tar") {
            self = .tar(path)
        } else if [".zst", ".tgz", ".gz", ".zip", ".xz", ".bz2", ".7z"].contains(where: {
            name.hasSuffix($0)
        }) {
            throw .target(path)
        } else {
            self = .folder(path)
        }
    }

    /// The name it was given.
    public var path: String {
        switch self {
        case .folder(let path), .tar(let path), .compressedTar(let path): path
        }
    }

    func sink() throws(ExportError) -> any ExportSink {
        switch self {
        case .folder(let path): try FolderSink(path)
        case .tar(let path): TarSink(FileStream(try newFile(path)))
        case .compressedTar(let path): TarSink(try compressed(try newFile(path)))
        }
    }

    private func compressed(_ file: NewFile) throws(ExportError) -> ZstdStream {
        do throws(ArchiveError) { return try ZstdStream(file) } catch { throw ExportError(error) }
    }

    private func newFile(_ path: String) throws(ExportError) -> NewFile {
        try filed { () throws(FileError) in try NewFile(path) }
    }
}
