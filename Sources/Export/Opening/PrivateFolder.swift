public import Audit
internal import Foundation

/// A folder for its maker alone, which goes away with this object.
public final class PrivateFolder: Sendable {
    /// Its path.
    public let path: String

    /// Makes a folder among the system's temporary ones.
    public init() throws(AuditError) {
        var template = Array(
            (FileManager.default.temporaryDirectory.path + "/strongroom-XXXXXX").utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map {
                unsafe String(cString: $0)
            }
        }
        guard let made else { throw .unreadable("a temporary folder: \(systemReason(errno))") }
        path = made
    }

    deinit { UnpackedExport.remove(path) }
}
