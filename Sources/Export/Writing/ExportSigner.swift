public import Bytes
internal import Crypto
public import Merkle

/// The export key: what vouches for the files that left the house, and for nothing else.
public struct ExportSigner: Sendable {
    /// The key under which manifests verify; its name is `<origin>/export`.
    public let key: NoteVerifierKey
    private let sign: @Sendable ([UInt8]) -> [UInt8]?

    /// Creates a signer for exports of the log called `origin` that asks `sign` for the 64-byte
    /// Ed25519 signature of a message; nil refuses.
    public init(
        origin: String, publicKey: Digest32, sign: @escaping @Sendable ([UInt8]) -> [UInt8]?
    ) throws(ExportError) {
        key = try proven { () throws(MerkleError) in
            try NoteVerifierKey(name: "\(origin)/export", kind: .ed25519, publicKey: publicKey)
        }
        self.sign = sign
    }

    /// Signs a note's text, and verifies the signature before it is handed out.
    func note(_ text: String) throws(ExportError) -> Note {
        guard let signature = sign(Array(text.utf8)), key.isValid(signature, for: text),
            let line = NoteSignature(name: key.name, keyID: key.id, bytes: signature)
        else { throw .unsigned(key: key.name) }
        return try proven { () throws(MerkleError) in
            try Note(text: text, signatures: [line])
        }
    }
}

extension ExportSigner {
    /// Creates a signer from an Ed25519 seed of 32 bytes (RFC 8032 §5.1.5), for keys that are not
    /// worth locked memory: those of tests and measurements.
    public init(origin: String, seed: Digest32) throws(ExportError) {
        guard let secret = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed.array),
            let publicKey = Digest32(Array(secret.publicKey.rawRepresentation))
        else { throw .unsigned(key: "\(origin)/export") }
        try self.init(origin: origin, publicKey: publicKey) { message in
            (try? secret.signature(for: message)).map { Array($0) }
        }
    }
}
