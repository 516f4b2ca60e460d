public import Events

extension Quorum {
    /// The smallest sets of active members able to complete the quorum, up to `limit` of them, each
    /// sorted, the list sorted too: what a wallet's creation shows to those who approve it.
    ///
    /// All of them when they are fewer than the limit and no member fills two leaves, which every
    /// quorum in force obeys. The cost has a bound: at each term some `limit` × ln `limit` unions
    /// for each number of terms met before it.
    public func smallestSets(in roster: Roster, limit: Int = 64) -> [[MemberName]] {
        let search = SmallestSets(
            roster: roster, members: approvers(in: roster).sorted(), limit: max(limit, 1))
        return search.completions(of: self).map { $0.map { search.members[$0] } }
    }
}

/// A search for the smallest sets that complete a quorum. A set is a sorted array of indices.
private struct SmallestSets {
    let roster: Roster
    /// Whoever counts, sorted, so that indices sort as names do.
    let members: [MemberName]
    /// How many sets are kept at each step.
    let limit: Int

    /// The sets of fewest members that complete `quorum`, sorted.
    func completions(of quorum: Quorum) -> [[Int]] {
        // partial[n] holds sets that meet n of the terms looked at so far.
        var partial: [[[Int]]] = [[[]]]
        for term in quorum.terms {
            let options = completions(of: term)
            guard !options.isEmpty else { continue }
            var next = partial
            for (met, sets) in partial.enumerated() where met < quorum.needed {
                if next.count == met + 1 { next.append([]) }
                next[met + 1] = smallest(next[met + 1] + unions(sets, options))
            }
            partial = next
        }
        guard partial.count > quorum.needed else { return [] }
        let sets = partial[quorum.needed]
        return sets.filter { $0.count == sets.first?.count }
    }

    private func completions(of term: Quorum.Term) -> [[Int]] {
        switch term {
        case .member(let name): members.firstIndex(of: name).map { [[$0]] } ?? []
        case .quorum(let quorum): completions(of: quorum)
        case .role(let role, let count):
            choices(
                of: count, from: members.indices.filter { holds(members[$0], role) }[...],
                limit: limit)
        }
    }

    private func holds(_ member: MemberName, _ role: RoleName) -> Bool {
        roster.roles[member]?.contains(role) ?? false
    }

    /// The first `limit` choices of `count` members, in order.
    private func choices(of count: Int, from members: ArraySlice<Int>, limit: Int) -> [[Int]] {
        guard count > 0 else { return [[]] }
        guard members.count >= count, let first = members.first else { return [] }
        let rest = members.dropFirst()
        let with = choices(of: count - 1, from: rest, limit: limit).map { [first] + $0 }
        guard with.count < limit else { return with }
        return with + choices(of: count, from: rest, limit: limit - with.count)
    }

    /// Unions of one set of each list, both sorted by size: of two sets at places i and j, at least
    /// (i + 1)(j + 1) unions are no larger than theirs, so those past the limit are left out.
    private func unions(_ left: [[Int]], _ right: [[Int]]) -> [[Int]] {
        left.enumerated().flatMap { index, set in
            right.prefix(limit / (index + 1)).map { merge(set, $0) }
        }
    }

    private func merge(_ left: [Int], _ right: [Int]) -> [Int] {
        var result: [Int] = []
        result.reserveCapacity(left.count + right.count)
        var rest = right[...]
        for index in left {
            while let first = rest.first, first < index { result.append(rest.removeFirst()) }
            if rest.first == index { rest.removeFirst() }
            result.append(index)
        }
        return result + rest
    }

    /// The first sets by size, then in order, each once.
    private func smallest(_ sets: [[Int]]) -> [[Int]] {
        var result: [[Int]] = []
        let sorted = sets.sorted {
            $0.count != $1.count ? $0.count < $1.count : $0.lexicographicallyPrecedes($1)
        }
        for set in sorted where set != result.last {
            result.append(set)
            if result.count == limit { break }
        }
        return result
    }
}
