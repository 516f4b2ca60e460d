public import Bytes
internal import CSecp256k1

/// The 33 bytes by which a key is known: its compressed encoding (SEC 1 §2.3.3), not yet checked to
/// be a point. COSE's `kid` and every table of keys hold this.
public struct KeyID: Sendable, Hashable {
    private let prefix: UInt8
    private let x: Digest32

    /// Creates an id from 33 bytes that start with 2 or 3, or returns nil.
    public init?(_ span: Span<UInt8>) {
        guard span.count == 33, span[0] == 2 || span[0] == 3,
            let x = Digest32(span.extracting(1..<33))
        else { return nil }
        prefix = span[0]
        self.x = x
    }

    /// Creates an id from 33 bytes that start with 2 or 3, or returns nil.
    public init?(_ bytes: [UInt8]) { self.init(bytes.span) }

    /// Creates an id from 66 hexadecimal digits, or returns nil.
    public init?(hex: String) {
        guard let bytes = decodeHex(hex) else { return nil }
        self.init(bytes)
    }

    /// The 33 bytes.
    public var bytes: [UInt8] {
        [UInt8](capacity: 33) {
            $0.append(prefix)
            $0.append(x.bytes.span)
        }
    }

    /// The 33 bytes in hexadecimal.
    public var hex: String { encodeHex(bytes) }

    fileprivate func update(_ hasher: inout SHA256Hasher) {
        hasher.update(byte: prefix)
        hasher.update(x)
    }
}

extension SHA256Hasher {
    /// Appends the 33 bytes of `key` to the message.
    public mutating func update(_ key: KeyID) { key.update(&self) }
}

extension KeyID: Comparable {
    public static func < (left: KeyID, right: KeyID) -> Bool {
        left.prefix != right.prefix ? left.prefix < right.prefix : left.x < right.x
    }
}

/// A point on secp256k1 that is not infinity, parsed and ready to verify with.
///
/// Parsing costs a square root (some 5 µs), so whoever verifies often keeps the parsed key.
public struct PublicKey: Sendable {
    /// The compressed encoding.
    public let id: KeyID
    var parsed: secp256k1_pubkey

    /// Parses a compressed key, or returns nil when its x is on no point of the curve.
    public init?(_ id: KeyID) {
        var parsed = secp256k1_pubkey()
        let bytes = id.bytes
        guard unsafe secp256k1_ec_pubkey_parse(context, &parsed, bytes, bytes.count) == 1 else {
            return nil
        }
        self.id = id
        self.parsed = parsed
    }

    /// Parses 33 compressed bytes, or returns nil.
    public init?(_ bytes: [UInt8]) {
        guard let id = KeyID(bytes) else { return nil }
        self.init(id)
    }

    private init(parsed: secp256k1_pubkey) {
        var parsed = parsed
        var bytes = [UInt8](repeating: 0, count: 33)
        var count = 33
        unsafe secp256k1_ec_pubkey_serialize(
            context, &bytes, &count, &parsed, UInt32(SECP256K1_EC_COMPRESSED))
        guard let id = KeyID(bytes) else { preconditionFailure("a parsed key serialises") }
        self.id = id
        self.parsed = parsed
    }

    /// The 33 compressed bytes.
    public var bytes: [UInt8] { id.bytes }

    /// The point's x coordinate, which is its BIP-340 public key.
    public var xOnly: XOnlyPublicKey { XOnlyPublicKey(unchecked: Array(bytes.dropFirst())) }

    /// Adds `scalar`·G to the point; nil when the scalar is not below the group order or the sum is
    /// infinity (BIP-32's public child derivation).
    public func adding(_ scalar: Digest32) -> PublicKey? {
        var sum = parsed
        guard unsafe secp256k1_ec_pubkey_tweak_add(context, &sum, scalar.array) == 1 else {
            return nil
        }
        return PublicKey(parsed: sum)
    }

    /// Whether `signature` is an ECDSA signature of `digest` by this key, with s in the lower half
    /// of the group order: the higher twin of each signature is refused (BIP-146).
    public func isValid(_ signature: ECDSASignature, for digest: Digest32) -> Bool {
        var key = parsed
        var parsedSignature = secp256k1_ecdsa_signature()
        return unsafe digest.span.withUnsafeBufferPointer { message in
            guard let message = message.baseAddress,
                unsafe signature.parse(into: &parsedSignature)
            else { return false }
            // Verification itself fails for a high s: the library only accepts the lower half.
            return unsafe secp256k1_ecdsa_verify(context, &parsedSignature, message, &key) == 1
        }
    }
}

extension PublicKey: Hashable {
    public static func == (left: PublicKey, right: PublicKey) -> Bool { left.id == right.id }
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

/// The library's constant context, which verifies and serialises but can not sign.
var context: OpaquePointer { unsafe strongroom_verifying_context() }
