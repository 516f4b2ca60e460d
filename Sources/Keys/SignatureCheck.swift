public import Bytes

/// A signature that still has to be verified, with everything that this takes and nothing that
/// could change meanwhile, so that thousands can be checked in parallel.
public enum SignatureCheck: Sendable, Hashable {
    /// An ECDSA signature of a digest, low s only.
    case ecdsa(Digest32, PublicKey, ECDSASignature)
    /// A BIP-340 signature of a 32-byte digest.
    case schnorr(Digest32, XOnlyPublicKey, SchnorrSignature)

    /// Verifies the signature; some 40 µs, on any thread.
    public func isValid() -> Bool {
        switch self {
        case .ecdsa(let digest, let key, let signature): key.isValid(signature, for: digest)
        case .schnorr(let digest, let key, let signature): key.isValid(signature, for: digest)
        }
    }
}
