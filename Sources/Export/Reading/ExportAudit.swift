public import Audit
internal import Events
internal import Foundation
public import Merkle

/// The full verification of an export, which changes nothing in it.
///
/// Everything is replayed from the entries, as for a ledger's folder; then the files are compared
/// with what follows: paths, manifest, tiles, checkpoints, blobs. What differs is a finding that
/// names the file and the place in it; it never stops at the first.
@dynamicMemberLookup
public struct ExportAudit {
    /// What the auditor knows and demands.
    public var terms: AuditTerms
    /// The key that must have signed the manifest, when the auditor knows it.
    public var exportKey: NoteVerifierKey?
    /// The most bytes that an archive's files may have together; nil for 64 times its own size, and
    /// 256 MiB where that is more.
    public var maximumUnpackedBytes: UInt64?

    /// Creates a verification, without anything known beforehand unless told so.
    public init(_ terms: AuditTerms = AuditTerms()) { self.terms = terms }

    /// One of the ``terms``.
    public subscript<Value>(dynamicMember path: WritableKeyPath<AuditTerms, Value>) -> Value {
        get { terms[keyPath: path] }
        set { terms[keyPath: path] = newValue }
    }

    /// Verifies the export in `folder`.
    ///
    /// - Throws: `AuditError` when nothing could be checked: no export, another ledger, newer
    ///   rules, a delta without what was kept of the entries before it.
    public func run(_ folder: String) throws(AuditError) -> AuditOutcome {
        try run(EvidenceFolder(folder))
    }

    /// Verifies the export in a `.tar` or `.tar.zst`, which is unpacked for it.
    ///
    /// - Parameter unpacked: called with the private folder that it is unpacked to, which is gone
    ///   when this returns.
    public func run(
        archive: String, unpacked: (String) -> Void = { _ in }
    ) throws(AuditError) -> AuditOutcome {
        let export = try OpenedExport(
            archive, maximumUnpackedBytes: maximumUnpackedBytes, unpacked: unpacked)
        return try withExtendedLifetime(export) { () throws(AuditError) in
            try export.verify(self)
        }
    }

    /// Verifies the tile directory at `url`.
    ///
    /// - Parameters:
    ///   - cache: where fetched files are kept, to go on from after a cut; nil keeps nothing.
    ///   - fetched: called now and then with how many of how many files have been fetched.
    public func run(
        url: String, cache: String? = nil, secondsMax: Int = 30,
        fetched: @escaping @Sendable (UInt64, UInt64) -> Void = { _, _ in }
    ) async throws(AuditError) -> AuditOutcome {
        let export = try await OpenedExport(url: url, cache: cache, secondsMax: secondsMax)
        try await export.fetch(from: terms.kept?.head.size ?? 0, progress: fetched)
        return try await run(export)
    }

    /// Verifies an export on a thread of its own, which waits for what is to be fetched.
    public func run(_ export: OpenedExport) async throws(AuditError) -> AuditOutcome {
        let audit = UncheckedTransfer(value: self)
        return try await onOwnThread { () throws(AuditError) in
            try withExtendedLifetime(export) { () throws(AuditError) in
                try export.verify(audit.value)
            }
        }
    }

    /// Compares the files of a folder with its manifest, and judges what they are: all that can be
    /// said before the entries are replayed.
    func reportOnFiles(
        _ folder: EvidenceFolder, findings: [Finding]
    ) throws(AuditError) -> AuditReport {
        var audit = ExportFolderAudit(terms, folder, exportKey: exportKey)
        for finding in findings { audit.add(finding) }
        _ = try audit.open()
        return audit.report
    }

    /// Verifies the files of a folder, of which `findings` are known already.
    package func run(
        _ folder: EvidenceFolder, findings: [Finding] = []
    ) throws(AuditError) -> AuditOutcome {
        if folder.isListed, DisclosureAudit.isDisclosure(folder) {
            return try DisclosureAudit(terms, exportKey: exportKey).run(folder, findings: findings)
        }
        let start = Date()
        var audit = ExportFolderAudit(terms, folder, exportKey: exportKey)
        for finding in findings { audit.add(finding) }
        let source = try audit.open()
        var report = audit.report
        var replay = try terms.startingReplay(of: source, &report)
        audit.resume(report)
        guard replay.size >= source.start else {
            throw .unreadable(
                "this is a delta from \(source.start) entries on: give what you kept of a "
                    + "verification of them with --since, or apply it to a replica")
        }
        if source.size == 0, replay.size == 0, audit.report.findings.isEmpty {
            throw .unfounded("there is no entry")
        }
        do throws(AuditError) {
            if audit.reaches(replay) {
                try audit.checkTree(from: replay)
                try audit.run(&replay, source)
            } else {
                audit.takeSignedHead()
            }
        } catch {
            // What stops the replay of a damaged export is one finding more; that of a sound one
            // means that it can not be judged.
            if case .otherLedger = error { throw error }
            guard !audit.report.findings.isEmpty else { throw error }
            audit.add(
                Finding(
                    position: nil, rule: .encoding, expected: "entries that can be replayed",
                    found: "\(error); nothing after that was judged"))
        }
        try audit.finish(replay)
        report = audit.report
        report.seconds = Date().timeIntervalSince(start)
        return AuditOutcome(report, replay, checkpoint: audit.heads?.newest.first)
    }
}

/// The audit's closures are called by one thread, while the caller waits.
private struct UncheckedTransfer: @unchecked Sendable {
    let value: ExportAudit
}
