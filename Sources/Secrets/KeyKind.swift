internal import Bytes
public import Keys

/// What a key is for, and so what its secret is.
public enum KeyKind: Sendable, Hashable {
    /// Signs events: a secp256k1 key of 32 bytes.
    case event
    /// Signs transactions: a BIP-32 seed of 16 to 64 bytes, for mainnet or for the test networks.
    case wallet(ExtendedPublicKey.Version)
    /// Signs notes: an Ed25519 seed of 32 bytes.
    case note(NotePurpose)

    /// Draws a new secret of this kind; a wallet's has 32 bytes.
    public func newSecret(
        using generator: inout some RandomNumberGenerator
    ) throws(SecretsError) -> SecretBytes {
        guard case .event = self else { return try SecretBytes(random: 32, using: &generator) }
        return try SecretBytes(copying: SecretKey(random: &generator).bytes)
    }

    /// Computes the public part of a secret of this kind; throws when it is none.
    public func publicPart(of secret: borrowing SecretBytes) throws(SecretsError) -> PublicPart {
        switch self {
        case .event: .event(try SecretKey(SecretBytes(copying: secret.span)).publicKey)
        case .wallet(let version):
            .wallet(try ExtendedPrivateKey(seed: secret, version: version).publicKey)
        case .note(let purpose):
            .note(purpose, try NoteKey(SecretBytes(copying: secret.span)).publicKey)
        }
    }
}

/// What the notes are that a key signs. Keys of one purpose are never used for another, since what
/// they say differs.
public enum NotePurpose: String, Sendable, CaseIterable {
    /// Checkpoints of the owner's own log.
    case log
    /// Manifests of exports.
    case export
    /// Cosignatures of checkpoints: their tree extends every one that the key cosigned before.
    case witness
}

/// What everybody may know of a key: its purpose and what verifies or derives with it.
public enum PublicPart: Sendable, Hashable {
    /// The key that verifies events.
    case event(PublicKey)
    /// The root of the wallet's public keys.
    case wallet(ExtendedPublicKey)
    /// The 32 bytes that verify notes.
    case note(NotePurpose, [UInt8])

    /// The kind of key that has this public part.
    public var kind: KeyKind {
        switch self {
        case .event: .event
        case .wallet(let key): .wallet(key.version)
        case .note(let purpose, _): .note(purpose)
        }
    }

    /// The purpose as key files write it: "event", "wallet", "log", "export" or "witness".
    public var purpose: String {
        switch self {
        case .event: "event"
        case .wallet: "wallet"
        case .note(let purpose, _): purpose.rawValue
        }
    }

    /// The key as key files write it: hexadecimal, or "xpub…" or "tpub…" for a wallet.
    public var text: String {
        switch self {
        case .event(let key): key.id.hex
        case .wallet(let key): key.text
        case .note(_, let bytes): encodeHex(bytes)
        }
    }

    /// Parses a public part, or returns nil.
    init?(purpose: String, text: String) {
        switch purpose {
        case "event":
            guard let key = KeyID(hex: text).flatMap({ PublicKey($0) }) else { return nil }
            self = .event(key)
        case "wallet":
            // The caller names the line that is wrong; what is wrong inside the key adds nothing.
            guard let key = try? ExtendedPublicKey(text: text), key.depth == 0 else { return nil }
            self = .wallet(key)
        default:
            guard let purpose = NotePurpose(rawValue: purpose), let bytes = decodeHex(text),
                bytes.count == 32
            else { return nil }
            self = .note(purpose, bytes)
        }
        guard self.text == text else { return nil }
    }
}
