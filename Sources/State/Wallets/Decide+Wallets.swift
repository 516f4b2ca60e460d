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

    // rules.md 10.1
    func checkWallet(_ proposal: WalletProposal) throws(Refusal) -> Descriptor {
        guard wallets[proposal.wallet] == nil else {
            throw Refusal(
                .nameTaken, "a wallet called \(proposal.wallet) exists; names are never used twice")
        }
        let descriptor: Descriptor
        // rules.md 10.4
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
    // rules.md 10.2
    func checkShortcuts(
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
                                + "shortcut"
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
