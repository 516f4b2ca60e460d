public import Audit
public import Bytes
internal import Events
internal import Foundation
public import Merkle

/// The check of a disclosure: every file, every proof and every signature of the events that are
/// here. Whether they were allowed takes the events before them, and is not judged.
public struct DisclosureAudit {
    /// The id that the ledger must have, when the auditor knows it.
    public var ledgerID: Digest32?
    /// An older checkpoint of the log that the auditor has kept.
    public var since: SignedCheckpoint?
    /// The key that must have signed the manifest, when the auditor knows it.
    public var exportKey: NoteVerifierKey?

    /// Creates a check without anything known beforehand.
    public init() {}

    /// Whether the folder holds a disclosure rather than an export of the whole log.
    public static func isDisclosure(_ folder: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(folder)/disclosed")
    }

    /// Checks the disclosure in `folder`.
    ///
    /// - Throws: ``AuditError`` when nothing could be checked: no founding event, another ledger.
    public func run(_ folder: String) throws(AuditError) -> AuditReport {
        let start = Date()
        var audit = try RunningDisclosureAudit(EvidenceFolder(folder), ledgerID)
        try audit.checkFiles(exportKey)
        audit.checkHead(since)
        try audit.checkEvents()
        try audit.checkBlobs()
        var report = audit.finished
        report.seconds = Date().timeIntervalSince(start)
        return report
    }
}
