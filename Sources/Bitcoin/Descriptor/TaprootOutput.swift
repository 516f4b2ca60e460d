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

/// A tapscript with what a witness needs to reveal it (BIP-341, BIP-342).
public struct TapLeaf: Sendable, Hashable {
    /// The leaf version of BIP-342's tapscript.
    public static let version: UInt8 = 0xc0

    /// The script.
    public let script: Script
    /// The leaf's hash, which signatures commit to.
    public let hash: Digest32
    /// Version and parity, internal key, and the path to the root.
    public let controlBlock: [UInt8]

    /// Takes the only script of `output`'s tree, so that the path to the root is empty.
    init(script: Script, onlyLeafOf output: TaprootOutput) {
        self.script = script
        hash = Self.hash(of: script)
        controlBlock = [Self.version | (output.isOdd ? 1 : 0)] + output.internalKey.bytes
    }

    /// Computes the hash of a leaf of version 0xc0 ("TapLeaf").
    public static func hash(of script: Script) -> Digest32 {
        var message: [UInt8] = [version]
        message.append(lengthPrefixed: script.bytes)
        return taggedHash("TapLeaf", message)
    }
}
