public import Bytes
internal import CSecp256k1

/// A BIP-340 public key: the x coordinate of a point whose y is even.
public struct XOnlyPublicKey: Sendable, Hashable {
    /// The 32 bytes of x, big-endian.
    public let bytes: [UInt8]

    /// Parses 32 bytes, or returns nil when no point has this x ("lift_x" fails).
    public init?(_ bytes: [UInt8]) {
        var parsed = secp256k1_xonly_pubkey()
        guard bytes.count == 32,
            unsafe secp256k1_xonly_pubkey_parse(context, &parsed, bytes) == 1
        else { return nil }
        self.bytes = bytes
    }

    init(unchecked bytes: [UInt8]) { self.bytes = bytes }

    /// The point with even y as a full public key.
    public var evenPoint: PublicKey {
        guard let key = PublicKey([2] + bytes) else { preconditionFailure("x was checked") }
        return key
    }

    /// Adds `tweak`·G to the even point (BIP-341's TapTweak): the sum's x and whether its y is odd;
    /// nil when the tweak is not below the group order or the sum is infinity.
    public func adding(_ tweak: Digest32) -> (key: XOnlyPublicKey, isOdd: Bool)? {
        guard let sum = evenPoint.adding(tweak) else { return nil }
        return (sum.xOnly, sum.bytes[0] == 3)
    }

    /// Whether `signature` is a BIP-340 signature of `message` (of any length) by this key.
    public func isValid(_ signature: SchnorrSignature, for message: [UInt8]) -> Bool {
        var parsed = secp256k1_xonly_pubkey()
        guard unsafe secp256k1_xonly_pubkey_parse(context, &parsed, bytes) == 1 else {
            return false
        }
        return unsafe secp256k1_schnorrsig_verify(
            context, signature.bytes, message, message.count, &parsed) == 1
    }

    /// Whether `signature` is a BIP-340 signature of the 32 bytes of `digest` by this key.
    public func isValid(_ signature: SchnorrSignature, for digest: Digest32) -> Bool {
        isValid(signature, for: digest.array)
    }
}

/// A 64-byte BIP-340 signature. Its ranges are checked when it is verified.
public struct SchnorrSignature: Sendable, Hashable {
    /// The 64 bytes R.x ‖ s.
    public let bytes: [UInt8]

    /// Creates a signature from 64 bytes, or returns nil.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 64 else { return nil }
        self.bytes = bytes
    }
}
