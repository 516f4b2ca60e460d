import Events
import Policy

/// Why a sample could not be made; always the test's mistake.
struct SampleMissing: Error {
    let what: String
}

/// Makes a name of any kind.
func label<Kind>(_ text: String) throws -> Label<Kind> {
    guard let label = Label<Kind>(text) else { throw SampleMissing(what: text) }
    return label
}

/// Every quorum up to a small size over three members and two roles, and every roster of them.
enum SmallWorld {
    /// The members.
    static let names = ["a", "b", "c"]

    /// Every roster in which each member is absent or has one of the sets of roles.
    static func rosters(_ choices: [[String]?]) throws -> [Roster] {
        try names.reduce([Roster()]) { rosters, name in
            try rosters.flatMap { roster in
                try choices.map { choice in
                    var next = roster
                    next.roles[try label(name)] = try choice.map {
                        Set(try $0.map { try label($0) })
                    }
                    return next
                }
            }
        }
    }

    /// Every set of members, active or not.
    static func subsets() throws -> [Set<MemberName>] {
        try (0..<1 << names.count).map { bits in
            Set(
                try names.indices.filter { bits >> $0 & 1 == 1 }
                    .map { try label(names[$0]) as MemberName })
        }
    }

    /// Every leaf: each member, one or two holders of role x, a holder of role y.
    static func leaves() throws -> [Quorum.Term] {
        try names.map { .member(try label($0)) } + [
            .role(try label("x"), 1), .role(try label("x"), 2), .role(try label("y"), 1),
        ]
    }

    /// Every quorum of one to `count` of `terms`, order left aside, repetitions included.
    static func quorums(of terms: [Quorum.Term], upTo count: Int) -> [Quorum] {
        (1...count).flatMap { count in
            choices(of: count, from: terms[...]).flatMap { chosen in
                (1...count).compactMap { Quorum(needed: $0, of: chosen) }
            }
        }
    }

    /// Quorums without quorums inside, of up to three terms.
    static func flat() throws -> [Quorum] { quorums(of: try leaves(), upTo: 3) }

    /// Quorums of up to two terms, of which one at least is a quorum.
    static func nested() throws -> [Quorum] {
        let leaves = try leaves()
        let inner = quorums(of: leaves, upTo: 2).map { Quorum.Term.quorum($0) }
        return quorums(of: leaves + inner, upTo: 2).filter { $0.depth == 2 }
    }

    private static func choices(
        of count: Int, from terms: ArraySlice<Quorum.Term>
    ) -> [[Quorum.Term]] {
        guard count > 0 else { return [[]] }
        return terms.indices.flatMap { index in
            choices(of: count - 1, from: terms[index...]).map { [terms[index]] + $0 }
        }
    }
}

/// Quorums judged by trying everything, straight from the words that define them.
enum BruteForce {
    /// Whether there are `needed` terms of which each is met.
    static func isComplete(_ quorum: Quorum, by members: Set<MemberName>, _ roster: Roster) -> Bool
    {
        (0..<1 << quorum.terms.count).contains { bits in
            let chosen = quorum.terms.indices.filter { bits >> $0 & 1 == 1 }
            return chosen.count == quorum.needed
                && chosen.allSatisfy { isMet(quorum.terms[$0], by: members, roster) }
        }
    }

    private static func isMet(
        _ term: Quorum.Term, by members: Set<MemberName>, _ roster: Roster
    ) -> Bool {
        switch term {
        case .quorum(let inner): return isComplete(inner, by: members, roster)
        case .member(let name): return members.contains(name) && roster.roles.keys.contains(name)
        case .role(let role, let count):
            var left = count
            for (name, roles) in roster.roles where roles.contains(role) && members.contains(name) {
                left -= 1
            }
            return left <= 0
        }
    }

    /// The leaves, from left to right.
    static func leaves(_ quorum: Quorum) -> [Quorum.Term] {
        quorum.terms.flatMap { term in
            if case .quorum(let inner) = term { leaves(inner) } else { [term] }
        }
    }

    /// How many leaves `name` can fill: those that name him, and those of roles that he holds.
    static func places(of name: MemberName, in quorum: Quorum, _ roster: Roster) -> Int {
        leaves(quorum).count { leaf in
            switch leaf {
            case .member(let named): named == name
            case .role(let role, _): roster.roles[name]?.contains(role) ?? false
            case .quorum: false
            }
        }
    }
}
