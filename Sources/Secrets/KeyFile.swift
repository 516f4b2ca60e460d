internal import Bytes
internal import Crypto
internal import FoundationEssentials
internal import Keys

/// One secret, sealed under a passphrase, with its public part in clear.
///
/// The file is ASCII, seven lines that each end in a line feed, single spaces between words,
/// numbers in decimal without leading zeros, bytes in lower-case hexadecimal:
///
///     strongroom-key 1
///     purpose event
///     name alice
///     public 0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798
///     kdf scrypt 131072 8 1 <salt, 32 bytes>
///     cipher chacha20-poly1305 <nonce, 12 bytes>
///     sealed <ciphertext and tag>
///
/// The sealing key is scrypt (RFC 7914) of the passphrase's bytes and the salt, with N, r and p as
/// the file says. The ciphertext is ChaCha20-Poly1305 (RFC 8439) of the secret, its associated data
/// every byte before the last line. The secret is the 32-byte secp256k1 key (`event`), the BIP-32
/// seed of 16 to 64 bytes (`wallet`; the public part is the root's xpub or tpub), or the 32-byte
/// Ed25519 seed (`log`, `export`, `witness`).
public struct KeyFile: Sendable, Hashable {
    /// What the key is called; the file is `<name>.key`.
    public let name: KeyName
    /// The purpose and the public key. Proven only once the file was opened: whoever can write the
    /// file can change these lines, and opening then fails.
    public let publicPart: PublicPart
    /// What it costs to try a passphrase.
    public let cost: ScryptCost
    let salt: [UInt8]
    let nonce: [UInt8]
    let sealed: [UInt8]

    /// The longest file that is read, in bytes: more than twice what the longest seed takes.
    public static let maximumBytes = 1024

    static let saltBytes = 32
    static let nonceBytes = 12
    static let tagBytes = 16

    /// Seals `secret` under `passphrase`.
    ///
    /// Throws ``SecretsError/passphraseLength(accepted:found:)`` for a passphrase under 8 bytes,
    /// and what ``KeyKind/publicPart(of:)`` throws when the secret is not of its kind. Takes as
    /// long as `cost` says.
    public init(
        sealing secret: borrowing SecretBytes, of kind: KeyKind, name: KeyName,
        under passphrase: borrowing Passphrase, cost: ScryptCost = .standard,
        using generator: inout some RandomNumberGenerator
    ) throws(SecretsError) {
        try passphrase.requireSealingLength()
        let publicPart = try kind.publicPart(of: secret)
        let salt = Self.random(Self.saltBytes, &generator)
        let nonce = Self.random(Self.nonceBytes, &generator)
        let header = Self.header(name, publicPart, cost, salt: salt, nonce: nonce)
        let key = try cost.key(of: passphrase, salt: salt)
        do {
            let box = try unsafe secret.span.withUnsafeBytes { secret in
                try unsafe ChaChaPoly.seal(
                    secret, using: key, nonce: ChaChaPoly.Nonce(data: nonce),
                    authenticating: Array(header.utf8))
            }
            sealed = Array(box.ciphertext) + Array(box.tag)
        } catch { throw .cipher }
        self.name = name
        self.publicPart = publicPart
        self.cost = cost
        self.salt = salt
        self.nonce = nonce
        clearStack()
    }

    /// Opens the file and checks that the secret belongs to the public part.
    ///
    /// Throws ``SecretsError/wrongPassphrase(name:)``, which a changed file also gives, since the
    /// two can not be told apart.
    public func open(_ passphrase: borrowing Passphrase) throws(SecretsError) -> SecretBytes {
        let key = try cost.key(of: passphrase, salt: salt)
        let header = Self.header(name, publicPart, cost, salt: salt, nonce: nonce)
        let opened: Data
        do {
            let box = try ChaChaPoly.SealedBox(
                nonce: ChaChaPoly.Nonce(data: nonce), ciphertext: sealed.dropLast(Self.tagBytes),
                tag: sealed.suffix(Self.tagBytes))
            opened = try ChaChaPoly.open(box, using: key, authenticating: Array(header.utf8))
        } catch { throw .wrongPassphrase(name: name.text) }
        defer {
            unsafe opened.withUnsafeBytes { unsafe clear($0) }
            clearStack()
        }
        let secret = try SecretBytes(copying: opened.span)
        guard try publicPart.kind.publicPart(of: secret) == publicPart else {
            throw .publicPartDiffers(name: name.text)
        }
        return secret
    }

    /// Seals the same secret under another passphrase, with fresh salt and nonce.
    public func resealed(
        from old: borrowing Passphrase, to new: borrowing Passphrase,
        cost: ScryptCost = .standard, using generator: inout some RandomNumberGenerator
    ) throws(SecretsError) -> KeyFile {
        try new.requireSealingLength()
        let secret = try open(old)
        return try KeyFile(
            sealing: secret, of: publicPart.kind, name: name, under: new, cost: cost,
            using: &generator)
    }

    private static func random(
        _ count: Int, _ generator: inout some RandomNumberGenerator
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<count { bytes.append(UInt8.random(in: 0...255, using: &generator)) }
        return bytes
    }
}

// MARK: What a key is opened for

extension KeyFile {
    /// Opens a key that signs events; throws ``SecretsError/purpose(name:expected:found:)`` for any
    /// other, before it asks the passphrase to do its work.
    public func openEventKey(_ passphrase: borrowing Passphrase) throws(SecretsError) -> SecretKey {
        try require("event")
        return try SecretKey(try open(passphrase))
    }

    /// Opens the root key of a wallet; throws as ``openEventKey(_:)`` does.
    public func openWalletKey(
        _ passphrase: borrowing Passphrase
    ) throws(SecretsError) -> ExtendedPrivateKey {
        try require("wallet")
        guard case .wallet(let key) = publicPart else { throw .cipher }
        return try ExtendedPrivateKey(seed: try open(passphrase), version: key.version)
    }

    /// Opens a key that signs notes of this purpose; throws as ``openEventKey(_:)`` does.
    public func openNoteKey(
        for purpose: NotePurpose, _ passphrase: borrowing Passphrase
    ) throws(SecretsError) -> NoteKey {
        try require(purpose.rawValue)
        return try NoteKey(try open(passphrase))
    }

    private func require(_ purpose: String) throws(SecretsError) {
        guard publicPart.purpose == purpose else {
            throw .purpose(name: name.text, expected: purpose, found: publicPart.purpose)
        }
    }
}
