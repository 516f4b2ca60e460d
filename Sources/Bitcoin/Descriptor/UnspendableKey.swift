public import Bytes
public import Keys

/// A taproot internal key that provably no one can sign with: BIP-341's H, or H + rG for a given r.
///
/// H itself shows an observer of a spend that the key path was never usable; H + rG with a random r
/// does not, and r on record proves the same to an auditor.
public struct UnspendableKey: Sendable, Hashable {
    /// BIP-341's point without a known discrete logarithm: the x coordinate is the SHA-256 of the
    /// generator's uncompressed encoding.
    public static let h: XOnlyPublicKey = {
        guard
            let bytes = decodeHex(
                "50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0"),
            let key = XOnlyPublicKey(bytes)
        else { preconditionFailure("BIP-341's H is on the curve") }
        return key
    }()

    /// r, or nil for H itself.
    public let offset: Digest32?
    /// The internal key.
    public let key: XOnlyPublicKey

    /// H itself.
    public init() {
        offset = nil
        key = Self.h
    }

    /// H + rG, or nil when r is zero or not below the group order.
    public init?(offset: Digest32) {
        guard offset != .zero, let sum = Self.h.adding(offset) else { return nil }
        self.offset = offset
        key = sum.key
    }

    /// The 32 bytes of the internal key in hexadecimal, as descriptors write it.
    public var hex: String { encodeHex(key.bytes) }
}
