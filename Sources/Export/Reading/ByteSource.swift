internal import Audit
internal import Foundation

/// A stream of bytes, read from its beginning to its end.
protocol ByteSource: AnyObject {
    /// The next bytes, at most `maximum`; none at the end alone.
    func read(_ maximum: Int) throws(AuditError) -> [UInt8]
}

/// The bytes of a file as they are.
final class FileSource: ByteSource {
    private let file: FileHandle

    init(_ file: FileHandle) { self.file = file }

    func read(_ maximum: Int) throws(AuditError) -> [UInt8] {
        do { return Array(try file.read(upToCount: min(maximum, 1 << 17)) ?? Data()) } catch {
            throw .unreadable("\(error)")
        }
    }
}
