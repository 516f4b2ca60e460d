import Acting
import Bytes
import Foundation
import Merkle
import Secrets

/// The keys of a witness, by their files.
enum WitnessKeys {
    /// The verifier key of a key file, under the name that its cosignatures have.
    static func verifierKey(
        of key: String, name: String, in keystore: Keystore
    ) throws -> NoteVerifierKey {
        let file = try keystore.find(try KeyName(key))
        guard case .note(.witness, let bytes) = file.publicPart, let raw = Digest32(bytes) else {
            throw CommandError.usage(
                "\(key) is a \(file.publicPart.purpose) key; make one with `strongroom key create "
                    + "NAME --witness`")
        }
        return try NoteVerifierKey(name: name, kind: .cosignature, publicKey: raw)
    }

    /// Opens the key file of this home that has the public part of `key`.
    static func signer(
        for key: NoteVerifierKey, in keystore: Keystore, _ source: PassphraseSource
    ) throws -> CheckpointSigner {
        guard let file = try keystore.noteKey(.witness, key.publicKey) else {
            throw CommandError.refused(
                "the witness key \(key.publicKey.hex) is not in \(keystore.folder)")
        }
        let passphrase = try source.read(
            prompt: "Passphrase of the witness key \(file.name): ")
        return CheckpointSigner(
            key: key, opened: try file.openNoteKey(for: .witness, passphrase))
    }
}
