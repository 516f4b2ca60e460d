/// Who must approve: at least `needed` of `terms`, each of which may be a quorum again.
///
/// A regulated entity whose consent is mandatory is a member of an outer quorum that needs all its
/// terms: `2 of (regulator, 2 of (alice, bob, carol))`.
public struct Quorum: Sendable, Hashable {
    /// One leaf or branch of a quorum.
    public indirect enum Term: Sendable, Hashable {
        /// This member has approved.
        case member(MemberName)
        /// At least this many different members who hold the role have approved.
        case role(RoleName, Int)
        /// The inner quorum is complete.
        case quorum(Quorum)
    }

    /// How many of the terms must be met, from 1 to their count.
    public let needed: Int
    /// The terms, in the order in which they were written.
    public let terms: [Term]

    /// The most terms of one quorum.
    public static let termLimit = 32
    /// How deep quorums may nest.
    public static let depthLimit = 4
    /// The most members that a role term may ask for.
    public static let roleCountLimit = 32

    /// Creates a quorum, or returns nil when it has no term, needs none or more than it has, or
    /// breaks a limit.
    public init?(needed: Int, of terms: [Term]) {
        guard (1...Self.termLimit).contains(terms.count), (1...terms.count).contains(needed) else {
            return nil
        }
        self.needed = needed
        self.terms = terms
        guard depth <= Self.depthLimit else { return nil }
        for case .role(_, let count) in terms
        where !(1...Self.roleCountLimit).contains(count) { return nil }
    }

    /// How deep quorums nest, this one counted.
    public var depth: Int {
        1 + (terms.map { if case .quorum(let inner) = $0 { inner.depth } else { 0 } }.max() ?? 0)
    }

    /// Every member named anywhere in the quorum, with repetitions.
    public var namedMembers: [MemberName] {
        terms.flatMap { term -> [MemberName] in
            switch term {
            case .member(let name): [name]
            case .role: []
            case .quorum(let inner): inner.namedMembers
            }
        }
    }

    /// Every role named anywhere in the quorum, with repetitions.
    public var namedRoles: [RoleName] {
        terms.flatMap { term -> [RoleName] in
            switch term {
            case .member: []
            case .role(let role, _): [role]
            case .quorum(let inner): inner.namedRoles
            }
        }
    }
}

extension Quorum: CustomStringConvertible {
    /// The quorum as people write it: `2 of (alice, bob, 1 of auditor)`.
    public var description: String {
        let inner = terms.map { term in
            switch term {
            case .member(let name): name.text
            case .role(let role, let count): "\(count) of \(role.text)"
            case .quorum(let quorum): quorum.description
            }
        }
        return "\(needed) of (\(inner.joined(separator: ", ")))"
    }
}
