import Acting
import Bytes
import Export
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
        throw CommandError.usage(
            "\(file.name) is a \(file.publicPart.purpose) key; exports are signed by an export "
                + "key: strongroom key create archive --export")
    }
    let passphrase = try keys.source.read(prompt: "Passphrase of the export key \(file.name): ")
    return try ExportSigner(
        origin: ledger.log.origin, publicKey: publicKey,
        sign: try file.openNoteKey(for: .export, passphrase).signing())
}

private func onlyExportKey(in keystore: Keystore) throws -> KeyFile {
    let files = try keystore.list().compactMap { try? $0.file.get() }
        .filter { if case .note(.export, _) = $0.publicPart { true } else { false } }
    guard let file = files.first else {
        throw CommandError.usage(
            "there is no export key in this home; make one: strongroom key create archive "
                + "--export")
    }
    guard files.count == 1 else {
        throw CommandError.usage(
            "there are several export keys; name one with --key: "
                + files.map { "\($0.name)" }.joined(separator: ", "))
    }
    return file
}
