import Bytes

/// A payload with one place of its tree changed.
struct TreeChange {
    enum Kind: Hashable {
        /// A key of a map, with its value, is gone.
        case missing
        /// A map has a key that no format knows.
        case unknown
        /// A value is of another type.
        case replaced(by: CBORValue)
        /// An item of an array is gone.
        case shorter
        /// The last item of an array stands twice.
        case longer
    }

    let kind: Kind
    /// The keys and indices down to the changed place, with points between.
    let path: String
    let value: CBORValue
    /// What stood in the changed place; null for what was not there.
    let before: CBORValue

    /// One value of each type.
    static let types: [CBORValue] = [
        .unsigned(1), .negative(0), .bytes([1]), .text("a"), .array([]), .map([:]), .bool(true),
        .null,
    ]

    /// Every single change of `value`.
    static func all(of value: CBORValue) -> [TreeChange] {
        changes(of: value, path: [])
    }

    private static func changes(of value: CBORValue, path: [String]) -> [TreeChange] {
        func change(_ kind: Kind, _ step: String?, _ new: CBORValue, _ old: CBORValue) -> TreeChange
        {
            TreeChange(
                kind: kind, path: (path + (step.map { [$0] } ?? [])).joined(separator: "."),
                value: new, before: old)
        }
        var result = types.filter { !$0.isSameType(as: value) }
            .map { change(.replaced(by: $0), nil, $0, value) }
        switch value {
        case .map(let entries):
            for (key, inner) in entries {
                guard case .text(let name) = key else { continue }
                var rest = entries
                rest[key] = nil
                result.append(change(.missing, name, .map(rest), inner))
                result += changes(of: inner, path: path + [name]).map { deeper in
                    var copy = entries
                    copy[key] = deeper.value
                    return deeper.inside(.map(copy))
                }
            }
            // In front of all keys that formats have, among them, and behind.
            for name in ["", "a", "of", "none", "unknown", "zzzzzzzzzzzzzzzzz"]
            where entries[.text(name)] == nil {
                var copy = entries
                copy[.text(name)] = 1
                result.append(change(.unknown, name, .map(copy), .null))
            }
        case .array(let items):
            for (index, item) in items.enumerated() {
                var rest = items
                rest.remove(at: index)
                result.append(change(.shorter, "\(index)", .array(rest), item))
                result += changes(of: item, path: path + ["\(index)"]).map { deeper in
                    var copy = items
                    copy[index] = deeper.value
                    return deeper.inside(.array(copy))
                }
            }
            if let last = items.last {
                result.append(change(.longer, "\(items.count)", .array(items + [last]), .null))
            }
        default: break
        }
        return result
    }

    private func inside(_ whole: CBORValue) -> TreeChange {
        TreeChange(kind: kind, path: path, value: whole, before: before)
    }
}

extension CBORValue {
    /// Whether both are integers of one sign, both texts, and so on.
    func isSameType(as other: CBORValue) -> Bool {
        switch (self, other) {
        case (.unsigned, .unsigned), (.negative, .negative), (.bytes, .bytes), (.text, .text),
            (.array, .array), (.map, .map), (.bool, .bool), (.null, .null):
            true
        default: false
        }
    }

    /// Reads one whole item.
    init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes.span)
        self = try reader.value()
        try reader.end()
    }
}
