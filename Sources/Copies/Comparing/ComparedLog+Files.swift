internal import Audit
internal import Bytes
internal import Export
internal import Ledger
internal import Merkle

extension ComparedLog {
    /// The log's key, as the founding event names it.
    static func logKey(
        _ first: [UInt8], _ ledger: Digest32, _ path: String
    ) throws(ComparisonError) -> NoteVerifierKey {
        do throws(ExportedProofError) {
            return try FoundingFacts(entry: first, ledger: ledger).logKey
        } catch { throw .unreadable(path: path, reason: "\(error)") }
    }

    /// A signed checkpoint of an export.
    static func head(
        _ file: ExportPath, of export: OpenedExport
    ) throws(ComparisonError) -> SignedCheckpoint {
        let content = try read(export) { (folder) throws(AuditError) in
            try folder.signedCheckpoint(file)
        }
        switch content {
        case .success(let signed): return signed
        case .failure(let fault): throw .unreadable(path: export.path, reason: "\(fault)")
        }
    }

    /// A file of an export, which must be there.
    static func bytes(
        _ file: ExportPath, of export: OpenedExport
    ) throws(ComparisonError) -> [UInt8] {
        let content = try read(export) { (folder) throws(AuditError) in try folder.read(file) }
        switch content {
        case .bytes(let bytes): return bytes
        case .missing: throw .unreadable(path: export.path, reason: "it has no file \(file)")
        case .refused(let reason):
            throw .unreadable(path: export.path, reason: "its file \(file): \(reason)")
        }
    }

    /// Reads from an export's folder.
    static func read<Content>(
        _ export: OpenedExport, _ body: (EvidenceFolder) throws(AuditError) -> Content
    ) throws(ComparisonError) -> Content {
        do throws(AuditError) { return try body(export.folder) } catch {
            throw .unreadable(path: export.path, reason: "\(error)")
        }
    }

    /// Reads a ledger's database.
    static func reading<Result>(
        _ path: String, _ body: () throws(LedgerError) -> Result
    ) throws(ComparisonError) -> Result {
        do throws(LedgerError) { return try body() } catch {
            throw .unreadable(path: path, reason: "\(error)")
        }
    }
}
