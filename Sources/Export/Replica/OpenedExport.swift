internal import Audit
internal import Foundation

/// An export to take from: a folder, or an archive that is unpacked for as long as this lives.
final class OpenedExport {
    let path: String
    let folder: EvidenceFolder
    private let findings: [Finding]
    private let unpacked: UnpackedExport?

    init(_ path: String) throws(ReplicaRefusal) {
        self.path = path
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .unreadable("there is no export \(path)")
        }
        if isFolder.boolValue {
            (unpacked, findings) = (nil, [])
            folder = EvidenceFolder(path)
            return
        }
        do throws(AuditError) {
            let export = try UnpackedExport(
                path, maximumBytes: ExportAudit().maximumUnpackedBytes, created: { _ in })
            (unpacked, findings) = (export, export.findings)
            folder = EvidenceFolder(export.path)
        } catch { throw .unreadable("\(error)") }
    }

    /// Verifies it whole.
    func verify(_ terms: AuditTerms) throws(ReplicaRefusal) -> AuditOutcome {
        do throws(AuditError) {
            return try ExportAudit(terms).run(folder, findings: findings)
        } catch { throw .unreadable("the export can not be checked: \(error)") }
    }
}

extension EvidenceFolder {
    /// Whether there is something of this name.
    func has(_ file: ExportPath) -> Bool {
        FileManager.default.fileExists(atPath: "\(path)/\(file)")
    }
}
