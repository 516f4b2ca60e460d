import Bytes
import Export
import Ledger
import Merkle

extension LedgerFolder {
    /// Writes the log's export, as the product does for a ledger of which it knows nothing bad.
    func export(to folder: String) throws {
        let seed = sha256(Array("the export key of tests".utf8))
        let signer = try ExportSigner(origin: log.origin, seed: seed)
        _ = try LogExport(signer: signer).write(log, to: .folder(folder))
    }
}
