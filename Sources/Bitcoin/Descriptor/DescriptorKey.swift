public import Keys

/// Which of a wallet's two chains an output belongs to (BIP-44's "change" level).
public enum AddressChain: UInt32, Sendable, Hashable, CaseIterable {
    /// Addresses that are given to others: chain 0.
    case receive = 0
    /// Outputs that return what a payment leaves over: chain 1.
    case change = 1
}

/// An extended public key with its optional origin, as it stands in a descriptor, ending
/// `/<0;1>/*`.
public struct DescriptorKey: Sendable, Hashable {
    /// Where the key comes from, if its holder said so.
    public let origin: KeyOrigin?
    /// The account key that both chains are derived from.
    public let extendedKey: ExtendedPublicKey
    private let chains: [ExtendedPublicKey]

    /// What follows each key: the receive and change chains (BIP-389), and any index.
    static let suffix = "/<0;1>/*"

    /// Creates a key and derives its two chains.
    ///
    /// Throws `KeyError.tooDeep` when the key or its origin has no room for two more steps.
    public init(origin: KeyOrigin?, extendedKey: ExtendedPublicKey) throws(KeyError) {
        self.origin = origin
        self.extendedKey = extendedKey
        guard extendedKey.depth <= UInt8.max - 2,
            (origin?.path.steps.count ?? 0) <= DerivationPath.maximumSteps - 2
        else { throw .tooDeep }
        var chains: [ExtendedPublicKey] = []
        for chain in AddressChain.allCases {
            chains.append(try extendedKey.child(ChildNumber(rawValue: chain.rawValue)))
        }
        self.chains = chains
    }

    /// The key as descriptors write it.
    public var text: String { (origin?.text ?? "") + extendedKey.text + Self.suffix }

    /// Derives the key of one output: one child derivation.
    ///
    /// Throws `KeyError.noSuchChild` when `index` is not below 2³¹.
    public func derive(_ chain: AddressChain, _ index: UInt32) throws(KeyError) -> DerivedKey {
        guard let last = ChildNumber(normal: index) else { throw .noSuchChild(index: index) }
        let key = try chains[Int(chain.rawValue)].child(last).key
        // A key without a declared origin is its own root.
        let root = origin ?? KeyOrigin(fingerprint: extendedKey.fingerprint, path: .root)
        let step = ChildNumber(rawValue: chain.rawValue)
        return DerivedKey(
            publicKey: key, origin: try root.appending(step).appending(last))
    }
}

/// A key of one output, with the path that leads to it.
public struct DerivedKey: Sendable, Hashable {
    /// The derived public key.
    public let publicKey: PublicKey
    /// The root's fingerprint and the whole path from there.
    public let origin: KeyOrigin

    /// Creates a derived key.
    public init(publicKey: PublicKey, origin: KeyOrigin) {
        self.publicKey = publicKey
        self.origin = origin
    }
}
