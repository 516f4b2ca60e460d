/// Base58 takes time that grows with the square of the length, so both directions have a limit; the
/// longest value in Bitcoin's use, an extended key, is 82 bytes in 111 characters.
private let maximumBytes = 128
private let maximumCharacters = 175

private let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)

private let values: [UInt8] = {
    var table = [UInt8](repeating: 255, count: 256)
    for (value, character) in alphabet.enumerated() { table[Int(character)] = UInt8(value) }
    return table
}()

/// Encodes at most 128 bytes in base58: a big-endian number in Bitcoin's alphabet, after one "1"
/// for each leading zero byte.
public func encodeBase58(_ bytes: [UInt8]) -> String {
    precondition(bytes.count <= maximumBytes, "base58 is for values of at most 128 bytes")
    let zeros = bytes.prefix { $0 == 0 }.count
    var digits: [UInt8] = []
    for byte in bytes.dropFirst(zeros) {
        var carry = Int(byte)
        for index in digits.indices {
            carry += Int(digits[index]) << 8
            digits[index] = UInt8(carry % 58)
            carry /= 58
        }
        while carry > 0 {
            digits.append(UInt8(carry % 58))
            carry /= 58
        }
    }
    let characters = digits.reversed().map { alphabet[Int($0)] }
    return String(repeating: "1", count: zeros) + String(decoding: characters, as: UTF8.self)
}

/// Decodes base58, or returns nil when a character is not of the alphabet, the text is longer than
/// 175 characters, or the value is longer than 128 bytes.
public func decodeBase58(_ text: String) -> [UInt8]? {
    let characters = text.utf8
    guard characters.count <= maximumCharacters else { return nil }
    let zeros = characters.prefix { $0 == alphabet[0] }.count
    var bytes: [UInt8] = []
    for character in characters.dropFirst(zeros) {
        let value = values[Int(character)]
        guard value < 58 else { return nil }
        var carry = Int(value)
        for index in bytes.indices {
            carry += Int(bytes[index]) * 58
            bytes[index] = UInt8(truncatingIfNeeded: carry)
            carry >>= 8
        }
        if carry > 0 { bytes.append(UInt8(carry)) }
    }
    guard zeros + bytes.count <= maximumBytes else { return nil }
    return [UInt8](repeating: 0, count: zeros) + bytes.reversed()
}

/// Encodes at most 124 bytes and the first four bytes of their double SHA-256 in base58.
public func encodeBase58Check(_ payload: [UInt8]) -> String {
    encodeBase58(payload + sha256d(payload).array.prefix(4))
}

/// Decodes base58 that ends in four bytes of double SHA-256, or returns nil when the text is no
/// base58 within the limits of ``decodeBase58(_:)`` or the checksum does not match.
public func decodeBase58Check(_ text: String) -> [UInt8]? {
    guard let bytes = decodeBase58(text), bytes.count >= 4 else { return nil }
    let payload = Array(bytes.dropLast(4))
    guard sha256d(payload).array.prefix(4) == bytes.suffix(4) else { return nil }
    return payload
}
