public import Bytes
internal import CSecp256k1
public import Keys

/// A secp256k1 secret key: a number from 1 to the group order less one, in locked memory.
///
/// Every signature is verified before it is returned, some 50 µs, so that a fault of the machine in
/// the middle of signing never releases a signature that gives the key away.
public struct SecretKey: ~Copyable, Sendable {
    private let scalar: SecretBytes
    /// The key that verifies what this one signs.
    public let publicKey: PublicKey

    /// How many bytes a key has.
    public static let byteCount = 32

    /// Takes 32 bytes, big-endian.
    ///
    /// Throws ``SecretsError/secretLength(accepted:found:)``, or ``SecretsError/scalarOutOfRange``
    /// for zero and for the group order and above.
    public init(_ scalar: consuming SecretBytes) throws(SecretsError) {
        publicKey = try Self.publicKey(of: scalar)
        self.scalar = scalar
    }

    /// Makes a new key from `generator`, which outside tests is the system's.
    public init(random generator: inout some RandomNumberGenerator) throws(SecretsError) {
        var candidate = try SecretBytes(random: Self.byteCount, using: &generator)
        // One draw in 2¹²⁸ is out of range.
        while !isScalar(candidate) {
            candidate = try SecretBytes(random: Self.byteCount, using: &generator)
        }
        try self.init(candidate)
    }

