public import Bytes
internal import Crypto

/// What signs checkpoints: a public key and the means to sign under it, be it a seed held by the
/// caller's process or a device behind the closure.
public struct CheckpointSigner: Sendable {
    /// The key under which the lines verify.
    public let key: NoteVerifierKey
    private let sign: @Sendable ([UInt8]) -> [UInt8]?

    /// Creates a signer that asks `sign` for the 64-byte Ed25519 signature of a message; nil
    /// refuses.
    public init(key: NoteVerifierKey, sign: @escaping @Sendable ([UInt8]) -> [UInt8]?) {
        self.key = key
        self.sign = sign
    }

    /// Creates a signer from an Ed25519 seed of 32 bytes (RFC 8032 §5.1.5).
    public init(
        name: String, kind: NoteVerifierKey.Kind = .ed25519, seed: Digest32
    ) throws(MerkleError) {
        guard let secret = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed.array),
            let publicKey = Digest32(Array(secret.publicKey.rawRepresentation))
        else { throw .signing(name: name) }
        key = try NoteVerifierKey(name: name, kind: kind, publicKey: publicKey)
        sign = { message in (try? secret.signature(for: message)).map { Array($0) } }
    }

    /// Signs `checkpoint`, whose origin must be the key's name, and verifies the signature before
    /// it is returned.
    public func sign(_ checkpoint: Checkpoint) throws(MerkleError) -> VerifiedCheckpoint {
        guard key.kind == .ed25519, checkpoint.origin.utf8.elementsEqual(key.name.utf8) else {
            throw .signing(name: key.name)
        }
        let line = try line(sign(Array(checkpoint.text.utf8)), for: checkpoint.text)
        return VerifiedCheckpoint(
            unchecked: try SignedCheckpoint(Note(text: checkpoint.text, signatures: [line])))
    }

    /// Makes a `cosignature/v1` line for a checkpoint that this key's owner has checked to extend
    /// the newest one he knew; `seconds` counts from 1970.
    public func cosign(
        _ checkpoint: VerifiedCheckpoint, atSeconds seconds: UInt64
    ) throws(MerkleError) -> NoteSignature {
        guard key.kind == .cosignature, seconds < 1 << 63 else { throw .signing(name: key.name) }
        let text = checkpoint.signed.note.text
        guard let signature = sign(cosignedMessage(text, atSeconds: seconds)) else {
            throw .signing(name: key.name)
        }
        var timed: [UInt8] = []
        timed.appendBigEndian(seconds)
        return try line(timed + signature, for: text)
    }

    /// Signs what this key's owner keeps for himself, so that nobody else's is taken for it: 64
    /// bytes that are neither a note's signature nor a cosignature. `purpose` is one line.
    public func seal(_ digest: Digest32, for purpose: String) throws(MerkleError) -> [UInt8] {
        guard let seal = sign(sealedMessage(digest, for: purpose)),
            key.isSeal(seal, of: digest, for: purpose)
        else { throw .signing(name: key.name) }
        return seal
    }

    private func line(_ bytes: [UInt8]?, for text: String) throws(MerkleError) -> NoteSignature {
        guard let bytes, key.isValid(bytes, for: text),
            let line = NoteSignature(name: key.name, keyID: key.id, bytes: bytes)
        else { throw .signing(name: key.name) }
        return line
    }
}
