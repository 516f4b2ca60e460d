package import Files

/// A stream of bytes into a file that appears when it is whole.
package protocol ByteStream: AnyObject {
    /// The name that the file has until then.
    var temporary: String { get }
    /// Appends bytes.
    func write(_ bytes: Span<UInt8>) throws(ArchiveError)
    /// Makes the file durable, under its name.
    func commit() throws(ArchiveError)
}

/// Bytes as they are.
package final class FileStream: ByteStream {
    private let file: NewFile

    /// Writes to a file that was begun.
    package init(_ file: NewFile) { self.file = file }

    package var temporary: String { file.temporary }

    package func write(_ bytes: Span<UInt8>) throws(ArchiveError) {
        do throws(FileError) { try file.write(bytes) } catch { throw .file(error) }
    }

    package func commit() throws(ArchiveError) {
        try filed { () throws(FileError) in try file.commit() }
    }
}
