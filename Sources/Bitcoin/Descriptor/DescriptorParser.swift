public import Bytes
internal import Keys

extension Descriptor {
    /// Parses a descriptor for `network`, with or without its checksum; hardened steps with "h" or
    /// "'". `internalKeyOffset` is the r of an internal key H + rG, which the text can not hold.
    ///
    /// At most ``maximumLength`` bytes are read, and no r is taken that proves nothing. Every
    /// refusal says where and what is accepted.
    public init(
        text: String, network: Network, internalKeyOffset: Digest32? = nil
    ) throws(DescriptorError) {
        guard text.utf8.count <= Self.maximumLength else {
            throw .tooLong(count: text.utf8.count)
        }
        var parser = DescriptorParser(
            characters: try Self.checkedExpression(text), internalKeyOffset: internalKeyOffset)
        let parsed = try parser.parse()
        try self.init(
            parsed.kind, threshold: parsed.threshold, keys: parsed.keys, network: network)
        guard self.internalKeyOffset == internalKeyOffset else { throw .needlessInternalKeyOffset }
    }

    /// Returns the text before "#" once the checksum, if there is one, is found correct.
    private static func checkedExpression(_ text: String) throws(DescriptorError) -> [UInt8] {
        let characters = Array(text.utf8)
        let end = characters.firstIndex(of: UInt8(ascii: "#")) ?? characters.endIndex
        let expression = Array(characters[..<end])
        if let offset = expression.firstIndex(where: { !(0x20...0x7e).contains($0) }) {
            throw .character(offset: offset)
        }
        guard let expected = descriptorChecksum(String(decoding: expression, as: UTF8.self)) else {
            preconditionFailure("BIP-380's characters are the printable ones of ASCII")
        }
        guard end < characters.endIndex else { return expression }
        let found = characters[(end + 1)...]
        guard found.count == 8 else { throw .checksumLength(offset: end, found: found.count) }
        guard found.elementsEqual(expected.utf8) else {
            throw .checksum(expected: expected, found: String(decoding: found, as: UTF8.self))
        }
        return expression
    }
}

/// Reads one descriptor from left to right.
struct DescriptorParser {
    typealias Parts = (kind: Descriptor.Kind, threshold: Int, keys: [DescriptorKey])

    let characters: [UInt8]
    let internalKeyOffset: Digest32?
    private(set) var offset = 0

    init(characters: [UInt8], internalKeyOffset: Digest32?) {
        self.characters = characters
        self.internalKeyOffset = internalKeyOffset
    }

    mutating func parse() throws(DescriptorError) -> Parts {
        let parts = try output()
        guard offset == characters.count else {
            throw unexpected(accepted: "the end, or # and the checksum")
        }
        return parts
    }

    private mutating func output() throws(DescriptorError) -> Parts {
        switch try function(accepted: "wpkh(, wsh( or tr(", among: ["wpkh", "wsh", "tr"]) {
        case "wpkh":
            let key = try nextKey()
            try expect(")")
            return (.witnessPublicKeyHash, 1, [key])
        case "wsh":
            let order = try function(
                accepted: "multi( or sortedmulti(", among: ["multi", "sortedmulti"])
            let (threshold, keys) = try multisig(maximum: Descriptor.witnessKeysMax)
            try expect(")")
            return (.witnessMultisig(order == "multi" ? .given : .sorted), threshold, keys)
        default:
            return try taproot()
        }
    }

    private mutating func taproot() throws(DescriptorError) -> Parts {
        let start = offset
        let expression = taking()
        if peek == UInt8(ascii: ",") {
            try expect(",")
            let order = try function(
                accepted: "multi_a( or sortedmulti_a(", among: ["multi_a", "sortedmulti_a"])
            let internalKey = try unspendable(atOffset: start, expression)
            let (threshold, keys) = try multisig(maximum: Descriptor.tapscriptKeysMax)
            try expect(")")
            return (
                .taprootMultisig(internalKey, order == "multi_a" ? .given : .sorted), threshold,
                keys
            )
        }
        let key = try key(atOffset: start, expression)
        try expect(")")
        return (.taprootKey, 1, [key])
    }

    /// Reads the internal key before a script: 64 hexadecimal digits of H or of H + rG.
    private func unspendable(
        atOffset start: Int, _ expression: [UInt8]
    ) throws(DescriptorError) -> UnspendableKey {
        guard expression.count == 64, let bytes = decodeHex(text(expression)) else {
            throw .notSupported(
                offset: start, found: "an internal key that some one may be able to sign with",
                accepted: "an unspendable key of 64 hexadecimal digits")
        }
        let key: UnspendableKey?
        if let internalKeyOffset {
            key = UnspendableKey(offset: internalKeyOffset)
        } else {
            key = UnspendableKey()
        }
        guard let key, key.key.bytes == bytes else { throw .spendableInternalKey }
        return key
    }

    /// Reads `k,KEY,…)`, where no more than `maximum` keys are kept.
    private mutating func multisig(
        maximum: Int
    ) throws(DescriptorError) -> (threshold: Int, keys: [DescriptorKey]) {
        let start = offset
        let digits = taking()
        guard (1...3).contains(digits.count),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            digits.count == 1 || digits[0] != UInt8(ascii: "0"), let threshold = Int(text(digits))
        else {
            offset = start
            throw unexpected(accepted: "the threshold, a decimal number")
        }
        var keys: [DescriptorKey] = []
        while peek == UInt8(ascii: ",") {
            guard keys.count < maximum else {
                let commas = characters[offset...].count { $0 == UInt8(ascii: ",") }
                throw .keyCount(found: keys.count + commas, maximum: maximum)
            }
            offset += 1
            keys.append(try nextKey())
        }
        try expect(")")
        return (threshold, keys)
    }

    /// Reads `name(`; a name that is none of `names` is refused as not supported.
    private mutating func function(
        accepted: String, among names: [String]
    ) throws(DescriptorError) -> String {
        let start = offset
        let name = text(
            characters[offset...].prefix {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_")
            })
        offset += name.utf8.count
        guard peek == UInt8(ascii: "(") else {
            offset = start
            guard peek != UInt8(ascii: "{") else {
                throw .notSupported(offset: start, found: "a tree of scripts", accepted: accepted)
            }
            throw unexpected(accepted: accepted)
        }
        guard names.contains(name) else {
            throw .notSupported(
                offset: start, found: "\(name.prefix(16))()", accepted: accepted)
        }
        offset += 1
        return name
    }

    /// Takes everything up to the next character that can not be part of a key or number.
    mutating func taking() -> [UInt8] {
        let taken = characters[offset...].prefix { !Array("(){},".utf8).contains($0) }
        offset += taken.count
        return Array(taken)
    }

    var peek: UInt8? { offset < characters.count ? characters[offset] : nil }

    private mutating func expect(_ character: Character) throws(DescriptorError) {
        guard let peek, peek == character.asciiValue else {
            throw unexpected(accepted: "\"\(character)\"")
        }
        offset += 1
    }

    /// Names only one character of what was found, since more could be part of a private key.
    private func unexpected(accepted: String) -> DescriptorError {
        let found = peek.map { "\"\(Character(Unicode.Scalar($0)))\"" } ?? "the end"
        return .unexpected(offset: offset, found: found, accepted: accepted)
    }
}
