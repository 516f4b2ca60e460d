internal import Bytes

extension CBORReader {
    /// Reads text of one line that is safe to print, at most `maximum` bytes.
    mutating func line(maximum: Int) throws(CBORError) -> String {
        let start = offset
        let text = try text(maximum: maximum)
        guard text.isOneSafeLine else {
            throw .unexpected(
                offset: start, expected: "one line of text without control characters",
                found: "\"\(text.escapedForDisplay)\"")
        }
        return text
    }

    /// Reads printable ASCII, at most `maximum` bytes.
    ///
    /// Descriptors are compared as text, and Unicode has other characters that compare equal to
    /// ASCII ones: the Kelvin sign to `K`.
    mutating func printableASCII(maximum: Int) throws(CBORError) -> String {
        let start = offset
        let text = try text(maximum: maximum)
        guard text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw .unexpected(
                offset: start, expected: "printable ASCII",
                found: "\"\(text.escapedForDisplay)\"")
        }
        return text
    }
}

extension String {
    /// Whether the text has no character that breaks a line, steers a terminal or reorders what
    /// stands beside it.
    ///
    /// The ranges are part of the format and not those of a Unicode version, which would let one
    /// program refuse what another has recorded.
    public var isOneSafeLine: Bool {
        unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            // C0, DEL and C1 controls; the soft hyphen, the Arabic letter mark and the Mongolian
            // vowel separator.
            case 0x00...0x1f, 0x7f...0x9f, 0xad, 0x61c, 0x180e: false
            // Zero widths and directions; line and paragraph separators; embeddings; invisible
            // operators and isolates.
            case 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f: false
            // Private use; the byte order mark; annotations, the replacement character's
            // neighbours and non-characters.
            case 0xe000...0xf8ff, 0xfdd0...0xfdef, 0xfeff, 0xfff0...0xfffb, 0xfffe, 0xffff: false
            // Tags, supplementary private use and everything behind them.
            case 0xe0000...0x10_ffff: false
            default: true
            }
        }
    }
}
