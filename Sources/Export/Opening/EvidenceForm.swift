internal import Archive
internal import Foundation
internal import Merkle

/// What stands at a path or a URL that somebody names as evidence.
///
/// Every command asks here, so that one argument means the same to all of them.
public enum EvidenceForm: Sendable, Hashable {
    /// A ledger's folder, also one that is not there: whoever opens it says so.
    case ledger
    /// The folder of an export, a delta, a disclosure or a replica.
    case folder
    /// One of these as a `.tar` or a `.tar.zst`.
    case archive
    /// One of these behind a web server.
    case url
    /// A file that begins as text does, or is empty: a signed checkpoint, or a proof.
    case text

    /// Looks at what stands at `path`.
    public init(of path: String) {
        if ["http://", "https://"].contains(where: { path.lowercased().hasPrefix($0) }) {
            self = .url
            return
        }
        var isFolder: ObjCBool = false
        let files = FileManager.default
        guard unsafe files.fileExists(atPath: path, isDirectory: &isFolder) else {
            self = .ledger
            return
        }
        guard isFolder.boolValue else {
            self = Self.isText(path) ? .text : .archive
            return
        }
        let isExport = ["checkpoint", "tile", "verify", "checkpoints"].contains {
            files.fileExists(atPath: path + "/" + $0)
        }
        self = isExport && !files.fileExists(atPath: path + "/ledger.mdb") ? .folder : .ledger
    }

    /// Whether it is an export of some kind, and so nothing that can be written to.
    public var isExport: Bool {
        switch self {
        case .folder, .archive, .url: true
        case .ledger, .text: false
        }
    }

    /// Every header of a tar holds zeros, and so does every frame of zstd; no text does.
    private static func isText(_ path: String) -> Bool {
        var status = stat()
        // What is read of a pipe is gone.
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return true
        }
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? file.close() }
        guard let start = try? file.read(upToCount: 512) ?? Data() else { return false }
        return !start.starts(with: ZstdReader.magic) && !start.contains(0)
    }
}
