public import Bitcoin
internal import Bytes
public import Events
internal import Keys
internal import Policy

extension LedgerState {
    /// The wallet of this name; a refusal that names those that there are, when it is not among
    /// them.
    package func requireWallet(_ name: WalletName) throws(Refusal) -> Wallet {
        guard let wallet = wallets[name] else {
            let known = wallets.keys.sorted().map(\.text).joined(separator: ", ")
            throw Refusal(
                .unknownWallet,
                "no wallet is called \(name); "
                    + (known.isEmpty ? "there is none yet" : "there are: \(known)"))
        }
        return wallet
    }

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

    private func walletUsing(_ key: KeyID) -> WalletName? {
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
    private func checkQuorum(_ quorum: Quorum, _ what: String) throws(Refusal) {
        for name in quorum.namedMembers {
            _ = try requireMember(name)
        }
        if let twice = quorum.memberOfTwoLeaves(in: prospects) {
            throw Refusal(
                .quorumOverlap,
                "\(twice) could fill two places of \(what) \(quorum) with one "
                    + "approval; name each member in one place, by name or by role")
        }
        try requireReachable(quorum, what, in: roster)
    }

    private func requireReachable(
        _ quorum: Quorum, _ what: String, in roster: Roster
    ) throws(Refusal) {
        guard quorum.isReachable(in: roster) else {
            let progress = Progress(of: quorum, approvedBy: roster.members, in: roster)
            throw Refusal(
                .quorumUnreachable,
                "\(what) \(quorum) could not be met by the active members: it "
                    + "would miss \(progress.missing ?? "nothing")")
        }
    }

    /// The members who may act, now or once they accept: whoever could come to fill two leaves.
    private var prospects: Roster {
        var prospects = Roster()
        for member in members.values where member.status != .suspended {
            prospects.roles[member.name] = Set(member.roles)
        }
        return prospects
    }

    /// Every quorum in force with its name, in an order that does not depend on hashing. Those of
    /// retired wallets stay in force, since coins reach them still and must be able to leave.
    private var quorumsInForce: [(what: String, quorum: Quorum)] {
        let wallets = wallets.values.sorted { $0.name < $1.name }
        return [("the ledger's quorum", policy)]
            + wallets.map { ("the quorum of the wallet \($0.name)", $0.quorum) }
    }

    // MARK: Wallets

    func checkWallet(_ proposal: WalletProposal) throws(Refusal) -> Descriptor {
        guard wallets[proposal.wallet] == nil else {
            throw Refusal(
                .nameTaken, "a wallet called \(proposal.wallet) exists; names are never used twice")
        }
        let descriptor: Descriptor
        do { descriptor = try proposal.parsedDescriptor(on: founding.network) } catch {
            throw Refusal(
                .descriptor,
                "the descriptor is refused: \(error.sentence(holders: proposal.holders))")
        }
        guard descriptor.text == proposal.descriptor else {
            throw Refusal(
                .descriptor,
                "the descriptor is not in its canonical form, which is "
                    + descriptor.text)
        }
        try checkHolders(proposal.holders, of: descriptor)
        try checkQuorum(proposal.quorum, "the wallet's quorum")
        guard (1...1_000).contains(proposal.minimumDepth) else {
            throw Refusal(
                .descriptor,
                "a minimum depth of \(proposal.minimumDepth) confirmations is refused;"
                    + " 1 to 1,000 are accepted")
        }
        guard (1...WalletProposal.gapLimit).contains(proposal.gap) else {
            throw Refusal(
                .descriptor,
                "a gap of \(proposal.gap) addresses is refused; 1 to "
                    + "\(WalletProposal.gapLimit) are accepted")
        }
        try checkShortcuts(
            descriptor, holders: proposal.holders, quorum: proposal.quorum,
            declared: proposal.declaresShortcut, isNew: true)
        return descriptor
    }

    private func checkHolders(
        _ holders: [MemberName], of descriptor: Descriptor
    ) throws(Refusal) {
        guard holders.count == descriptor.keys.count else {
            throw Refusal(
                .holders,
                "the descriptor has \(descriptor.keys.count) keys, but "
                    + "\(holders.count) holders are named; name one for each key, in order")
        }
        for (name, key) in zip(holders, descriptor.keys) {
            let member = try requireMember(name)
            guard member.status == .active else {
                throw Refusal(
                    .holders,
                    "\(name) is \(member.status.rawValue) and can not hold a key of a "
                        + "new wallet; an active member can")
            }
            let id = key.extendedKey.key.id
            if let owner = authors[id]?.member {
                throw Refusal(
                    .keyTaken,
                    "\(name)'s wallet key is the event key of \(owner); event keys and "
                        + "wallet keys must differ")
            }
            if let other = walletUsing(id) {
                throw Refusal(
                    .keyTaken,
                    "\(name)'s key \(key.extendedKey.text.prefix(20))… is a key of the "
                        + "wallet \(other); each wallet needs keys of its own")
            }
        }
    }

    /// Refuses a wallet with a way around its quorum: a spend path that fewer members can use than
    /// must approve.
    private func checkShortcuts(
        _ descriptor: Descriptor, holders: [MemberName], quorum: Quorum, declared: Bool,
        isNew: Bool
    ) throws(Refusal) {
        guard !declared, let needed = quorum.fewestMembers(in: roster) else { return }
        for path in descriptor.spendPaths {
            let members = Self.fewestHolders(path, holders)
            guard members >= needed else {
                let few = "\(members) member\(members == 1 ? "" : "s")"
                throw Refusal(
                    .shortcut,
                    "\(few) could spend with the keys of the descriptor, but the quorum \(quorum) "
                        + "needs \(needed). "
                        + (isNew
                            ? "Use a descriptor that needs \(needed) holders, or declare the "
                                + "shortcut with --declare-shortcut"
                            : "A quorum that \(few) can complete would be accepted, or another "
                                + "wallet whose descriptor needs \(needed) holders"))
            }
        }
    }

    /// The fewest members whose keys satisfy a spend path: those with the most keys first.
    public static func fewestHolders(_ path: SpendPath, _ holders: [MemberName]) -> Int {
        let counts = Dictionary(grouping: path.keys, by: { holders[$0] })
            .values.map(\.count).sorted(by: >)
        var keys = 0
        for (members, count) in counts.enumerated() {
            keys += count
            if keys >= path.threshold { return members + 1 }
        }
        return counts.count
    }

    func checkWalletAcceptance(
        of name: WalletName, _ descriptor: String, by member: Member
    ) throws(Refusal) {
        let wallet = try requireWallet(name)
        guard wallet.holders.contains(member.name) else {
            throw Refusal(
                .acceptance,
                "\(member.name) holds no key of the wallet \(name); its holders are "
                    + wallet.holders.map(\.text).joined(separator: ", "))
        }
        guard wallet.awaiting.contains(member.name) else {
            throw Refusal(.acceptance, "\(member.name) has accepted the wallet \(name) already")
        }
        guard wallet.descriptor.text == descriptor else {
            throw Refusal(
                .acceptance,
                "the accepted descriptor is not that of the wallet \(name), which is "
                    + wallet.descriptor.text)
        }
    }

    func checkIssue(_ fact: Issued, by member: Member) throws(Refusal) {
        let wallet = try requireReadyWallet(fact.wallet)
        try requireHolderOrOperator(member, of: fact.wallet, to: "hand out its addresses")
        guard fact.index == wallet.nextReceive else {
            throw Refusal(
                .addressIndex,
                "address \(fact.index) of the wallet \(fact.wallet) is not the next one; that is "
                    + "\(wallet.nextReceive), and no index is used twice. Somebody may have been "
                    + "quicker: ask for an address again")
        }
        guard fact.index < WalletProposal.indexLimit else {
            throw Refusal(
                .addressIndex,
                "the wallet \(fact.wallet) has issued all of its "
                    + "\(WalletProposal.indexLimit) addresses; create another wallet")
        }
    }

    /// A wallet that receives and sends.
    func requireReadyWallet(_ name: WalletName) throws(Refusal) -> Wallet {
        let wallet = try requireAcceptedWallet(name)
        guard !wallet.isRetired else {
            throw Refusal(
                .walletRetired, "the wallet \(name) is retired: it hands out no more addresses")
        }
        return wallet
    }

    /// A wallet whose keys' holders have accepted it. It may be retired.
    func requireAcceptedWallet(_ name: WalletName) throws(Refusal) -> Wallet {
        let wallet = try requireWallet(name)
        guard wallet.awaiting.isEmpty else {
            throw Refusal(
                .walletNotReady,
                "the wallet \(name) has no addresses yet: "
                    + wallet.awaiting.sorted().map(\.text).joined(separator: ", ")
                    + " must accept its descriptor first")
        }
        return wallet
    }
}