    /// The 32 bytes, lent to whoever seals or derives from them.
    public var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get { scalar.span }
    }

    /// Signs `digest` by ECDSA with the nonce of RFC 6979 and s in the lower half (BIP-146).
    ///
    /// The same key and digest always give the same signature.
    public func sign(_ digest: Digest32) throws(SecretsError) -> ECDSASignature {
        try checked(signature(of: digest, attempt: 0), for: digest)
    }

    /// Signs `digest` as ``sign(_:)`` does, again and again until r is below 2²⁵⁵, as Bitcoin Core
    /// signs inputs: the signature then takes at most 70 bytes of DER, so that fees can be
    /// estimated exactly. Two attempts on average.
    ///
    /// Attempts after the first give RFC 6979 their number, as 32 little-endian bytes, as
    /// additional data (§3.6), so the result equals Core's.
    public func signLowR(_ digest: Digest32) throws(SecretsError) -> ECDSASignature {
        var attempt: UInt32 = 0
        var found = try signature(of: digest, attempt: attempt)
        while found.bytes[0] >= 0x80 {
            attempt += 1
            found = try signature(of: digest, attempt: attempt)
        }
        return try checked(found, for: digest)
    }

    /// Signs `message`, of any length, by BIP-340 with 32 bytes of auxiliary randomness.
    ///
    /// Zeros for `auxiliary` are safe, fresh bytes are safer; with equal ones the signature is
    /// equal.
    public func signSchnorr(
        _ message: [UInt8], auxiliary: Digest32
    ) throws(SecretsError) -> SchnorrSignature {
        let pair = try keyPair()
        return try Self.signSchnorr(message, pair, auxiliary, publicKey.xOnly)
    }

    /// Signs a sighash by BIP-340 with the key that BIP-341 makes of this one: its even twin plus
    /// `tweak`, which is the TapTweak hash of the internal key and the Merkle root, if there is
    /// one.
    ///
    /// Throws ``SecretsError/scalarOutOfRange`` when the tweak is not below the group order.
    public func signTaproot(
        _ sighash: Digest32, tweak: Digest32, auxiliary: Digest32
    ) throws(SecretsError) -> SchnorrSignature {
        guard let output = publicKey.xOnly.adding(tweak) else { throw .scalarOutOfRange }
        var pair = try keyPair()
        let isTweaked = unsafe pair.withMutablePointer { pointer in
            unsafe pointer.withMemoryRebound(to: secp256k1_keypair.self, capacity: 1) { pair in
                unsafe secp256k1_keypair_xonly_tweak_add(
                    SigningContext.shared.pointer, pair, tweak.array) == 1
            }
        }
        guard isTweaked else { throw .scalarOutOfRange }
        return try Self.signSchnorr(sighash.array, pair, auxiliary, output.key)
    }

    /// The library's own form of the key, in locked memory too.
    private func keyPair() throws(SecretsError) -> SecretBytes {
        var pair = try SecretBytes(count: MemoryLayout<secp256k1_keypair>.size)
        let isMade = unsafe pair.withMutablePointer { pointer in
            unsafe pointer.withMemoryRebound(to: secp256k1_keypair.self, capacity: 1) { pair in
                unsafe scalar.withPointer { scalar in
                    unsafe secp256k1_keypair_create(SigningContext.shared.pointer, pair, scalar)
                        == 1
                }
            }
        }
        guard isMade else { throw .scalarOutOfRange }
        return pair
    }

    private static func signSchnorr(
        _ message: [UInt8], _ pair: borrowing SecretBytes, _ auxiliary: Digest32,
        _ key: XOnlyPublicKey
    ) throws(SecretsError) -> SchnorrSignature {
        var bytes = [UInt8](repeating: 0, count: 64)
        var random = auxiliary.array
        let isSigned = unsafe pair.withPointer { pointer in
            unsafe pointer.withMemoryRebound(to: secp256k1_keypair.self, capacity: 1) { pair in
                unsafe random.withUnsafeMutableBytes { random in
                    var extra = unsafe secp256k1_schnorrsig_extraparams(
                        magic: (0xda, 0x6f, 0xb3, 0x8c), noncefp: nil, ndata: random.baseAddress)
                    return unsafe secp256k1_schnorrsig_sign_custom(
                        SigningContext.shared.pointer, &bytes, message, message.count, pair,
                        &extra) == 1
                }
            }
        }
        guard isSigned, let signature = SchnorrSignature(bytes),
            key.isValid(signature, for: message)
        else { throw .faultySignature }
        return signature
    }

    private func signature(
        of digest: Digest32, attempt: UInt32
    ) throws(SecretsError) -> ECDSASignature {
        var parsed = secp256k1_ecdsa_signature()
        var data: [UInt8] = []
        data.appendLittleEndian(attempt)
        data += [UInt8](repeating: 0, count: 28)
        let isSigned = unsafe scalar.withPointer { scalar in
            unsafe data.withUnsafeBytes { data in
                unsafe secp256k1_ecdsa_sign(
                    SigningContext.shared.pointer, &parsed, digest.array, scalar,
                    secp256k1_nonce_function_rfc6979, attempt == 0 ? nil : data.baseAddress) == 1
            }
        }
        var bytes = [UInt8](repeating: 0, count: 64)
        unsafe secp256k1_ecdsa_signature_serialize_compact(
            SigningContext.shared.pointer, &bytes, &parsed)
        guard isSigned, let signature = ECDSASignature(bytes) else { throw .faultySignature }
        return signature
    }

    private func checked(
        _ signature: ECDSASignature, for digest: Digest32
    ) throws(SecretsError) -> ECDSASignature {
        guard publicKey.isValid(signature, for: digest) else { throw .faultySignature }
        return signature
    }

    private static func publicKey(of scalar: borrowing SecretBytes) throws(SecretsError)
        -> PublicKey
    {
        guard scalar.count == byteCount else {
            throw .secretLength(accepted: byteCount...byteCount, found: scalar.count)
        }
        var parsed = secp256k1_pubkey()
        let isMade = unsafe scalar.withPointer { scalar in
            unsafe secp256k1_ec_pubkey_create(SigningContext.shared.pointer, &parsed, scalar) == 1
        }
        guard isMade else { throw .scalarOutOfRange }
        var bytes = [UInt8](repeating: 0, count: 33)
        var count = bytes.count
        unsafe secp256k1_ec_pubkey_serialize(
            SigningContext.shared.pointer, &bytes, &count, &parsed,
            UInt32(SECP256K1_EC_COMPRESSED))
        guard let key = PublicKey(bytes) else { throw .faultySignature }
        return key
    }
}

/// Whether 32 bytes are a number from 1 to the group order less one.
func isScalar(_ bytes: borrowing SecretBytes) -> Bool {
    precondition(bytes.count == SecretKey.byteCount, "a scalar has 32 bytes")
    return unsafe bytes.withPointer { scalar in
        unsafe secp256k1_ec_seckey_verify(SigningContext.shared.pointer, scalar) == 1
    }
}
