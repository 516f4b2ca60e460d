/// Why a text is not a quorum, and where.
public struct QuorumSyntaxError: Error, Equatable, CustomStringConvertible {
    /// The offset of the first character that does not fit, counted from 0.
    public let offset: Int
    /// What would have fitted there.
    public let expected: String

    /// Creates an error.
    public init(offset: Int, expected: String) {
        self.offset = offset
        self.expected = expected
    }

    public var description: String {
        "a quorum reads like \"2 of (alice, bob, carol)\": expected \(expected) at character "
            + "\(offset + 1)"
    }
}

extension Quorum {
    /// Parses what ``description`` writes: `K of (term, …)`, where a term is a member's name,
    /// `K of ROLE`, or a quorum again.
    public init(parsing text: String) throws(QuorumSyntaxError) {
        var parser = QuorumParser(text)
        self = try parser.wholeQuorum()
    }
}

private struct QuorumParser {
    private let characters: [UInt8]
    private var offset = 0

    init(_ text: String) { characters = Array(text.utf8) }

    mutating func wholeQuorum() throws(QuorumSyntaxError) -> Quorum {
        skipSpace()
        let start = offset
        guard case .quorum(let quorum) = try term(depth: 1) else {
            throw error("a quorum with parentheses", at: start)
        }
        skipSpace()
        guard offset == characters.count else { throw error("the end", at: offset) }
        return quorum
    }

    private mutating func term(depth: Int) throws(QuorumSyntaxError) -> Quorum.Term {
        skipSpace()
        let start = offset
        guard let needed = number() else { return .member(try name("a member's name")) }
        skipSpace()
        let of = offset
        guard word() == "of" else { throw error("\"of\"", at: of) }
        skipSpace()
        guard take("(") else {
            let role: RoleName = try name("a role's name or (")
            guard (1...Quorum.roleCountLimit).contains(needed) else {
                throw error("a count from 1 to \(Quorum.roleCountLimit)", at: start)
            }
            return .role(role, needed)
        }
        guard depth <= Quorum.depthLimit else {
            throw error("at most \(Quorum.depthLimit) levels of quorums", at: start)
        }
        var terms: [Quorum.Term] = []
        repeat {
            guard terms.count < Quorum.termLimit else {
                throw error("at most \(Quorum.termLimit) terms", at: offset)
            }
            terms.append(try term(depth: depth + 1))
            skipSpace()
        } while take(",")
        guard take(")") else { throw error(", or )", at: offset) }
        guard let quorum = Quorum(needed: needed, of: terms) else {
            throw error("a count from 1 to \(terms.count)", at: start)
        }
        return .quorum(quorum)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while offset < characters.count,
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(characters[offset])
        {
            // Ten thousand is as far beyond every limit as any larger number.
            value = min((value ?? 0) * 10 + Int(characters[offset] - UInt8(ascii: "0")), 10_000)
            offset += 1
        }
        return value
    }

    private mutating func name<Kind>(
        _ expected: String
    ) throws(QuorumSyntaxError) -> Label<Kind> {
        skipSpace()
        let start = offset
        guard let name = Label<Kind>(word()) else { throw error(expected, at: start) }
        return name
    }

    private mutating func word() -> String {
        let start = offset
        let ends = Set(" (),".utf8)
        while offset < characters.count, !ends.contains(characters[offset]) { offset += 1 }
        return String(decoding: characters[start..<offset], as: UTF8.self)
    }

    private mutating func take(_ character: Character) -> Bool {
        guard offset < characters.count, characters[offset] == character.asciiValue else {
            return false
        }
        offset += 1
        return true
    }

    private mutating func skipSpace() {
        while offset < characters.count, characters[offset] == UInt8(ascii: " ") { offset += 1 }
    }

    private func error(_ expected: String, at offset: Int) -> QuorumSyntaxError {
        QuorumSyntaxError(offset: offset, expected: expected)
    }
}
