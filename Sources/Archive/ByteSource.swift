package import Foundation

/// A stream of bytes, read from its beginning to its end.
package protocol ByteSource: AnyObject {
    /// The next bytes, at most `maximum`; none at the end alone.
    func read(_ maximum: Int) throws(ArchiveError) -> [UInt8]
}

/// The bytes of a file as they are.
package final class FileSource: ByteSource {
    private let file: FileHandle

    /// Reads an open file from where it stands.
    package init(_ file: FileHandle) { self.file = file }

    package func read(_ maximum: Int) throws(ArchiveError) -> [UInt8] {
        do { return Array(try file.read(upToCount: min(maximum, 1 << 17)) ?? Data()) } catch {
            throw .malformed("it can not be read: \(error.localizedDescription)")
        }
    }
}
