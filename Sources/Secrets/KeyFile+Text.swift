internal import Bytes

extension KeyFile {
    /// Parses a file; strict, so that every file has one spelling.
    ///
    /// Throws ``SecretsError/keyFile(line:expected:)`` with the line counted from 1,
    /// ``SecretsError/name(_:)``, or ``SecretsError/scryptCost(field:found:accepted:)``.
    public init(parsing bytes: [UInt8]) throws(SecretsError) {
        let lines = try KeyFileLines(bytes)
        _ = try lines.words(1, "strongroom-key 1")
        let purpose = try lines.words(2, "purpose <purpose>")[0]
        name = try KeyName(try lines.words(3, "name <name>")[0])
        let key = try lines.words(4, "public <key>")[0]
        guard let publicPart = PublicPart(purpose: purpose, text: key) else {
            throw .keyFile(line: 4, expected: "a key of a purpose that this version knows")
        }
        self.publicPart = publicPart
        let kdf = try lines.words(5, "kdf scrypt <N> <r> <p> <salt>")
        cost = try ScryptCost(
            rounds: try lines.number(5, kdf[0]), blockSize: try lines.number(5, kdf[1]),
            parallelism: try lines.number(5, kdf[2]))
        salt = try lines.bytes(5, kdf[3], Self.saltBytes...Self.saltBytes)
        nonce = try lines.bytes(
            6, try lines.words(6, "cipher chacha20-poly1305 <nonce>")[0],
            Self.nonceBytes...Self.nonceBytes)
        sealed = try lines.bytes(
            7, try lines.words(7, "sealed <ciphertext>")[0], 16 + Self.tagBytes...64 + Self.tagBytes
        )
        // Upper-case digits and leading zeros read as the same values; only one spelling is ours.
        guard self.bytes == bytes else {
            throw .keyFile(line: 5, expected: "lower-case digits, numbers without leading zeros")
        }
    }

    /// The bytes of the file.
    public var bytes: [UInt8] {
        let header = Self.header(name, publicPart, cost, salt: salt, nonce: nonce)
        return Array((header + "sealed \(encodeHex(sealed))\n").utf8)
    }

    /// Every byte before the last line, which the cipher authenticates.
    static func header(
        _ name: KeyName, _ publicPart: PublicPart, _ cost: ScryptCost, salt: [UInt8],
        nonce: [UInt8]
    ) -> String {
        """
        strongroom-key 1
        purpose \(publicPart.purpose)
        name \(name.text)
        public \(publicPart.text)
        kdf scrypt \(cost.rounds) \(cost.blockSize) \(cost.parallelism) \(encodeHex(salt))
        cipher chacha20-poly1305 \(encodeHex(nonce))

        """
    }
}

/// The seven lines of a key file, read by their shape.
private struct KeyFileLines {
    private let lines: [Substring]

    init(_ bytes: [UInt8]) throws(SecretsError) {
        guard bytes.count <= KeyFile.maximumBytes, bytes.allSatisfy({ $0 < 0x80 }) else {
            throw .keyFile(line: 1, expected: "at most \(KeyFile.maximumBytes) ASCII characters")
        }
        var lines = String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.popLast() == "", lines.count == 7 else {
            throw .keyFile(line: lines.count, expected: "seven lines, each ending in a line feed")
        }
        self.lines = lines
    }

    /// The words of a line that stand where `shape` has a word in angle brackets.
    func words(_ line: Int, _ shape: String) throws(SecretsError) -> [String] {
        let expected = shape.split(separator: " ")
        let found = lines[line - 1].split(separator: " ", omittingEmptySubsequences: false)
        guard expected.count == found.count,
            zip(expected, found).allSatisfy({ $0.hasPrefix("<") || $0 == $1 })
        else { throw .keyFile(line: line, expected: shape) }
        return zip(expected, found).filter { $0.0.hasPrefix("<") }.map { String($0.1) }
    }

    func number(_ line: Int, _ word: String) throws(SecretsError) -> Int {
        guard let number = Int(word), number >= 0 else {
            throw .keyFile(line: line, expected: "a decimal number")
        }
        return number
    }

    func bytes(
        _ line: Int, _ word: String, _ counts: ClosedRange<Int>
    ) throws(SecretsError) -> [UInt8] {
        guard let bytes = decodeHex(word), counts.contains(bytes.count) else {
            let accepted =
                counts.count == 1
                ? "\(counts.lowerBound)" : "\(counts.lowerBound) to \(counts.upperBound)"
            throw .keyFile(line: line, expected: "\(accepted) bytes in lower-case hexadecimal")
        }
        return bytes
    }
}
