extension SignatureRefusal: CustomStringConvertible {
    /// A sentence for people, without its end mark, that names keys by their place.
    public var description: String { sentence { "key \($0) of the descriptor" } }

    /// A sentence for people, without its end mark: which input and key, and what is accepted.
    ///
    /// - Parameter key: what the key at a position of the descriptor is called.
    public func sentence(naming key: (Int) -> String) -> String {
        func signature(_ claim: SignatureClaim) -> String {
            "the signature of input \(claim.input) by \(key(claim.key))"
        }
        switch self {
        case .noSuchInput(let input): return "the transaction has no input \(input)"
        case .noSuchKey(let input, let key):
            return "the descriptor of input \(input) has no key \(key)"
        case .encoding(let claim):
            return signature(claim) + " is malformed: \(claim.bytes.count) bytes found; strict DER "
                + "and the byte of SIGHASH_ALL are accepted, or 64 bytes for taproot"
        case .sighashType(let claim, let found, let accepted):
            return signature(claim) + " would fit other transactions: \(found) found, \(accepted) "
                + "is accepted"
        case .highS(let claim):
            return signature(claim) + " has its s in the upper half of the group order; one in the "
                + "lower half is accepted"
        case .invalid(let claim):
            return signature(claim) + " does not verify; one of this transaction by this key is "
                + "accepted"
        case .otherDigest(let claim):
            return signature(claim) + " was made for another input or transaction"
        case .tooFew(let input, let found, let threshold):
            return "input \(input) has \(found) signature\(found == 1 ? "" : "s"); it needs "
                + "\(threshold)"
        }
    }
}
