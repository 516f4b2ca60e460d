public import Bytes
internal import Crypto

/// A public key under which lines of signed notes verify (C2SP signed-note and tlog-cosignature).
public struct NoteVerifierKey: Sendable, Hashable {
    /// What a signature of the key says, and the byte that stands for it.
    public enum Kind: UInt8, Sendable {
        /// Ed25519 over the note's text: the log's own signature.
        case ed25519 = 1
        /// `cosignature/v1`: Ed25519 over a time and the text, "the newest head I had seen then".
        case cosignature = 4
    }

    /// The key's name.
    public let name: String
    /// What its signatures say.
    public let kind: Kind
    /// The raw Ed25519 public key (RFC 8032).
    public let publicKey: Digest32
    /// The first four bytes of SHA-256(name ‖ 0x0A ‖ kind ‖ public key).
    public let id: UInt32

    /// Creates a key; throws when `name` is no key name.
    public init(name: String, kind: Kind, publicKey: Digest32) throws(MerkleError) {
        guard isKeyName(name) else { throw .verifierKey(reason: "\(name) is no key name") }
        self.name = name
        self.kind = kind
        self.publicKey = publicKey
        let hash = sha256(Array(name.utf8) + [0x0a, kind.rawValue] + publicKey.array).array
        id = hash[..<4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Creates the key that signs the checkpoints of a ledger's log, in which it goes by the log's
    /// origin; throws when `name` can not be part of one.
    public init(
        logOf ledger: Digest32, named name: String, publicKey: Digest32
    ) throws(MerkleError) {
        try self.init(
            name: Self.logOrigin(of: ledger, named: name), kind: .ed25519, publicKey: publicKey)
    }

    /// The origin of a ledger's log in its checkpoints: `<name>/<ledger id, hexadecimal>`.
    public static func logOrigin(of ledger: Digest32, named name: String) -> String {
        "\(name)/\(ledger.hex)"
    }

    /// Parses `<name>+<id>+<base64 of kind ‖ public key>`; the id must be the right one.
    public init(parsing text: String) throws(MerkleError) {
        let parts = text.split(
            separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else {
            throw .verifierKey(reason: "it is not name+id+key")
        }
        guard let bytes = decodeBase64(parts[2]), let first = bytes.first,
            let kind = Kind(rawValue: first),
            let publicKey = Digest32(Array(bytes.dropFirst()))
        else { throw .verifierKey(reason: "its key is no Ed25519 key of type 1 or 4") }
        try self.init(name: String(parts[0]), kind: kind, publicKey: publicKey)
        guard parts[1].utf8.elementsEqual(hexadecimal(id).utf8) else {
            throw .verifierKey(reason: "its id is \(parts[1]), the key's is \(hexadecimal(id))")
        }
    }

    /// The key as `<name>+<id>+<base64 of kind ‖ public key>`.
    public var encodedText: String {
        "\(name)+\(hexadecimal(id))+\(encodeBase64([kind.rawValue] + publicKey.array))"
    }

    /// Whether `signature`, a line's bytes without the key id, signs `text` under this key.
    public func isValid(_ signature: [UInt8], for text: String) -> Bool {
        let message: [UInt8]
        let raw: [UInt8]
        switch kind {
        case .ed25519: (message, raw) = (Array(text.utf8), signature)
        case .cosignature:
            guard let time = cosignatureSeconds(signature) else { return false }
            message = cosignedMessage(text, atSeconds: time)
            raw = Array(signature.dropFirst(8))
        }
        // Parsing the key fails for no 32 bytes; a key that is no point never verifies.
        guard raw.count == 64,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey.array)
        else { return false }
        return key.isValidSignature(raw, for: message)
    }

    /// Whether the owner of this key has sealed the digest for this purpose.
    public func isSeal(_ seal: [UInt8], of digest: Digest32, for purpose: String) -> Bool {
        // A note's own text could be of any form; a cosignature begins otherwise.
        guard kind == .cosignature, seal.count == 64, !purpose.utf8.contains(0x0a),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey.array)
        else { return false }
        return key.isValidSignature(seal, for: sealedMessage(digest, for: purpose))
    }
}

/// What a seal signs: three lines, the first of which no cosignature begins with.
func sealedMessage(_ digest: Digest32, for purpose: String) -> [UInt8] {
    Array("strongroom-seal/v1\n\(purpose)\n\(digest.hex)\n".utf8)
}

/// The time in a `cosignature/v1`, in seconds since 1970; nil unless it has its 72 bytes and its
/// time is below 2^63.
public func cosignatureSeconds(_ signature: [UInt8]) -> UInt64? {
    guard signature.count == 72 else { return nil }
    let seconds = signature[..<8].reduce(0) { $0 << 8 | UInt64($1) }
    return seconds < 1 << 63 ? seconds : nil
}

/// What a `cosignature/v1` signs: two lines before the checkpoint's text.
func cosignedMessage(_ text: String, atSeconds seconds: UInt64) -> [UInt8] {
    Array("cosignature/v1\ntime \(seconds)\n\(text)".utf8)
}
