private let digits = Array("0123456789abcdef".utf8)

/// Encodes bytes as lower-case hexadecimal, two digits a byte.
public func encodeHex(_ span: Span<UInt8>) -> String {
    unsafe String(unsafeUninitializedCapacity: span.count * 2) { buffer in
        for index in span.indices {
            unsafe buffer[index * 2] = digits[Int(span[index] >> 4)]
            unsafe buffer[index * 2 + 1] = digits[Int(span[index] & 15)]
        }
        return span.count * 2
    }
}

/// Encodes bytes as lower-case hexadecimal, two digits a byte.
public func encodeHex(_ bytes: [UInt8]) -> String { encodeHex(bytes.span) }

/// Decodes hexadecimal of either case; nil when a digit is missing or is not one.
public func decodeHex(_ text: String) -> [UInt8]? {
    let characters = Array(text.utf8)
    guard characters.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(characters.count / 2)
    for index in stride(from: 0, to: characters.count, by: 2) {
        guard let high = value(ofDigit: characters[index]),
            let low = value(ofDigit: characters[index + 1])
        else { return nil }
        bytes.append(high << 4 | low)
    }
    return bytes
}

private func value(ofDigit character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
}
