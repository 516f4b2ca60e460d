/// Why a text is not a quorum, and where.
public struct QuorumSyntaxError: Error, Equatable, CustomStringConvertible {
    /// The offset of the first character that does not fit, counted from 0.
    public let offset: Int
    /// What would have fitted there.
    public let expected: String

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
        guard case .quorum(let quorum) = try term(depth: 0) else {
            throw QuorumSyntaxError(offset: start, expected: "a quorum with parentheses")
        }
        skipSpace()
        guard offset == characters.count else { throw error("the end") }
        return quorum
    }

    private mutating func term(depth: Int) throws(QuorumSyntaxError) -> Quorum.Term {
        guard depth < Quorum.depthLimit else {
            throw error("at most \(Quorum.depthLimit) levels of quorums")
        }
        skipSpace()
        guard let needed = try number() else {
            guard let name = MemberName(word()) else { throw error("a member's name") }
            return .member(name)
        }
        guard word() == "of" else { throw error("\"of\"") }
        skipSpace()
        guard take("(") else {
            guard let role = RoleName(word()) else { throw error("a role's name or (") }
            guard (1...Quorum.roleCountLimit).contains(needed) else {
                throw error("a count from 1 to \(Quorum.roleCountLimit)")
            }
            return .role(role, needed)
        }
        var terms: [Quorum.Term] = []
        repeat {
            guard terms.count < Quorum.termLimit else {
                throw error("at most \(Quorum.termLimit) terms")
            }
            terms.append(try term(depth: depth + 1))
            skipSpace()
        } while take(",")
        guard take(")") else { throw error(", or )") }
        guard let quorum = Quorum(needed: needed, of: terms) else {
            throw error("a count from 1 to \(terms.count) before \"of\"")
        }
        return .quorum(quorum)
    }

    private mutating func number() throws(QuorumSyntaxError) -> Int? {
        let start = offset
        while offset < characters.count, offset - start < 4,
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(characters[offset])
        { offset += 1 }
        guard offset > start else { return nil }
        return characters[start..<offset].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    private mutating func word() -> String {
        skipSpace()
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

    private func error(_ expected: String) -> QuorumSyntaxError {
        QuorumSyntaxError(offset: offset, expected: expected)
    }
}
