internal import Bytes
internal import CSecp256k1
public import Keys

/// A secret key with the chain code that its children, hardened or not, are derived with (BIP-32).
///
/// Key, chain code and every intermediate value are in locked memory. What the hash function leaves
/// on the stack is cleared after each derivation.
public struct ExtendedPrivateKey: ~Copyable, Sendable {
    /// The networks that the key is for.
    public let version: ExtendedPublicKey.Version
    /// How many steps the key is away from its root.
    public let depth: UInt8
    /// The parent key's fingerprint; zero for a root.
    public let parentFingerprint: KeyFingerprint
    /// The last step that led to the key; zero for a root.
    public let childNumber: ChildNumber
    /// The key itself, to sign with.
    public let key: SecretKey
    private let chainCode: SecretBytes

    /// How many bytes a seed may have (BIP-32: 128 to 512 bits).
    public static let seedByteCounts = 16...64

    /// Derives the root key of a seed of 16 to 64 bytes.
    ///
    /// Throws ``SecretsError/secretLength(accepted:found:)``, or ``SecretsError/scalarOutOfRange``
    /// for one seed in 2¹²⁷.
    public init(
        seed: borrowing SecretBytes, version: ExtendedPublicKey.Version
    ) throws(SecretsError) {
        guard Self.seedByteCounts.contains(seed.count) else {
            throw .secretLength(accepted: Self.seedByteCounts, found: seed.count)
        }
        let name = Array("Bitcoin seed".utf8)
        let output = try hmacSHA512(key: name.span, seed.span)
        let key = try SecretKey(SecretBytes(copying: output.span.extracting(..<32)))
        let chainCode = try SecretBytes(copying: output.span.extracting(32...))
        self.key = key
        self.chainCode = chainCode
        self.version = version
        depth = 0
        parentFingerprint = KeyFingerprint(rawValue: 0)
        childNumber = ChildNumber(rawValue: 0)
    }

    private init(
        child number: ChildNumber, of parent: borrowing ExtendedPrivateKey,
        key: consuming SecretKey,
        chainCode: consuming SecretBytes
    ) {
        version = parent.version
        depth = parent.depth + 1
        parentFingerprint = KeyFingerprint(of: parent.key.publicKey)
        childNumber = number
        self.key = key
        self.chainCode = chainCode
    }

    /// Derives one child ("CKDpriv"); some 150 µs.
    ///
    /// Throws ``SecretsError/extendedKey(_:)`` with `tooDeep` below depth 255, or with
    /// `noSuchChild` for one child in 2¹²⁷, for which BIP-32 says to take the next index.
    public func child(_ number: ChildNumber) throws(SecretsError) -> ExtendedPrivateKey {
        guard depth < UInt8.max else { throw .extendedKey(.tooDeep) }
        var message = try SecretBytes(count: 37)
        var span = message.mutableSpan
        if number.isHardened {
            for index in 0..<32 { span[index + 1] = key.bytes[index] }
        } else {
            let point = key.publicKey.bytes
            for index in point.indices { span[index] = point[index] }
        }
        for index in 0..<4 {
            let shift = UInt32(24 - index * 8)
            span[33 + index] = UInt8(truncatingIfNeeded: number.rawValue >> shift)
        }
        let output = try hmacSHA512(key: chainCode.span, message.span)
        var scalar = try SecretBytes(copying: key.bytes)
        let isDerived = unsafe scalar.withMutablePointer { scalar in
            unsafe output.withPointer { tweak in
                unsafe secp256k1_ec_seckey_tweak_add(
                    SigningContext.shared.pointer, scalar, tweak) == 1
            }
        }
        guard isDerived else { throw .extendedKey(.noSuchChild(index: number.index)) }
        return ExtendedPrivateKey(
            child: number, of: self, key: try SecretKey(scalar),
            chainCode: try SecretBytes(copying: output.span.extracting(32...)))
    }

    /// Derives along `path`, which must have at least one step, since a key can not be copied;
    /// throws as ``child(_:)`` does, and ``SecretsError/emptyPath``.
    public func derived(along path: DerivationPath) throws(SecretsError) -> ExtendedPrivateKey {
        guard let first = path.steps.first else { throw .emptyPath }
        var key = try child(first)
        for step in path.steps.dropFirst() { key = try key.child(step) }
        return key
    }

    /// The extended public key ("N", neutered), which derives the unhardened children's public
    /// keys.
    public var publicKey: ExtendedPublicKey {
        get throws(SecretsError) {
            guard let chainCode = Digest32(chainCode.span) else { throw .faultySignature }
            do {
                return try ExtendedPublicKey(
                    version: version, depth: depth, parentFingerprint: parentFingerprint,
                    childNumber: childNumber, chainCode: chainCode, key: key.publicKey)
            } catch { throw .extendedKey(error) }
        }
    }
}

// MARK: Serialisation

extension ExtendedPrivateKey {
    /// Parses "xprv…" or "tprv…"; strict in every field.
    ///
    /// The text is in ordinary memory already, and so are copies that decoding makes: a key that
    /// was ever written like this is as safe as the paper or screen that it was on.
    public init(text: String) throws(SecretsError) {
        guard let bytes = decodeBase58Check(text) else { throw .extendedKey(.notBase58Check) }
        guard bytes.count == 78 else { throw .extendedKey(.extendedKeyLength(found: bytes.count)) }
        func word(_ offset: Int) -> UInt32 {
            bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        let version = try Self.version(of: word(0))
        guard bytes[45] == 0 else { throw .keyPadding(found: bytes[45]) }
        guard bytes[4] > 0 || (word(5) == 0 && word(9) == 0) else {
            throw .extendedKey(.rootWithParent)
        }
        let chainCode = try SecretBytes(copying: bytes.span.extracting(13..<45))
        let key = try SecretKey(SecretBytes(copying: bytes.span.extracting(46...)))
        self.chainCode = chainCode
        self.key = key
        self.version = version
        depth = bytes[4]
        parentFingerprint = KeyFingerprint(rawValue: word(5))
        childNumber = ChildNumber(rawValue: word(9))
    }

    private static func version(of word: UInt32) throws(SecretsError) -> ExtendedPublicKey.Version {
        switch word {
        case PrivateVersion.main: return .main
        case PrivateVersion.test: return .test
        default:
            guard ExtendedPublicKey.Version(rawValue: word) == nil else { throw .publicKey }
            throw .extendedKey(.unknownVersion(word))
        }
    }

    private enum PrivateVersion {
        static let main: UInt32 = 0x0488_ade4
        static let test: UInt32 = 0x0435_8394
    }
}
