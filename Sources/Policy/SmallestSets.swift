public import Events

extension Quorum {
    /// The smallest sets of active members able to complete the quorum, up to `limit` of them, each
    /// sorted, the list sorted too: what a wallet's creation shows to those who approve it.
    public func smallestSets(in roster: Roster, limit: Int = 64) -> [[MemberName]] {
        let sets = completions(in: roster, limit: limit)
        guard let fewest = sets.map(\.count).min() else { return [] }
        let smallest = sets.filter { $0.count == fewest }.map { $0.sorted() }
        return Array(
            smallest.sorted { $0.lexicographicallyPrecedes($1) }.prefix(limit))
    }

    /// Sets of members that complete the quorum, fewest members first. The search keeps at most
    /// `limit` of the smallest sets at each level, so its cost has a bound.
    private func completions(in roster: Roster, limit: Int) -> [Set<MemberName>] {
        // partial[n] holds sets that meet n of the terms looked at so far.
        var partial: [[Set<MemberName>]] = [[[]]]
        for term in terms {
            let options = term.completions(in: roster, limit: limit)
            var next = partial
            for (met, sets) in partial.enumerated() where met < needed {
                let grown = sets.flatMap { set in options.map { set.union($0) } }
                if next.count == met + 1 { next.append([]) }
                next[met + 1] = Self.smallest(next[met + 1] + grown, limit)
            }
            partial = next
        }
        return partial.count > needed ? partial[needed] : []
    }

    fileprivate static func smallest(
        _ sets: [Set<MemberName>], _ limit: Int
    ) -> [Set<MemberName>] {
        let sorted = Set(sets).map { ($0, $0.sorted()) }.sorted {
            $0.1.count != $1.1.count
                ? $0.1.count < $1.1.count : $0.1.lexicographicallyPrecedes($1.1)
        }
        return sorted.prefix(limit).map(\.0)
    }
}

extension Quorum.Term {
    fileprivate func completions(in roster: Roster, limit: Int) -> [Set<MemberName>] {
        switch self {
        case .member(let name): roster.roles[name] == nil ? [] : [[name]]
        case .quorum(let quorum): quorum.smallestSets(in: roster, limit: limit).map(Set.init)
        case .role(let role, let count):
            Self.choices(of: count, from: roster.holders(of: role).sorted(), limit: limit)
        }
    }

    private static func choices(
        of count: Int, from members: [MemberName], limit: Int
    ) -> [Set<MemberName>] {
        guard count > 0 else { return [[]] }
        guard members.count >= count, let first = members.first else { return [] }
        let rest = Array(members.dropFirst())
        let with = choices(of: count - 1, from: rest, limit: limit).map { $0.union([first]) }
        guard with.count < limit else { return with }
        return with + choices(of: count, from: rest, limit: limit - with.count)
    }
}
