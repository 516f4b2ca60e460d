package import Bytes
internal import Keys

extension Label {
    package init(from reader: inout CBORReader) throws(CBORError) {
        let offset = reader.offset
        let text = try reader.text(maximum: 32)
        guard let label = Label(text) else {
            throw .unexpected(
                offset: offset, expected: "a name (\(Self.shape))",
                found: "\"\(text.escapedForDisplay)\"")
        }
        self = label
    }

    package var cbor: CBORValue { .text(text) }
}

extension Quorum {
    package init(from reader: inout CBORReader) throws(CBORError) {
        try self.init(from: &reader, depth: 1)
    }

    private init(from reader: inout CBORReader, depth: Int) throws(CBORError) {
        let offset = reader.offset
        guard depth <= Self.depthLimit else {
            throw .refused(offset: offset, rule: "quorums nest at most \(Self.depthLimit) deep")
        }
        var map = try reader.openMap()
        try reader.key("of", in: &map)
        var terms: [Term] = []
        for _ in 0..<(try reader.openArray(maximum: Self.termLimit)) {
            switch reader.nextMajor {
            case 3: terms.append(.member(try MemberName(from: &reader)))
            case 4:
                try reader.openArray(exactly: 2)
                let role = try RoleName(from: &reader)
                terms.append(.role(role, Int(try reader.unsigned(maximum: 1 << 16))))
            default: terms.append(.quorum(try Quorum(from: &reader, depth: depth + 1)))
            }
        }
        try reader.key("need", in: &map)
        let needed = Int(try reader.unsigned(maximum: UInt64(Self.termLimit)))
        try reader.close(map)
        guard let quorum = Quorum(needed: needed, of: terms) else {
            throw .unexpected(
                offset: offset, expected: "a quorum that needs 1 to \(terms.count) of its terms",
                found: "\(needed)")
        }
        self = quorum
    }

    package var cbor: CBORValue {
        let terms = terms.map { term -> CBORValue in
            switch term {
            case .member(let name): name.cbor
            case .role(let role, let count): [role.cbor, .unsigned(UInt64(count))]
            case .quorum(let quorum): quorum.cbor
            }
        }
        return ["of": .array(terms), "need": .unsigned(UInt64(needed))]
    }
}

extension KeyID {
    package init(from reader: inout CBORReader) throws(CBORError) {
        let offset = reader.offset
        guard let id = KeyID(try reader.lentBytes(maximum: 33)) else {
            throw .unexpected(
                offset: offset, expected: "a compressed public key of 33 bytes",
                found: "other bytes")
        }
        self = id
    }

    package var cbor: CBORValue { .bytes(bytes) }
}

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
}

extension String {
    /// Whether the text has no character that breaks a line or steers a terminal.
    public var isOneSafeLine: Bool {
        unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
                .unassigned:
                false
            default: true
            }
        }
    }
}
