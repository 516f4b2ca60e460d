public import Bytes

/// A value that stands in an event by its digest alone, SHA-256(32-byte salt ‖ value).
///
/// Its blob, under that digest, is the salt followed by the value: who has the blob can show what
/// was committed to, and once it is erased nobody can guess it, however few the values are that it
/// could have been.
public struct SaltedValue: Sendable, Hashable {
    /// Random, and of this value alone.
    public let salt: Digest32
    public let value: [UInt8]

    /// The bytes of a salt.
    public static let saltBytes = 32
    /// The longest value, in bytes: with its salt it is a blob.
    public static let valueLimit = BlobReference.sizeLimit - saltBytes
    /// The longest name of a person, in bytes.
    public static let nameLimit = 256

    /// Salts a value; it has 1 to ``valueLimit`` bytes.
    public init(_ value: [UInt8], salt: Digest32) {
        precondition(
            (1...Self.valueLimit).contains(value.count), "the caller has looked at the length")
        self.salt = salt
        self.value = value
    }

    /// Takes a blob apart; nil when it is too short to hold a salt and a value, or too long.
    public init?(blob: [UInt8]) {
        guard (Self.saltBytes + 1...BlobReference.sizeLimit).contains(blob.count),
            let salt = Digest32(Array(blob[..<Self.saltBytes]))
        else { return nil }
        self.salt = salt
        value = Array(blob[Self.saltBytes...])
    }

    /// Salts a person's name; nil unless it ``isPersonName(_:)``.
    public init?(name: String, salt: Digest32) {
        guard Self.isPersonName(name) else { return nil }
        self.init(Array(name.utf8), salt: salt)
    }

    /// The salt and the value.
    public var blob: [UInt8] { salt.array + value }

    /// What stands in the event.
    public var digest: Digest32 { sha256(blob) }

    /// The value as a person's name; nil when it can not be one.
    public var name: String? {
        guard value.count <= Self.nameLimit, let text = String(validating: value, as: UTF8.self),
            Self.isPersonName(text)
        else { return nil }
        return text
    }

    /// Whether a text can be a person's name: 1 to ``nameLimit`` bytes in one line that is safe to
    /// print, with something to see.
    public static func isPersonName(_ text: String) -> Bool {
        (1...nameLimit).contains(text.utf8.count) && text.isOneSafeLine
            && text.unicodeScalars.contains { !$0.properties.isWhitespace }
    }
}

extension Attached {
    /// How many bytes the document has without its salt.
    public var documentBytes: Int { max(document.size - SaltedValue.saltBytes, 0) }
}
