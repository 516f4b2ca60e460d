/// One item of deterministic CBOR (RFC 8949 §4.2.1) in the profile of our formats: integers below
/// 2^53 in magnitude, byte and text strings, arrays, maps, booleans and null; no floats, no tags.
///
/// Encoders build a tree of these; maps may be written in any order and come out sorted. Decoders
/// of fixed formats use ``CBORReader`` and do without the tree.
public indirect enum CBORValue: Sendable, Hashable {
    /// An integer from 0 to 2^53 − 1 (major type 0).
    case unsigned(UInt64)
    /// The integer −1 − `n` (major type 1).
    case negative(UInt64)
    /// A byte string.
    case bytes([UInt8])
    /// A text string, its UTF-8 taken as it is.
    case text(String)
    /// An array.
    case array([CBORValue])
    /// A map. Keys must differ; their order is that of their encodings.
    case map([CBORValue: CBORValue])
    case bool(Bool)
    case null

    /// A digest as a byte string.
    public static func digest(_ digest: Digest32) -> CBORValue { .bytes(digest.array) }

    /// An integer of either sign.
    public static func integer(_ value: Int64) -> CBORValue {
        value >= 0 ? .unsigned(UInt64(value)) : .negative(UInt64(-1 - value))
    }

    /// The only encoding of the item.
    ///
    /// - Precondition: integers are below 2^53 in magnitude.
    public var encoded: [UInt8] {
        var output: [UInt8] = []
        encode(into: &output)
        return output
    }

    /// Appends the only encoding of the item to `output`.
    public func encode(into output: inout [UInt8]) {
        switch self {
        case .unsigned(let value): output.appendCBORHead(major: 0, value)
        case .negative(let value): output.appendCBORHead(major: 1, value)
        case .bytes(let bytes):
            output.appendCBORHead(major: 2, UInt64(bytes.count))
            output.append(contentsOf: bytes)
        case .text(let text):
            output.appendCBORHead(major: 3, UInt64(text.utf8.count))
            output.append(contentsOf: text.utf8)
        case .array(let items):
            output.appendCBORHead(major: 4, UInt64(items.count))
            for item in items { item.encode(into: &output) }
        case .map(let entries):
            output.appendCBORHead(major: 5, UInt64(entries.count))
            let sorted = entries.map { ($0.key.encoded, $0.value) }
                .sorted { $0.0.lexicographicallyPrecedes($1.0) }
            for (key, value) in sorted {
                output.append(contentsOf: key)
                value.encode(into: &output)
            }
        case .bool(let value): output.append(value ? 0xf5 : 0xf4)
        case .null: output.append(0xf6)
        }
    }
}

/// The largest integer of our formats: what every language's double holds exactly (RFC 8259 §6).
public let largestCBORInteger: UInt64 = 1 << 53 - 1

extension CBORValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(arrayLiteral elements: CBORValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (CBORValue, CBORValue)...) {
        self = .map(Dictionary(uniqueKeysWithValues: elements))
    }
}

extension [UInt8] {
    /// Appends the head of a CBOR item: its major type and argument in the shortest form.
    public mutating func appendCBORHead(major: UInt8, _ argument: UInt64) {
        precondition(argument <= largestCBORInteger, "integers of our formats are below 2^53")
        let type = major << 5
        switch argument {
        case 0..<24: append(type | UInt8(argument))
        case 24..<0x100: append(contentsOf: [type | 24, UInt8(argument)])
        case 0x100..<0x1_0000:
            append(type | 25)
            appendBigEndian(UInt16(argument))
        case 0x1_0000..<0x1_0000_0000:
            append(type | 26)
            appendBigEndian(UInt32(argument))
        default:
            append(type | 27)
            appendBigEndian(argument)
        }
    }
}

extension CBORValue: CustomStringConvertible {
    /// The item in the diagnostic notation of RFC 8949 §8, on one line.
    public var description: String {
        switch self {
        case .unsigned(let value): "\(value)"
        case .negative(let value): "-\(value + 1)"
        case .bytes(let bytes): "h'\(encodeHex(bytes))'"
        case .text(let text): "\"\(text.escapedForDisplay)\""
        case .array(let items): "[" + items.map(\.description).joined(separator: ", ") + "]"
        case .map(let entries):
            "{"
                + entries.sorted { $0.key.encoded.lexicographicallyPrecedes($1.key.encoded) }
                .map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
        case .bool(let value): value ? "true" : "false"
        case .null: "null"
        }
    }
}

extension String {
    /// The text with quotes, backslashes and every character that could steer a terminal escaped.
    public var escapedForDisplay: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
                .unassigned:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default:
                if scalar == "\"" || scalar == "\\" { text += "\\" }
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
