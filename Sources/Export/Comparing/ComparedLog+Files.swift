internal import Audit
internal import Bytes
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
        let bytes = try bytes(file, of: export)
        do throws(MerkleError) { return try SignedCheckpoint(parsing: bytes) } catch {
            throw .unreadable(path: export.path, reason: "its file \(file): \(error)")
        }
    }

    /// A file of an export, which must be there.
    static func bytes(
        _ file: ExportPath, of export: OpenedExport
    ) throws(ComparisonError) -> [UInt8] {
        let content: EvidenceFolder.Content
        do throws(AuditError) { content = try export.folder.read(file) } catch {
            throw .unreadable(path: export.path, reason: "\(error)")
        }
        switch content {
        case .bytes(let bytes): return bytes
        case .missing: throw .unreadable(path: export.path, reason: "it has no file \(file)")
        case .refused(let reason):
            throw .unreadable(path: export.path, reason: "its file \(file): \(reason)")
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
