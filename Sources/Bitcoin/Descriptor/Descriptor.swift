public import Bytes
internal import Keys

/// An output descriptor (BIP-380) of one of the kinds of wallet that Strongroom keeps.
///
/// The kinds are `wpkh(KEY)`, `wsh(multi(k,KEY,…))`, `wsh(sortedmulti(k,KEY,…))`, `tr(KEY)`,
/// `tr(UNSPENDABLE,multi_a(k,KEY,…))`, and `tr(UNSPENDABLE,sortedmulti_a(k,KEY,…))`; each KEY is an
/// xpub or tpub with an optional origin, ending `/<0;1>/*`. A value of this type has passed every
/// check, so each has one canonical ``text``, which parses to an equal value, together with
/// ``internalKeyOffset``.
public struct Descriptor: Sendable, Hashable {
    /// What the outputs are.
    public enum Kind: Sendable, Hashable {
        /// `wpkh(KEY)`: one key, P2WPKH (BIP-382).
        case witnessPublicKeyHash
        /// `wsh(multi(…))` or `wsh(sortedmulti(…))`: P2WSH (BIP-383).
        case witnessMultisig(KeyOrder)
        /// `tr(KEY)`: one key, P2TR without scripts (BIP-386).
        case taprootKey
        /// `tr(UNSPENDABLE,multi_a(…))` or `…sortedmulti_a(…)`: P2TR with one script (BIP-387).
        case taprootMultisig(UnspendableKey, KeyOrder)
    }

    /// In which order the derived keys stand in a multisig script.
    public enum KeyOrder: Sendable, Hashable {
        /// As in the descriptor: `multi`, `multi_a`.
        case given
        /// By their bytes (BIP-67): `sortedmulti`, `sortedmulti_a`.
        case sorted
    }

    /// The longest text that is read or written, in bytes.
    public static let maximumLength = 8_192

    /// How many keys a P2WSH script may have: as many as signing devices hold, of the 20 that
    /// consensus allows.
    public static let witnessKeysMax = 15

    /// How many keys a tapscript may have: more than people sign together, of the 999 that BIP-387
    /// allows.
    public static let tapscriptKeysMax = 20

    /// What the outputs are.
    public let kind: Kind
    /// How many keys have to sign.
    public let threshold: Int
    /// The keys, in the order of the text.
    public let keys: [DescriptorKey]
    /// The network that the keys are for.
    public let network: Network
    /// The canonical text: "h" for hardened steps, and the checksum.
    public let text: String

    /// Creates a descriptor from its parts, checking what the text's parser checks.
    ///
    /// Two keys are duplicates when they, or the keys derived from them, have the same x
    /// coordinate, whatever their origins say. Costs a derivation for each key.
    public init(
        _ kind: Kind, threshold: Int, keys: [DescriptorKey], network: Network
    ) throws(DescriptorError) {
        guard (1...kind.maximumKeys).contains(keys.count) else {
            throw .keyCount(found: keys.count, maximum: kind.maximumKeys)
        }
        guard (1...keys.count).contains(threshold) else {
            throw .threshold(found: threshold, keys: keys.count)
        }
        for (position, key) in keys.enumerated()
        where key.extendedKey.version.rawValue != network.extendedPublicKeyVersion {
            throw .wrongNetwork(key: position, network: network)
        }
        try Self.refuseDuplicates(keys)
        let expression = kind.expression(threshold: threshold, keys: keys.map(\.text))
        guard let checksum = descriptorChecksum(expression) else {
            preconditionFailure("every part of a descriptor is in BIP-380's characters")
        }
        text = "\(expression)#\(checksum)"
        guard text.utf8.count <= Self.maximumLength else {
            throw .tooLong(count: text.utf8.count)
        }
        self.kind = kind
        self.threshold = threshold
        self.keys = keys
        self.network = network
    }

    /// The r of an internal key H + rG, which ``text`` can not hold; nil for H, and where there is
    /// no such key.
    public var internalKeyOffset: Digest32? {
        guard case .taprootMultisig(let internalKey, _) = kind else { return nil }
        return internalKey.offset
    }

    /// The ways to spend an output: one here, `threshold` of all keys.
    public var spendPaths: [SpendPath] {
        [SpendPath(threshold: threshold, keys: Array(keys.indices))]
    }

    private static func refuseDuplicates(_ keys: [DescriptorKey]) throws(DescriptorError) {
        var seen: [XOnlyPublicKey: Int] = [:]
        for (position, key) in keys.enumerated() {
            let derived: DerivedKey
            do { derived = try key.derive(.receive, 0) } catch {
                throw .key(offset: 0, error)
            }
            for x in [key.extendedKey.key.xOnly, derived.publicKey.xOnly] {
                if let first = seen.updateValue(position, forKey: x) {
                    throw .duplicateKeys(first: first, second: position)
                }
            }
        }
    }
}

/// One way to spend the outputs of a descriptor.
public struct SpendPath: Sendable, Hashable {
    /// How many of the keys have to sign.
    public let threshold: Int
    /// The positions of the keys in ``Descriptor/keys``.
    public let keys: [Int]
}

extension Descriptor.Kind {
    /// How many keys there may be.
    public var maximumKeys: Int {
        switch self {
        case .witnessPublicKeyHash, .taprootKey: 1
        case .witnessMultisig: Descriptor.witnessKeysMax
        case .taprootMultisig: Descriptor.tapscriptKeysMax
        }
    }

    fileprivate func expression(threshold: Int, keys: [String]) -> String {
        let arguments = ([String(threshold)] + keys).joined(separator: ",")
        return switch self {
        case .witnessPublicKeyHash: "wpkh(\(keys[0]))"
        case .witnessMultisig(.given): "wsh(multi(\(arguments)))"
        case .witnessMultisig(.sorted): "wsh(sortedmulti(\(arguments)))"
        case .taprootKey: "tr(\(keys[0]))"
        case .taprootMultisig(let key, .given): "tr(\(key.hex),multi_a(\(arguments)))"
        case .taprootMultisig(let key, .sorted): "tr(\(key.hex),sortedmulti_a(\(arguments)))"
        }
    }
}
