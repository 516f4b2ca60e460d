internal import Bitcoin
internal import Bytes
internal import Events
internal import Keys
internal import Policy

extension LedgerState {
    func requireMember(_ name: MemberName) throws(Refusal) -> Member {
        guard let member = members[name] else {
            let known = members.keys.sorted().map(\.text).joined(separator: ", ")
            throw Refusal(.unknownMember, "no member is called \(name); there are: \(known)")
        }
        return member
    }

    func checkEnrolment(_ enrolment: Enrolment) throws(Refusal) {
        guard members[enrolment.member] == nil else {
            throw Refusal(
                .nameTaken,
                "a member called \(enrolment.member) exists; names are never used "
                    + "twice")
        }
        try checkNewKey(enrolment.key, for: enrolment.member)
        var later = prospects
        later.roles[enrolment.member] = Set(enrolment.roles)
        for (what, quorum) in quorumsInForce {
            guard let twice = quorum.memberOfTwoLeaves(in: later) else { continue }
            throw Refusal(
                .quorumOverlap,
                "\(twice) could then fill two places of \(what) \(quorum) with "
                    + "one approval; change the roles, or the quorum first")
        }
    }

    private func checkNewKey(_ key: KeyID, for member: MemberName) throws(Refusal) {
        guard PublicKey(key) != nil else {
            throw Refusal(
                .keyTaken,
                "\(key.hex) is no point of the curve; a compressed secp256k1 public key "
                    + "would be accepted")
        }
        if let owner = authors[key]?.member {
            throw Refusal(
                .keyTaken,
                "the key \(key.hex) is, or was, \(owner)'s; \(member) needs a key that "
                    + "nobody has used")
        }
        if let wallet = walletUsing(key) {
            throw Refusal(
                .keyTaken,
                "the key \(key.hex) is a key of the wallet \(wallet); event keys and "
                    + "wallet keys must differ")
        }
    }

    func walletUsing(_ key: KeyID) -> WalletName? {
        wallets.values.first { wallet in
            wallet.descriptor.keys.contains { $0.extendedKey.key.id == key }
        }?.name
    }

    func checkSuspension(of name: MemberName) throws(Refusal) {
        let member = try requireMember(name)
        guard member.status != .suspended else {
            throw Refusal(.memberSuspended, "\(name) is suspended already")
        }
        for (what, quorum) in quorumsInForce {
            try requireReachable(quorum, what, in: roster.without(name))
        }
    }

    func checkRotation(of name: MemberName, to key: KeyID) throws(Refusal) {
        let member = try requireMember(name)
        guard member.status != .suspended else {
            throw Refusal(.memberSuspended, "\(name) is suspended; his key can not be rotated")
        }
        try checkNewKey(key, for: name)
        // Others must be able to decide this without him, since he may not.
        try requireReachable(policy, "the ledger's quorum", in: roster.without(name))
    }

    // rules.md 5.1
    func checkMembershipAcceptance(
        of name: MemberName, by author: Author
    ) throws(Refusal) {
        guard author.member == name else {
            throw Refusal(
                .acceptance,
                "the key \(author.key.id.hex) was enrolled for \(author.member), not "
                    + "for \(name)")
        }
        guard author.status == .awaitingAcceptance else {
            throw Refusal(.acceptance, "\(name) has accepted already")
        }
        guard members[name]?.status != .suspended else {
            throw Refusal(.memberSuspended, "\(name) is suspended and may not accept")
        }
    }

    func checkAttestation(
        _ fact: Attested, by member: Member, _ event: Event
    ) throws(Refusal) {
        try requireRole(.auditor, of: member, to: "attest an audit")
        guard fact.head == event.seen else {
            throw Refusal(
                .attestation,
                "the attested head \(fact.head) is not the one that the event has "
                    + "seen, \(event.seen)")
        }
    }
}
