internal import Bytes

/// What a person types to open a key file: 1 to 1,024 bytes in locked memory, taken as they come,
/// without any normalisation.
public struct Passphrase: ~Copyable, Sendable {
    let bytes: SecretBytes

    /// The fewest bytes with which a key may be sealed. Opening accepts fewer, so that a wrong
    /// passphrase is called wrong and not short.
    public static let minimumBytes = 8
    /// The most bytes.
    public static let maximumBytes = 1024
    /// How many bytes a key can be sealed with, and what a refusal of another length names.
    static let acceptedBytes = minimumBytes...maximumBytes

    /// Takes a secret; throws ``SecretsError/passphraseLength(accepted:found:)`` when it is empty
    /// or longer than 1,024 bytes.
    public init(_ bytes: consuming SecretBytes) throws(SecretsError) {
        guard (1...Self.maximumBytes).contains(bytes.count) else {
            throw .passphraseLength(accepted: Self.acceptedBytes, found: bytes.count)
        }
        self.bytes = bytes
    }

    /// Throws ``SecretsError/passphraseLength(accepted:found:)`` under the minimum for sealing.
    func requireSealingLength() throws(SecretsError) {
        guard Self.acceptedBytes.contains(bytes.count) else {
            throw .passphraseLength(accepted: Self.acceptedBytes, found: bytes.count)
        }
    }
}
