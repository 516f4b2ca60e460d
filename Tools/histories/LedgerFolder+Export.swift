import Bytes
import Crypto
import Export
import Foundation
import Ledger
import Merkle
import StateTestSupport

extension LedgerFolder {
    /// The secret of the key that vouches for the exports.
    private static let exportSeed = sha256(Array("the export key of tests".utf8))

    /// Writes the log's export, as the product does for a ledger of which it knows nothing bad.
    func export(to folder: String) throws {
        let secret = try Curve25519.Signing.PrivateKey(
            rawRepresentation: Self.exportSeed.array)
        guard let key = Digest32(Array(secret.publicKey.rawRepresentation)) else {
            preconditionFailure("an Ed25519 key has 32 bytes")
        }
        let bytes = secret.rawRepresentation
        let signer = try ExportSigner(origin: log.origin, publicKey: key) { text in
            let secret = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
            return (try? secret?.signature(for: Data(text))).map { Array($0) }
        }
        _ = try LogExport(signer: signer).write(log, to: .folder(folder))
    }
}
