/// The text encoding of segwit addresses: bech32 (BIP-173) and bech32m (BIP-350).
public enum Bech32 {
    /// Which constant the checksum ends in.
    public enum Variant: Sendable, Hashable {
        /// BIP-173, for witness version 0.
        case bech32
        /// BIP-350, for every later version.
        case bech32m
    }

    /// The longest text, in characters.
    public static let charactersMax = 90

    /// Decodes text into its lower-case prefix and values of 5 bits, checksum removed; nil when it
    /// is longer than ``charactersMax``, mixes cases, or fails its checksum.
    public static func decode(
        _ text: String
    ) -> (prefix: String, values: [UInt8], variant: Variant)? {
        var characters = Array(text.utf8)
        guard (8...charactersMax).contains(characters.count),
            characters.allSatisfy({ (33...126).contains($0) })
        else { return nil }
        let isUpper = characters.contains { upperCase.contains($0) }
        guard !isUpper || !characters.contains(where: { lowerCase.contains($0) }),
            let separator = characters.lastIndex(of: UInt8(ascii: "1")),
            separator >= 1, separator + 7 <= characters.count
        else { return nil }
        if isUpper { characters = characters.map { upperCase.contains($0) ? $0 + 32 : $0 } }
        let prefix = Array(characters[..<separator])
        var data: [UInt8] = []
        for character in characters[(separator + 1)...] {
            let value = digits[Int(character)]
            guard value < 32 else { return nil }
            data.append(value)
        }
        let variant: Variant
        switch checksum(of: expanded(prefix) + data) {
        case bech32Constant: variant = .bech32
        case bech32mConstant: variant = .bech32m
        default: return nil
        }
        return (String(decoding: prefix, as: UTF8.self), Array(data.dropLast(6)), variant)
    }

    /// Encodes values of 5 bits under a lower-case prefix; at most ``charactersMax`` characters.
    public static func encode(prefix: String, _ values: [UInt8], _ variant: Variant) -> String {
        precondition(prefix.utf8.count + values.count + 7 <= charactersMax, "BIP-173's limit")
        let constant = variant == .bech32 ? bech32Constant : bech32mConstant
        let body = expanded(Array(prefix.utf8)) + values + [UInt8](repeating: 0, count: 6)
        let sum = checksum(of: body) ^ constant
        let check = (0..<6).map { UInt8(sum >> UInt32(5 * (5 - $0)) & 31) }
        let characters = (values + check).map { alphabet[Int($0)] }
        return prefix + "1" + String(decoding: characters, as: UTF8.self)
    }

    /// Cuts bytes into values of 5 bits, the last padded with zero bits.
    static func values(of bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for byte in bytes {
            bits = (bits & 31) << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                result.append(UInt8(bits >> count & 31))
            }
        }
        if count > 0 { result.append(UInt8(bits << (5 - count) & 31)) }
        return result
    }

    /// Joins values of 5 bits into bytes; nil when 5 or more bits are left over or one is not zero.
    static func bytes(of values: some Sequence<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for value in values {
            bits = (bits & 127) << 5 | UInt32(value)
            count += 5
            guard count >= 8 else { continue }
            count -= 8
            result.append(UInt8(bits >> count & 255))
        }
        guard count < 5, bits & (1 << count - 1) == 0 else { return nil }
        return result
    }
}

private let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
private let upperCase = UInt8(ascii: "A")...UInt8(ascii: "Z")
private let lowerCase = UInt8(ascii: "a")...UInt8(ascii: "z")
private let bech32Constant: UInt32 = 1
private let bech32mConstant: UInt32 = 0x2bc8_30a3

private let digits: [UInt8] = {
    var table = [UInt8](repeating: 255, count: 256)
    for (value, character) in alphabet.enumerated() { table[Int(character)] = UInt8(value) }
    return table
}()

private func expanded(_ prefix: [UInt8]) -> [UInt8] {
    prefix.map { $0 >> 5 } + [0] + prefix.map { $0 & 31 }
}

/// BIP-173's `bech32_polymod`.
private func checksum(of values: [UInt8]) -> UInt32 {
    let generators: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
    var sum: UInt32 = 1
    for value in values {
        let top = sum >> 25
        sum = (sum & 0x1ff_ffff) << 5 ^ UInt32(value)
        for (bit, generator) in generators.enumerated() where top >> UInt32(bit) & 1 == 1 {
            sum ^= generator
        }
    }
    return sum
}
