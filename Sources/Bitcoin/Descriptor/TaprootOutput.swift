public import Bytes
public import Keys

/// A taproot output key and the internal key that it was tweaked from (BIP-341).
public struct TaprootOutput: Sendable, Hashable {
    /// The key before the tweak.
    public let internalKey: XOnlyPublicKey
    /// The root of the script tree, or nil for a key without scripts.
    public let root: Digest32?
    /// The key that stands in the locking script.
    public let outputKey: XOnlyPublicKey
    /// Whether the output key's point has an odd y, which a control block says.
    public let isOdd: Bool

    /// Tweaks `internalKey` by the hash of itself and `root`; nil when the tweak is not below the
    /// group order (chance 2⁻¹²⁸).
    public init?(internalKey: XOnlyPublicKey, root: Digest32?) {
        let tweak = taggedHash("TapTweak", internalKey.bytes + (root?.array ?? []))
        guard let tweaked = internalKey.adding(tweak) else { return nil }
        self.internalKey = internalKey
        self.root = root
        outputKey = tweaked.key
        isOdd = tweaked.isOdd
    }
}
