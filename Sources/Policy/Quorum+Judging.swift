public import Events

extension Quorum {
    /// Whether the approvals of `members`, as far as they are active in `roster`, complete the
    /// quorum.
    public func isComplete(approvedBy members: Set<MemberName>, in roster: Roster) -> Bool {
        var met = 0
        for term in terms where term.isMet(by: members, in: roster) { met += 1 }
        return met >= needed
    }

    /// Whether the active members together could complete the quorum.
    public func isReachable(in roster: Roster) -> Bool {
        isComplete(approvedBy: roster.members, in: roster)
    }

    /// The active members whose approval can count.
    public func approvers(in roster: Roster) -> Set<MemberName> {
        terms.reduce(into: []) { $0.formUnion($1.approvers(in: roster)) }
    }

    /// The first member, by name, who could fill two leaves; nil when approvals count once. Who is
    /// named counts whether he is active or not, who holds a role only while he is.
    ///
    /// A quorum in which somebody's one approval meets two terms needs fewer people than it says.
    public func memberOfTwoLeaves(in roster: Roster) -> MemberName? {
        var seen: Set<MemberName> = []
        var twice: Set<MemberName> = []
        collectLeaves(in: roster, seen: &seen, twice: &twice)
        return twice.min()
    }

    private func collectLeaves(
        in roster: Roster, seen: inout Set<MemberName>, twice: inout Set<MemberName>
    ) {
        for term in terms {
            if case .quorum(let inner) = term {
                inner.collectLeaves(in: roster, seen: &seen, twice: &twice)
                continue
            }
            // A member named who is not active yet still occupies his leaf.
            var leaf = term.approvers(in: roster)
            if case .member(let name) = term { leaf.insert(name) }
            twice.formUnion(seen.intersection(leaf))
            seen.formUnion(leaf)
        }
    }

    /// The fewest members who can complete the quorum; nil when the active ones can not.
    ///
    /// Exact when no member fills two leaves, which every quorum in force obeys.
    public func fewestMembers(in roster: Roster) -> Int? {
        let costs = terms.compactMap { $0.fewestMembers(in: roster) }.sorted()
        guard costs.count >= needed else { return nil }
        return costs.prefix(needed).reduce(0, +)
    }
}

extension Quorum.Term {
    func isMet(by members: Set<MemberName>, in roster: Roster) -> Bool {
        switch self {
        case .member(let name): members.contains(name) && roster.roles[name] != nil
        case .role(let role, let count):
            roster.holders(of: role).intersection(members).count >= count
        case .quorum(let quorum): quorum.isComplete(approvedBy: members, in: roster)
        }
    }

    func approvers(in roster: Roster) -> Set<MemberName> {
        switch self {
        case .member(let name): roster.roles[name] == nil ? [] : [name]
        case .role(let role, _): roster.holders(of: role)
        case .quorum(let quorum): quorum.approvers(in: roster)
        }
    }

    func fewestMembers(in roster: Roster) -> Int? {
        switch self {
        case .member(let name): roster.roles[name] == nil ? nil : 1
        case .role(let role, let count): roster.holders(of: role).count >= count ? count : nil
        case .quorum(let quorum): quorum.fewestMembers(in: roster)
        }
    }
}
