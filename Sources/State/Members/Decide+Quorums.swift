internal import Events
internal import Policy

extension LedgerState {
    func checkPolicy(_ scope: PolicyScope, _ quorum: Quorum) throws(Refusal) {
        try checkQuorum(quorum, "the new quorum")
        guard case .wallet(let name) = scope else { return }
        // A retired wallet's too: its coins leave under the rule, and so does what people still
        // send.
        let wallet = try requireWallet(name)
        try checkShortcuts(
            wallet.descriptor, holders: wallet.holders, quorum: quorum,
            declared: wallet.declaresShortcut,
            isNew: false)
    }

    /// Requires of a quorum that it names members who exist, counts each once, and can be met.
    // rules.md 6
    func checkQuorum(_ quorum: Quorum, _ what: String) throws(Refusal) {
        try checkTerms(of: quorum, what)
        try requireReachable(quorum, what, in: roster)
    }

    /// Requires of a quorum that it names members who exist and counts each once.
    func checkTerms(of quorum: Quorum, _ what: String) throws(Refusal) {
        for name in quorum.namedMembers {
            _ = try requireMember(name)
        }
        if let twice = quorum.memberOfTwoLeaves(in: prospects) {
            throw Refusal(
                .quorumOverlap,
                "\(twice) could fill two places of \(what) \(quorum) with one "
                    + "approval; name each member in one place, by name or by role")
        }
    }

    func requireReachable(
        _ quorum: Quorum, _ what: String, in roster: Roster
    ) throws(Refusal) {
        try requireReachable(
            quorum, in: roster, or: "\(what) \(quorum) could not be met by the active members")
    }

    /// Requires that the members of `roster` can meet a quorum; `sentence` says that they can not.
    func requireReachable(
        _ quorum: Quorum, in roster: Roster, or sentence: @autoclosure () -> String
    ) throws(Refusal) {
        guard !quorum.isReachable(in: roster) else { return }
        let missing = Progress(of: quorum, approvedBy: roster.members, in: roster).missing
        throw Refusal(.quorumUnreachable, "\(sentence()): it would miss \(missing ?? "nothing")")
    }

    /// The members who may act, now or once they accept: whoever could come to fill two leaves.
    var prospects: Roster {
        var prospects = Roster()
        for member in members.values where member.status != .suspended {
            prospects.roles[member.name] = Set(member.roles)
        }
        return prospects
    }

    /// Every quorum in force with its name, in an order that does not depend on hashing. Those of
    /// retired wallets stay in force, since coins reach them still and must be able to leave.
    var quorumsInForce: [(what: String, quorum: Quorum)] {
        let wallets = wallets.values.sorted { $0.name < $1.name }
        return [("the ledger's quorum", policy)]
            + wallets.map { ("the quorum of the wallet \($0.name)", $0.quorum) }
    }
}
