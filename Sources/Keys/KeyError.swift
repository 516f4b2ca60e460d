/// Why a key, a derivation path or a key origin could not be read or derived.
public enum KeyError: Error, Equatable {
    /// The text is not base58 whose last four bytes are its checksum.
    case notBase58Check
    /// An extended key has `found` bytes instead of 78.
    case extendedKeyLength(found: Int)
    /// The first four bytes belong neither to xpub nor to tpub.
    case unknownVersion(UInt32)
    /// The text is an extended private key, which has no place where a public one is read.
    case privateKey
    /// A key of depth zero names a parent or a child number.
    case rootWithParent
    /// The 33 bytes are no compressed point of the curve.
    case notOnCurve
    /// The step at `position` is hardened, which needs the private key.
    case hardenedStep(position: Int)
    /// A path or a derived key would be deeper than 255 steps.
    case tooDeep
    /// The child at `index` does not exist: the index is not below 2³¹, or (chance 2⁻¹²⁷) its
    /// scalar not below the group order.
    case noSuchChild(index: UInt32)
    /// The path's step at byte `offset` is no number below 2³¹ with at most one "h" or "'".
    case pathStep(offset: Int, found: String)
    /// The origin breaks at byte `offset`, where `expected` had to stand.
    case origin(offset: Int, expected: String)
}

extension KeyError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notBase58Check:
            "the text is not base58 with a valid checksum"
        case .extendedKeyLength(let found):
            "an extended key has 78 bytes, not \(found)"
        case .unknownVersion(let version):
            "version 0x\(String(version, radix: 16)) is neither xpub's nor tpub's"
        case .privateKey:
            "this is an extended private key; give the extended public key"
        case .rootWithParent:
            "a key of depth 0 has neither parent fingerprint nor child number"
        case .notOnCurve:
            "the key is no compressed point of secp256k1"
        case .hardenedStep(let position):
            "step \(position) is hardened, which an extended public key can not derive"
        case .tooDeep:
            "a derivation path has at most 255 steps"
        case .noSuchChild(let index):
            "child \(index) does not exist"
        case .pathStep(let offset, let found):
            "at offset \(offset): \"\(found)\" is no number below 2147483648 with or without h"
        case .origin(let offset, let expected):
            "at offset \(offset): expected \(expected)"
        }
    }
}
