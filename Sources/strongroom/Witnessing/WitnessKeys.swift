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
        for listing in try keystore.list() {
            guard case .success(let file) = listing.file,
                case .note(.witness, let bytes) = file.publicPart, bytes == key.publicKey.array
            else { continue }
            let passphrase = try source.read(
                prompt: "Passphrase of the witness key \(file.name): ")
            let box = NoteKeyBox(try file.openNoteKey(for: .witness, passphrase))
            return CheckpointSigner(key: key) { message in try? box.key.sign(message) }
        }
        throw CommandError.refused(
            "the witness key \(key.publicKey.hex) is not in \(keystore.folder)")
    }
}
