internal import Bytes

/// A decoded payload as JSON: byte strings in hexadecimal.
public struct EventBody: Encodable {
    let value: CBORValue

    /// Encodes the value as JSON.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch value {
        case .unsigned(let number): try container.encode(number)
        case .negative(let number): try container.encode(-1 - Int64(clamping: number))
        case .bytes(let bytes): try container.encode(encodeHex(bytes))
        case .text(let text): try container.encode(text)
        case .array(let items): try container.encode(items.map(EventBody.init))
        case .map(let entries):
            var object: [String: EventBody] = [:]
            for (key, item) in entries {
                guard case .text(let name) = key else { continue }
                object[name] = EventBody(value: item)
            }
            try container.encode(object)
        case .bool(let flag): try container.encode(flag)
        case .null: try container.encodeNil()
        }
    }
}
