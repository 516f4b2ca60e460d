internal import Bytes
internal import Files

/// What the files of an export are written to, one after another in the order of their paths.
///
/// Nothing of it is seen before ``commit()``, and nothing is left of it when it goes away without.
protocol ExportSink: AnyObject {
    /// The name that it has until then.
    var temporary: String { get }
    /// Begins a file of so many bytes.
    func begin(_ path: ExportPath, bytes: UInt64) throws(ExportError)
    /// Appends to the file that was begun.
    func write(_ bytes: Span<UInt8>) throws(ExportError)
    /// Ends it; it has got its bytes.
    func end() throws(ExportError)
    /// Makes everything durable, under its name.
    func commit() throws(ExportError)
}

/// A folder of files.
final class FolderSink: ExportSink {
    private let folder: NewFolder
    private var file: FolderFile?

    init(_ path: String) throws(ExportError) {
        folder = try filed { () throws(FileError) in try NewFolder(path) }
    }

    var temporary: String { folder.temporary }

    func begin(_ path: ExportPath, bytes: UInt64) throws(ExportError) {
        do throws(FileError) { file = try folder.file(path.description) } catch {
            throw .file(error)
        }
    }

    func write(_ bytes: Span<UInt8>) throws(ExportError) {
        do throws(FileError) { try file?.write(bytes) } catch {
            throw .file(error)
        }
    }

    func end() throws(ExportError) {
        file.take()?.close()
    }

    func commit() throws(ExportError) {
        try filed { () throws(FileError) in try folder.commit() }
    }
}
