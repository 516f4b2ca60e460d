internal import Audit
internal import Bytes
internal import Foundation
internal import Merkle

/// The check of a disclosure: every file, every proof and every signature of the events that are
/// here. Whether they were allowed takes the events before them, and is not judged.
package struct DisclosureAudit {
    private let terms: AuditTerms
    private let exportKey: NoteVerifierKey?

    /// Creates a check with what the auditor knows and demands.
    init(_ terms: AuditTerms, exportKey: NoteVerifierKey?) {
        self.terms = terms
        self.exportKey = exportKey
    }

    /// Whether the folder holds a disclosure rather than an export of the whole log.
    package static func isDisclosure(_ folder: EvidenceFolder) -> Bool {
        FileManager.default.fileExists(atPath: "\(folder.path)/disclosed")
    }

    /// Checks the disclosure in `folder`.
    ///
    /// - Throws: ``AuditError`` when nothing could be checked: no founding event, another ledger.
    func run(
        _ folder: EvidenceFolder, findings: [Finding]
    ) throws(AuditError) -> AuditOutcome {
        guard terms.kept == nil else {
            throw .unreadable(
                "this is a disclosure of some events: what you kept of a verification is of no "
                    + "use with it; give a checkpoint with --since, or nothing")
        }
        let start = Date()
        var audit = try DisclosureFolderAudit(folder, terms.ledgerID)
        audit.add(findings)
        try audit.checkFiles(exportKey)
        try audit.checkHead(terms)
        try audit.checkEvents()
        try audit.checkBlobs()
        var report = audit.finished
        report.seconds = Date().timeIntervalSince(start)
        return AuditOutcome(report, nil, checkpoint: nil)
    }
}
