internal import Bytes

/// A signed note as it was received, its signatures not verified (C2SP signed-note).
public struct Note: Sendable, Hashable {
    /// The largest note that is parsed, in bytes.
    public static let maximumBytes = 1_000_000
    /// The largest number of signature lines.
    public static let maximumSignatures = 100

    /// What is signed: one or more lines, each ended by a newline.
    public let text: String
    /// The signature lines, in their order.
    public private(set) var signatures: [NoteSignature]

    /// Creates a note from its parts; the text must be one that ``init(parsing:)`` accepts.
    public init(text: String, signatures: [NoteSignature]) throws(MerkleError) {
        try self.init(parsing: Array(Self.encoded(text, signatures).utf8))
    }

    /// Parses a signed note: UTF-8 without control characters other than newlines, a text, an empty
    /// line, and at least one signature line.
    ///
    /// A line's base64 must be in its only strict form, also when the key is unknown. Throws
    /// ``MerkleError/note(line:reason:)``.
    public init(parsing bytes: [UInt8]) throws(MerkleError) {
        guard bytes.count <= Self.maximumBytes else {
            throw .note(line: 0, reason: "\(bytes.count) bytes, at most \(Self.maximumBytes)")
        }
        guard !bytes.contains(where: { $0 < 0x20 && $0 != newline }) else {
            throw .note(line: 0, reason: "it holds a control character")
        }
        guard let whole = String(validating: bytes, as: UTF8.self) else {
            throw .note(line: 0, reason: "it is not UTF-8")
        }
        guard bytes.last == newline else {
            throw .note(line: 0, reason: "its last line does not end")
        }
        var lines = bytes.dropLast().split(separator: newline, omittingEmptySubsequences: false)
        guard let blank = lines.lastIndex(where: \.isEmpty), blank > 0 else {
            throw .note(line: 0, reason: "no empty line parts the text from the signatures")
        }
        let textBytes = bytes[..<lines[blank].startIndex]
        lines.removeFirst(blank + 1)
        guard !lines.isEmpty else { throw .note(line: blank + 2, reason: "it is not signed") }
        guard lines.count <= Self.maximumSignatures else {
            throw .note(
                line: 0, reason: "\(lines.count) signatures, at most \(Self.maximumSignatures)")
        }
        var signatures: [NoteSignature] = []
        for (offset, line) in lines.enumerated() {
            guard let signature = NoteSignature(line: String(decoding: line, as: UTF8.self)) else {
                throw .note(line: blank + 2 + offset, reason: "not a signature line")
            }
            signatures.append(signature)
        }
        text = String(decoding: textBytes, as: UTF8.self)
        self.signatures = signatures
        guard encodedText.utf8.elementsEqual(whole.utf8) else {
            throw .note(line: 0, reason: "it is not in its canonical form")
        }
    }

    /// The note as it is stored and sent.
    public var encodedText: String { Self.encoded(text, signatures) }

    private static func encoded(_ text: String, _ signatures: [NoteSignature]) -> String {
        text + "\n" + signatures.map { $0.line + "\n" }.joined()
    }
}

/// One signature line of a note.
public struct NoteSignature: Sendable, Hashable {
    /// The name of the key.
    public let name: String
    /// The first four bytes of the key's hash, which tell keys of one name apart.
    public let keyID: UInt32
    /// The signature proper, without the key id; at least one byte.
    public let bytes: [UInt8]

    /// Creates a line; nil when the name is no key name or the signature is empty.
    public init?(name: String, keyID: UInt32, bytes: [UInt8]) {
        guard isKeyName(name), !bytes.isEmpty else { return nil }
        self.name = name
        self.keyID = keyID
        self.bytes = bytes
    }

    init?(line: String) {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.elementsEqual("\u{2014}".utf8),
            let decoded = decodeBase64(parts[2]), decoded.count > 4
        else { return nil }
        let id = decoded[..<4].reduce(0) { $0 << 8 | UInt32($1) }
        self.init(name: String(parts[1]), keyID: id, bytes: Array(decoded.dropFirst(4)))
    }

    /// The line without its newline.
    public var line: String {
        var decoded: [UInt8] = []
        decoded.appendBigEndian(keyID)
        return "\u{2014} \(name) \(encodeBase64(decoded + bytes))"
    }
}

/// Whether `name` may name a key and a log: not empty, at most 255 bytes, without white space,
/// control characters or a plus sign.
public func isKeyName(_ name: String) -> Bool {
    (1...255).contains(name.utf8.count)
        && name.unicodeScalars.allSatisfy {
            !$0.properties.isWhitespace && $0.value >= 0x20 && $0.value != 0x7f && $0 != "+"
        }
}

private let newline = UInt8(ascii: "\n")
