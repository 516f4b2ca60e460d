package import Audit
internal import Bytes
internal import Files
internal import Foundation

/// Everything below an export's folder, in ascending order of the paths' bytes.
package struct FolderWalk {
    /// What stands at a path that no export has, or is no file.
    package struct Stranger {
        let path: String
        let reason: String
    }

    private let root: String
    private let take: (ExportPath) throws(AuditError) -> Void
    private let refuse: (Stranger) -> Void

    /// The most names in one folder.
    static let maximumNames = 1_000_000
    /// How deep folders may lie in each other.
    private static let maximumDepth = 12

    /// Walks; `take` gets each file of an export, `refuse` everything else.
    package static func run(
        _ folder: String, take: (ExportPath) throws(AuditError) -> Void,
        refuse: (Stranger) -> Void
    ) throws(AuditError) {
        try withoutActuallyEscaping(refuse) { refuse throws(AuditError) in
            try withoutActuallyEscaping(take) { take throws(AuditError) in
                try FolderWalk(root: folder, take: take, refuse: refuse).walk("", depth: 0)
            }
        }
    }

    private func walk(_ prefix: String, depth: Int) throws(AuditError) {
        for name in try names(in: prefix) {
            let isFolder = name.last == UInt8(ascii: "/")
            guard
                let text = String(validating: isFolder ? name.dropLast() : name[...], as: UTF8.self)
            else {
                refuse(
                    Stranger(
                        path: prefix + String(decoding: name, as: UTF8.self),
                        reason: "a name that is not UTF-8"))
                continue
            }
            let path = prefix + text
            if isFolder {
                guard depth < Self.maximumDepth else {
                    refuse(Stranger(path: path, reason: "a folder too deep"))
                    continue
                }
                try walk(path + "/", depth: depth + 1)
            } else if let file = ExportPath(path) {
                try take(file)
            } else {
                refuse(Stranger(path: path, reason: "no file of an export has this path"))
            }
        }
    }

    /// The names in a folder, sorted as the paths below them are: a folder's ends in a slash.
    private func names(in prefix: String) throws(AuditError) -> [[UInt8]] {
        let path = root + "/" + prefix
        guard let folder = unsafe opendir(path) else {
            throw .unreadable("\(path): \(systemReason(errno))")
        }
        defer { unsafe closedir(folder) }
        var names: [[UInt8]] = []
        while let entry = unsafe readdir(folder) {
            var name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe Array(bytes.prefix { $0 != 0 })
            }
            guard name != [0x2e], name != [0x2e, 0x2e] else { continue }
            guard names.count < Self.maximumNames else {
                throw .unreadable(
                    "\(path) holds more than \(Self.maximumNames) files, as no export does")
            }
            if isFolder(path + String(decoding: name, as: UTF8.self)) { name.append(0x2f) }
            names.append(name)
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
