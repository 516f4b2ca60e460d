/// What a key is called in its folder: a lower-case letter or digit, then up to 63 more of those
/// and of ".", "_", "-".
public struct KeyName: Sendable, Hashable {
    /// The name, 1 to 64 ASCII characters.
    public let text: String

    /// Parses a name; throws ``SecretsError/name(_:)``.
    public init(_ text: String) throws(SecretsError) {
        let characters = Array(text.utf8)
        guard (1...64).contains(characters.count), let first = characters.first,
            Self.isAlphanumeric(first),
            characters.allSatisfy({ Self.isAlphanumeric($0) || ".-_".utf8.contains($0) })
        else { throw .name(String(text.prefix(80))) }
        self.text = text
    }

    private static func isAlphanumeric(_ character: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(character)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character)
    }
}

extension KeyName: Comparable {
    public static func < (left: KeyName, right: KeyName) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

extension KeyName: CustomStringConvertible {
    public var description: String { text }
}
