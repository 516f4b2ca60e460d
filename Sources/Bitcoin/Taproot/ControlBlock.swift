public import Bytes
public import Keys

/// Proves that a taproot output commits to a script: the last item of a script path witness
/// (BIP-341).
public struct ControlBlock: Sendable, Hashable {
    /// The leaf version, which is even.
    public let leafVersion: UInt8
    /// Whether the output key's point has an odd y.
    public let isOdd: Bool
    /// The key before the tweak.
    public let internalKey: XOnlyPublicKey
    /// The sibling on each level from the leaf to the root.
    public let path: [Digest32]

    /// Reveals `leaf` of `output`, whose root must be that of the leaf's tree; nil deeper than
    /// ``TapTree/depthMax``.
    public init?(_ leaf: TapTree.Leaf, of output: TaprootOutput) {
        guard leaf.path.count <= TapTree.depthMax else { return nil }
        leafVersion = leaf.version
        isOdd = output.isOdd
        internalKey = output.internalKey
        path = leaf.path
    }

    /// Decodes 33 + 32·m bytes with m at most ``TapTree/depthMax``; nil for any other length, or
    /// when the internal key is on no point of the curve.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count >= 33, (bytes.count - 33) % 32 == 0,
            (bytes.count - 33) / 32 <= TapTree.depthMax,
            let key = XOnlyPublicKey(Array(bytes[1..<33]))
        else { return nil }
        leafVersion = bytes[0] & 0xfe
        isOdd = bytes[0] & 1 == 1
        internalKey = key
        let span = bytes.span
        path = stride(from: 33, to: bytes.count, by: 32).compactMap {
            Digest32(span.extracting($0..<$0 + 32))
        }
    }

    /// The bytes as they stand in a witness.
    public var bytes: [UInt8] {
        var bytes = [leafVersion | (isOdd ? 1 : 0)] + internalKey.bytes
        for digest in path { bytes.append(digest) }
        return bytes
    }

    /// Whether the output with `outputKey` commits to `script` by this block.
    public func proves(_ script: Script, in outputKey: XOnlyPublicKey) -> Bool {
        let root = path.reduce(TapTree.leafHash(version: leafVersion, script)) {
            TapTree.branchHash($0, $1)
        }
        guard let output = TaprootOutput(internalKey: internalKey, root: root) else {
            return false
        }
        return output.outputKey == outputKey && output.isOdd == isOdd
    }
}
