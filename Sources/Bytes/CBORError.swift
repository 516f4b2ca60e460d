/// Why bytes are not the deterministic CBOR that was expected, and at which offset.
public enum CBORError: Error, Equatable {
    /// The input ends at `offset` in the middle of an item.
    case truncated(offset: Int)
    /// Bytes are left over at `offset` after the last item.
    case trailing(offset: Int, count: Int)
    /// The item at `offset` breaks a rule of RFC 8949 §4.2.1 or of our profile.
    case refused(offset: Int, rule: String)
    /// The item at `offset` is of another kind, or has another value, than the format says.
    case unexpected(offset: Int, expected: String, found: String)
    /// A map ends, or goes on with another key, where `key` must stand.
    case missingKey(offset: Int, key: String)
    /// A closed map holds a key that its format does not know.
    case unknownKey(offset: Int, key: String)
}

extension CBORError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated(let offset): "the CBOR ends at offset \(offset), inside an item"
        case .trailing(let offset, let count):
            "\(count) bytes follow the end of the CBOR item at offset \(offset)"
        case .refused(let offset, let rule): "CBOR at offset \(offset): \(rule)"
        case .unexpected(let offset, let expected, let found):
            "CBOR at offset \(offset): expected \(expected), found \(found)"
        case .missingKey(let offset, let key): "CBOR at offset \(offset): key \"\(key)\" is missing"
        case .unknownKey(let offset, let key): "CBOR at offset \(offset): unknown key \"\(key)\""
        }
    }
}
