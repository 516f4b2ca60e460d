public import Bytes
public import Keys

/// A signature that some one says a key made, not checked in any way.
public struct SignatureClaim: Sendable, Hashable {
    /// The input that it is for.
    public let input: Int
    /// The key's position in the descriptor.
    public let key: Int
    /// The signature as it stands in a witness: DER and the sighash byte, or 64 bytes.
    public let bytes: [UInt8]

    /// Creates a claim.
    public init(input: Int, key: Int, bytes: [UInt8]) {
        self.input = input
        self.key = key
        self.bytes = bytes
    }
}

/// A signature that was verified; only ``FrozenTransaction/verify(_:)`` makes one.
public struct VerifiedSignature: Sendable, Hashable {
    /// What was claimed, and is true.
    public let claim: SignatureClaim
    /// The digest that was signed.
    public let digest: Digest32
}

/// Why a signature is not accepted.
public enum SignatureRefusal: Error, Equatable {
    /// The transaction has no input at this position.
    case noSuchInput(Int)
    /// The input's descriptor has no key at this position.
    case noSuchKey(input: Int, key: Int)
    /// The signature is not strict DER before its sighash byte (BIP-66), or not 64 bytes (BIP-340).
    case encoding(SignatureClaim)
    /// The sighash type is another than `accepted`, so the signature would fit other transactions.
    case sighashType(SignatureClaim, found: SighashType, accepted: SighashType)
    /// s is in the upper half of the group order (BIP-146).
    case highS(SignatureClaim)
    /// The signature is not one of this digest by this key.
    case invalid(SignatureClaim)
    /// The signature was verified for another input or transaction.
    case otherDigest(SignatureClaim)
    /// Fewer keys have signed than the input's threshold.
    case tooFew(input: Int, found: Int, threshold: Int)
}

extension FrozenTransaction {
    /// Judges the form of a signature and returns what is left to verify, for a parallel check.
    ///
    /// Costs two hashes over some 200 bytes and the script. Throws every ``SignatureRefusal`` that
    /// does not take curve arithmetic.
    public func check(_ claim: SignatureClaim) throws(SignatureRefusal) -> SignatureCheck {
        guard let digest = digest(input: claim.input) else { throw .noSuchInput(claim.input) }
        let output = coins[claim.input].output
        guard output.keys.indices.contains(claim.key) else {
            throw .noSuchKey(input: claim.input, key: claim.key)
        }
        let key = output.keys[claim.key].publicKey
        switch output.spending {
        case .witnessPublicKeyHash, .witnessScript:
            return .ecdsa(digest, key, try ecdsa(claim))
        case .taprootKey(let taproot):
            return .schnorr(digest, taproot.outputKey, try schnorr(claim))
        case .taprootScript:
            return .schnorr(digest, key.xOnly, try schnorr(claim))
        }
    }

    /// Verifies a signature, some 40 µs; throws ``SignatureRefusal`` with the reason.
    public func verify(_ claim: SignatureClaim) throws(SignatureRefusal) -> VerifiedSignature {
        let check = try check(claim)
        guard check.isValid() else { throw .invalid(claim) }
        switch check {
        case .ecdsa(let digest, _, _), .schnorr(let digest, _, _):
            return VerifiedSignature(claim: claim, digest: digest)
        }
    }

    private func ecdsa(_ claim: SignatureClaim) throws(SignatureRefusal) -> ECDSASignature {
        guard let type = claim.bytes.last,
            let signature = ECDSASignature(der: Array(claim.bytes.dropLast()))
        else { throw .encoding(claim) }
        let found = SighashType(rawValue: type)
        guard found == .all else { throw .sighashType(claim, found: found, accepted: .all) }
        guard signature.isLowS else { throw .highS(claim) }
        return signature
    }

    private func schnorr(_ claim: SignatureClaim) throws(SignatureRefusal) -> SchnorrSignature {
        if claim.bytes.count == 65 {
            let found = SighashType(rawValue: claim.bytes[64])
            throw .sighashType(claim, found: found, accepted: .default)
        }
        guard let signature = SchnorrSignature(claim.bytes) else { throw .encoding(claim) }
        return signature
    }
}
