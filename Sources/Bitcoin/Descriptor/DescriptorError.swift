public import Keys

/// Why an output descriptor was refused, and where; offsets count UTF-8 bytes of the text.
///
/// No case repeats the text of a key, which could be a private one.
public enum DescriptorError: Error, Equatable {
    /// The text is longer than ``Descriptor/maximumLength`` bytes.
    case tooLong(count: Int)
    /// The character at `offset` is none of those that descriptors are written in (BIP-380).
    case character(offset: Int)
    /// What follows the "#" at `offset` is not eight characters.
    case checksumLength(offset: Int, found: Int)
    /// The checksum is not the one of the text before it.
    case checksum(expected: String, found: String)
    /// `found` stands at `offset`, where the grammar has something else.
    case unexpected(offset: Int, found: String, accepted: String)
    /// `found` may be valid but is no wallet of ours.
    case notSupported(offset: Int, found: String, accepted: String)
    /// The key at `offset` is not valid.
    case key(offset: Int, KeyError)
    /// There are `found` keys, and at most `maximum` are allowed.
    case keyCount(found: Int, maximum: Int)
    /// The threshold is not between one and the number of keys.
    case threshold(found: Int, keys: Int)
    /// The key at position `key` is for other networks than `network`.
    case wrongNetwork(key: Int, network: Network)
    /// Two positions hold the same key, or keys whose derived keys are the same.
    case duplicateKeys(first: Int, second: Int)
    /// The internal key is neither BIP-341's H nor H + rG with the r that was given.
    case spendableInternalKey
    /// An r was given, but the descriptor has no internal key that it could prove unspendable.
    case needlessInternalKeyOffset
}

extension DescriptorError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooLong(let count):
            "the descriptor has \(count) bytes; at most \(Descriptor.maximumLength) are accepted"
        case .character(let offset):
            "at offset \(offset): this character is not allowed in a descriptor"
        case .checksumLength(let offset, let found):
            "at offset \(offset): the checksum has \(found) characters; 8 are accepted"
        case .checksum(let expected, let found):
            "the checksum is \(found), but this text has \(expected)"
        case .unexpected(let offset, let found, let accepted):
            "at offset \(offset): found \(found); accepted is \(accepted)"
        case .notSupported(let offset, let found, let accepted):
            "at offset \(offset): \(found) is not supported; accepted is \(accepted)"
        case .key(let offset, let error):
            "at offset \(offset): the key is not valid: \(error)"
        case .keyCount(let found, let maximum):
            "there are \(found) keys; 1 to \(maximum) are accepted"
        case .threshold(let found, let keys):
            "the threshold is \(found); 1 to \(keys) is accepted, as there are \(keys) keys"
        case .wrongNetwork(let key, let network):
            "key \(key) is for other networks than \(network.rawValue)"
        case .duplicateKeys(let first, let second):
            "key \(first) and key \(second) are the same; each needs an extended key of its own"
        case .spendableInternalKey:
            "the internal key may be spendable; accepted is BIP-341's H, or H + rG together with r"
        case .needlessInternalKeyOffset:
            "r is given, but the descriptor has no internal key H + rG; accepted is r with "
                + "tr(KEY,multi_a(…)) or tr(KEY,sortedmulti_a(…)) alone"
        }
    }
}
