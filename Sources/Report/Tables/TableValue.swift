/// One cell of a table.
enum TableValue: Sendable, Equatable {
    case none
    case number(UInt64)
    case signed(Int64)
    case flag(Bool)
    /// What the format itself restricts: a name, a digest, an amount, a time.
    case word(String)
    /// What people or nodes have written; anything may stand in it.
    case text(String)
    /// Words without semicolons.
    case list([String])

    static func number(_ value: UInt64?) -> TableValue {
        if let value { .number(value) } else { .none }
    }

    static func word(_ value: String?) -> TableValue {
        if let value { .word(value) } else { .none }
    }

    static func text(_ value: String?) -> TableValue {
        if let value { .text(value) } else { .none }
    }
}

extension TableValue {
    /// The cell of an RFC 4180 row.
    ///
    /// Text of people is always in quotes. When its first character could make a spreadsheet
    /// compute it, or is an apostrophe, an apostrophe is put before it: who reads the file with a
    /// program removes one leading apostrophe and has the text back.
    var csv: String {
        switch self {
        case .none: ""
        case .number(let value): String(value)
        case .signed(let value): String(value)
        case .flag(let value): value ? "true" : "false"
        case .word(let text): Self.quotedWhereNeeded(text)
        case .text(let text): Self.quoted(Self.isRisky(text) ? "'" + text : text)
        case .list(let words): Self.quotedWhereNeeded(words.joined(separator: ";"))
        }
    }

    /// Formulas begin with these, also in their full-width forms and behind white space.
    private static func isRisky(_ text: String) -> Bool {
        let start = text.unicodeScalars.drop { $0.properties.isWhitespace }.first
        return switch start?.value {
        case 0x3d, 0x2b, 0x2d, 0x40, 0x27, 0x7c, 0x25: true
        case 0xff1d, 0xff0b, 0xff0d, 0xff20: true
        default: text.unicodeScalars.first.map { $0.value < 0x20 } ?? false
        }
    }

    private static func quotedWhereNeeded(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\""), 0..<0x20, 0x7f...:
                false
            default: true
            }
        }
        return isPlain ? text : quoted(text)
    }

    private static func quoted(_ text: String) -> String {
        "\""
            + text.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }
}

extension TableValue {
    /// The value in JSON (RFC 8259).
    var json: String {
        switch self {
        case .none: "null"
        case .number(let value): String(value)
        case .signed(let value): String(value)
        case .flag(let value): value ? "true" : "false"
        case .word(let text), .text(let text): Self.literal(text)
        case .list(let words): "[" + words.map(Self.literal).joined(separator: ",") + "]"
        }
    }

    static func literal(_ text: String) -> String {
        var literal = "\""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: literal += "\\\""
            case 0x5c: literal += "\\\\"
            // Line separators are legal in JSON and break readers that split at them.
            case 0..<0x20, 0x7f, 0x85, 0x2028, 0x2029:
                let digits = String(scalar.value, radix: 16)
                literal += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: literal.unicodeScalars.append(scalar)
            }
        }
        return literal + "\""
    }
}
