internal import Crypto

/// An Ed25519 secret key (RFC 8032) that signs notes, such as a log's checkpoints: a seed of 32
/// bytes in locked memory.
///
/// The working form is made for each signature and cleared after it; that costs some 20 µs, once
/// for every note.
public struct NoteKey: ~Copyable, Sendable {
    private let seed: SecretBytes
    /// The 32 bytes that verify what this key signs.
    public let publicKey: [UInt8]

    /// How many bytes a seed has.
    public static let byteCount = 32

    /// Takes a seed; throws ``SecretsError/secretLength(accepted:found:)``. Every seed is a key.
    public init(_ seed: consuming SecretBytes) throws(SecretsError) {
        publicKey = Array(try Self.workingKey(of: seed).publicKey.rawRepresentation)
        self.seed = seed
    }

    /// Signs `message`: 64 bytes.
    public func sign(_ message: [UInt8]) throws(SecretsError) -> [UInt8] {
        let key = try Self.workingKey(of: seed)
        let signature: [UInt8]
        do { signature = try Array(key.signature(for: message)) } catch { throw .faultySignature }
        guard key.publicKey.isValidSignature(signature, for: message) else {
            throw .faultySignature
        }
        clearStack()
        return signature
    }

    private static func workingKey(
        of seed: borrowing SecretBytes
    ) throws(SecretsError) -> Curve25519.Signing.PrivateKey {
        guard seed.count == byteCount else {
            throw .secretLength(accepted: byteCount...byteCount, found: seed.count)
        }
        do {
            return try unsafe seed.span.withUnsafeBytes { seed in
                try unsafe Curve25519.Signing.PrivateKey(rawRepresentation: seed)
            }
        } catch { throw .faultySignature }
    }
}
