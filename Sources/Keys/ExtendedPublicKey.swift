public import Bytes

/// A public key with the chain code that its unhardened children are derived with (BIP-32).
public struct ExtendedPublicKey: Sendable, Hashable {
    /// Which networks a serialised key is for: the four bytes that make it begin with xpub or tpub.
    public enum Version: UInt32, Sendable, Hashable {
        /// Mainnet: "xpub".
        case main = 0x0488_b21e
        /// Testnet, signet and regtest: "tpub".
        case test = 0x0435_87cf
    }

    /// The networks that the key is for.
    public let version: Version
    /// How many steps the key is away from its root.
    public let depth: UInt8
    /// The parent key's fingerprint; zero for a root.
    public let parentFingerprint: KeyFingerprint
    /// The last step that led to the key; zero for a root.
    public let childNumber: ChildNumber
    /// The second half of the key: 32 bytes of entropy shared by its children.
    public let chainCode: Digest32
    /// The key itself.
    public let key: PublicKey

    /// Creates an extended key from its parts; throws ``KeyError/rootWithParent`` when a key of
    /// depth zero names a parent or a child number.
    public init(
        version: Version, depth: UInt8, parentFingerprint: KeyFingerprint,
        childNumber: ChildNumber, chainCode: Digest32, key: PublicKey
    ) throws(KeyError) {
        guard depth > 0 || (parentFingerprint.rawValue == 0 && childNumber.rawValue == 0) else {
            throw .rootWithParent
        }
        self.version = version
        self.depth = depth
        self.parentFingerprint = parentFingerprint
        self.childNumber = childNumber
        self.chainCode = chainCode
        self.key = key
    }

    /// Parses the 78 bytes of BIP-32's serialisation, which PSBTs hold; strict in every field.
    public init(bytes: [UInt8]) throws(KeyError) {
        guard bytes.count == 78 else { throw .extendedKeyLength(found: bytes.count) }
        func word(_ offset: Int) -> UInt32 {
            bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        guard let version = Version(rawValue: word(0)) else {
            // The private versions of the same two networks, xprv and tprv.
            guard word(0) != 0x0488_ade4, word(0) != 0x0435_8394 else { throw .privateKey }
            throw .unknownVersion(word(0))
        }
        guard let chainCode = Digest32(Array(bytes[13..<45])),
            let key = PublicKey(Array(bytes[45...]))
        else { throw .notOnCurve }
        try self.init(
            version: version, depth: bytes[4],
            parentFingerprint: KeyFingerprint(rawValue: word(5)),
            childNumber: ChildNumber(rawValue: word(9)), chainCode: chainCode, key: key)
    }

    /// Parses "xpub…" or "tpub…"; strict in every field.
    public init(text: String) throws(KeyError) {
        guard let bytes = decodeBase58Check(text) else { throw .notBase58Check }
        try self.init(bytes: bytes)
    }

    /// The 78 bytes of BIP-32's serialisation.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(78)
        bytes.appendBigEndian(version.rawValue)
        bytes.append(depth)
        bytes.appendBigEndian(parentFingerprint.rawValue)
        bytes.appendBigEndian(childNumber.rawValue)
        bytes.append(chainCode)
        return bytes + key.bytes
    }

    /// The key as "xpub…" or "tpub…", 111 characters.
    public var text: String { encodeBase58Check(bytes) }

    /// The first four bytes of the key's hash160.
    public var fingerprint: KeyFingerprint { KeyFingerprint(of: key) }

    /// Derives one unhardened child ("CKDpub"); one HMAC-SHA-512 and one
    /// multiplication of the generator.
    ///
    /// Throws ``KeyError/hardenedStep(position:)``, ``KeyError/tooDeep``, or
    /// ``KeyError/noSuchChild(index:)``.
    public func child(_ number: ChildNumber) throws(KeyError) -> ExtendedPublicKey {
        guard !number.isHardened else { throw .hardenedStep(position: 0) }
        guard depth < UInt8.max else { throw .tooDeep }
        var message = key.bytes
        message.appendBigEndian(number.rawValue)
        let output = hmacSHA512(key: chainCode.array, message)
        guard let scalar = Digest32(Array(output[..<32])),
            let chainCode = Digest32(Array(output[32...])), let child = key.adding(scalar)
        else { throw .noSuchChild(index: number.index) }
        return try ExtendedPublicKey(
            version: version, depth: depth + 1, parentFingerprint: fingerprint,
            childNumber: number, chainCode: chainCode, key: child)
    }

    /// Derives along `path`; throws as ``child(_:)`` does, with the position of the step.
    public func derived(along path: DerivationPath) throws(KeyError) -> ExtendedPublicKey {
        if let position = path.steps.firstIndex(where: \.isHardened) {
            throw .hardenedStep(position: position)
        }
        var key = self
        for step in path.steps { key = try key.child(step) }
        return key
    }
}
