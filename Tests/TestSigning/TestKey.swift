public import Bytes
internal import CSecp256k1
public import Keys

/// An extended private key for tests only: in plain memory, in every copy, and never wiped.
public struct TestKey: Sendable {
    private let secret: Digest32
    /// The public half.
    public let publicKey: ExtendedPublicKey

    /// BIP-32's root key of `seed`, for the test networks.
    public init(seed: [UInt8]) throws {
        let output = hmacSHA512(key: Array("Bitcoin seed".utf8), seed)
        self = try TestKey(
            secret: try digest(output[..<32]), chainCode: try digest(output[32...]), depth: 0,
            parent: KeyFingerprint(rawValue: 0), number: ChildNumber(rawValue: 0), version: .test)
    }

    /// Parses "xprv…" or "tprv…" without the checks of a wallet.
    public init(text: String) throws {
        guard let bytes = decodeBase58Check(text), bytes.count == 78 else { throw Failure.text }
        func word(_ start: Int) -> UInt32 {
            bytes[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        self = try TestKey(
            secret: try digest(bytes[46...]), chainCode: try digest(bytes[13..<45]),
            depth: bytes[4], parent: KeyFingerprint(rawValue: word(5)),
            number: ChildNumber(rawValue: word(9)),
            version: word(0) == 0x0488_ade4 ? .main : .test)
    }

    private init(
        secret: Digest32, chainCode: Digest32, depth: UInt8, parent: KeyFingerprint,
        number: ChildNumber, version: ExtendedPublicKey.Version
    ) throws {
        self.secret = secret
        publicKey = try ExtendedPublicKey(
            version: version, depth: depth, parentFingerprint: parent, childNumber: number,
            chainCode: chainCode, key: try TestKey.publicKey(of: secret))
    }

    /// "xprv…" or "tprv…", for judges.
    public var text: String {
        var bytes = publicKey.bytes
        let version: [UInt8] =
            publicKey.version == .main ? [0x04, 0x88, 0xad, 0xe4] : [0x04, 0x35, 0x83, 0x94]
        bytes.replaceSubrange(0..<4, with: version)
        bytes.replaceSubrange(45..<78, with: [0] + secret.array)
        return encodeBase58Check(bytes)
    }

    /// Derives one child, hardened or not.
    public func child(_ number: ChildNumber) throws -> TestKey {
        var message = number.isHardened ? [0] + secret.array : publicKey.key.bytes
        message.appendBigEndian(number.rawValue)
        let output = hmacSHA512(key: publicKey.chainCode.array, message)
        return try TestKey(
            secret: try sum(secret, try digest(output[..<32])),
            chainCode: try digest(output[32...]), depth: publicKey.depth + 1,
            parent: publicKey.fingerprint, number: number, version: publicKey.version)
    }

    /// Derives along `path`.
    public func derived(_ path: String) throws -> TestKey {
        try DerivationPath(text: path).steps.reduce(self) { key, step in try key.child(step) }
    }

    /// The public key of a raw secret.
    public static func publicKey(of secret: Digest32) throws -> PublicKey {
        var parsed = secp256k1_pubkey()
        guard unsafe secp256k1_ec_pubkey_create(signing, &parsed, secret.array) == 1 else {
            throw Failure.secret
        }
        var bytes = [UInt8](repeating: 0, count: 33)
        var count = 33
        unsafe secp256k1_ec_pubkey_serialize(
            signing, &bytes, &count, &parsed, UInt32(SECP256K1_EC_COMPRESSED))
        guard let key = PublicKey(bytes) else { throw Failure.secret }
        return key
    }

    /// Signs with ECDSA, low s, as RFC 6979 says.
    public func ecdsa(_ digest: Digest32) throws -> ECDSASignature {
        var signature = secp256k1_ecdsa_signature()
        guard
            unsafe secp256k1_ecdsa_sign(
                signing, &signature, digest.array, secret.array, nil, nil) == 1
        else { throw Failure.secret }
        var bytes = [UInt8](repeating: 0, count: 64)
        unsafe secp256k1_ecdsa_signature_serialize_compact(signing, &bytes, &signature)
        guard let result = ECDSASignature(bytes) else { throw Failure.secret }
        return result
    }

    /// Signs as BIP-340 says without auxiliary randomness; with `tweak`, by the tweaked key.
    public func schnorr(_ digest: Digest32, tweak: Digest32? = nil) throws -> SchnorrSignature {
        var pair = secp256k1_keypair()
        guard unsafe secp256k1_keypair_create(signing, &pair, secret.array) == 1 else {
            throw Failure.secret
        }
        if let tweak {
            guard unsafe secp256k1_keypair_xonly_tweak_add(signing, &pair, tweak.array) == 1 else {
                throw Failure.secret
            }
        }
        var bytes = [UInt8](repeating: 0, count: 64)
        guard
            unsafe secp256k1_schnorrsig_sign32(signing, &bytes, digest.array, &pair, nil) == 1,
            let signature = SchnorrSignature(bytes)
        else { throw Failure.secret }
        return signature
    }

    /// Why a test key could not be made; always the test's mistake.
    public enum Failure: Error { case text, secret }
}

private func digest(_ bytes: ArraySlice<UInt8>) throws -> Digest32 {
    guard let digest = Digest32(Array(bytes)) else { throw TestKey.Failure.text }
    return digest
}

private func sum(_ secret: Digest32, _ tweak: Digest32) throws -> Digest32 {
    var bytes = secret.array
    guard unsafe secp256k1_ec_seckey_tweak_add(signing, &bytes, tweak.array) == 1 else {
        throw TestKey.Failure.secret
    }
    return try digest(bytes[...])
}

private nonisolated(unsafe) let signing: OpaquePointer = {
    guard let context = unsafe secp256k1_context_create(UInt32(SECP256K1_CONTEXT_SIGN)) else {
        preconditionFailure("the library makes a context or ends the process")
    }
    return unsafe context
}()
