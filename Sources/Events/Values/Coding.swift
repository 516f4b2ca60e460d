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
                terms.append(.role(role, try Self.roleCount(from: &reader)))
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

    private static func roleCount(from reader: inout CBORReader) throws(CBORError) -> Int {
        let offset = reader.offset
        let count = try reader.unsigned()
        guard (1...UInt64(roleCountLimit)).contains(count) else {
            throw .unexpected(
                offset: offset, expected: "a count of members from 1 to \(roleCountLimit)",
                found: "\(count)")
        }
        return Int(count)
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
