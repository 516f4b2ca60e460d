private let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

/// Encodes bytes as padded base64 with the standard alphabet (RFC 4648 §4).
public func encodeBase64(_ bytes: [UInt8]) -> String {
    var characters: [UInt8] = []
    characters.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let count = min(3, bytes.count - start)
        var group: UInt32 = 0
        for index in 0..<3 {
            group = group << 8 | (index < count ? UInt32(bytes[start + index]) : 0)
        }
        for index in 0..<4 {
            let digit = alphabet[Int(group >> UInt32(18 - index * 6) & 63)]
            characters.append(index <= count ? digit : UInt8(ascii: "="))
        }
    }
    return String(decoding: characters, as: UTF8.self)
}

/// Decodes padded base64 with the standard alphabet (RFC 4648 §4); nil for every text but the one
/// that ``encodeBase64(_:)`` writes: no line breaks, no missing padding, no stray low bits.
public func decodeBase64(_ text: some StringProtocol) -> [UInt8]? {
    decodeBase64(Array(text.utf8))
}

/// Decodes the characters of a text as ``decodeBase64(_:)`` does.
public func decodeBase64(_ characters: [UInt8]) -> [UInt8]? {
    guard characters.count.isMultiple(of: 4) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(characters.count / 4 * 3)
    for start in stride(from: 0, to: characters.count, by: 4) {
        let group = characters[start..<start + 4]
        let padding = start + 4 == characters.count ? paddingCount(of: group) : 0
        var value: UInt32 = 0
        for character in group.dropLast(padding) {
            guard let digit = base64Digit(character) else { return nil }
            value = value << 6 | digit
        }
        value <<= UInt32(padding * 6)
        // What the padding stands for must be zero, or one value would have several texts.
        guard value & (1 << UInt32(padding * 8) - 1) == 0 else { return nil }
        for index in 0..<(3 - padding) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(16 - index * 8)))
        }
    }
    return bytes
}

private func paddingCount(of group: ArraySlice<UInt8>) -> Int {
    let padding = UInt8(ascii: "=")
    guard group.last == padding else { return 0 }
    return group.dropLast().last == padding ? 2 : 1
}

private func base64Digit(_ character: UInt8) -> UInt32? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
}
