internal import Foundation

/// A folder for its maker alone, which goes away with this object.
public final class PrivateFolder: Sendable {
    /// Its path.
    public let path: String

    /// Makes a folder in `parent`, or among the system's temporary ones.
    public init(in parent: String? = nil) throws(FileError) {
        let parent = parent ?? FileManager.default.temporaryDirectory.path
        var template = Array((parent + "/strongroom-XXXXXX").utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map {
                unsafe String(cString: $0)
            }
        }
        guard let made else { throw FileError(operation: "making a folder", path: parent) }
        path = made
    }

    deinit {
        do throws(FileError) { try removeTree(path) } catch {
            FileHandle.standardError.write(Data("left behind: \(path): \(error)\n".utf8))
        }
    }
}
