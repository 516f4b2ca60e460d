import Bytes
import Custody
import Export
import Foundation
import Ledger
import Merkle
import Secrets

/// Opens the export key of this name, or the only one of this home.
func exportSigner(
    _ name: String?, for ledger: OpenLedger, _ keys: KeyOptions
) throws -> ExportSigner {
    let keystore = try keys.keystore()
    let file = try name.map { try keystore.find(try KeyName($0)) } ?? onlyExportKey(in: keystore)
    guard case .note(.export, let bytes) = file.publicPart, let publicKey = Digest32(bytes) else {
        throw CustodyError.usage(
            "\(file.name) is a \(file.publicPart.purpose) key; exports are signed by an export "
                + "key: strongroom key create archive --export")
    }
    let passphrase = try keys.source.read(prompt: "Passphrase of the export key \(file.name): ")
    let box = NoteKeyBox(try file.openNoteKey(for: .export, passphrase))
    return try ExportSigner(origin: ledger.log.origin, publicKey: publicKey) { message in
        try? box.key.sign(message)
    }
}

private func onlyExportKey(in keystore: Keystore) throws -> KeyFile {
    let files = try keystore.list().compactMap { try? $0.file.get() }
        .filter { if case .note(.export, _) = $0.publicPart { true } else { false } }
    guard let file = files.first else {
        throw CustodyError.usage(
            "there is no export key in this home; make one: strongroom key create archive "
                + "--export")
    }
    guard files.count == 1 else {
        throw CustodyError.usage(
            "there are several export keys; name one with --key: "
                + files.map { "\($0.name)" }.joined(separator: ", "))
    }
    return file
}

/// The ledger's own `tlog-policy`, beside its database; nil when it has none.
func trustPolicy(_ ledger: OpenLedger) throws -> TrustPolicyText? {
    let path = ledger.log.folder + "/tlog-policy"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return try TrustPolicyText(
        file: try bytes(of: path, atMost: TrustPolicyText.maximumBytes + 1))
}

/// A signed checkpoint that somebody kept in a file.
func keptCheckpoint(_ path: String) throws -> SignedCheckpoint {
    do {
        return try SignedCheckpoint(parsing: try bytes(of: path, atMost: Note.maximumBytes + 1))
    } catch let error as MerkleError {
        throw CustodyError.refused("\(path) holds no signed checkpoint: \(error)")
    }
}

/// The first bytes of a file.
private func bytes(of path: String, atMost maximum: Int) throws -> [UInt8] {
    do {
        let handle = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? handle.close() }
        return Array(try handle.read(upToCount: maximum) ?? Data())
    } catch {
        throw CustodyError.refused("\(path) can not be read")
    }
}
