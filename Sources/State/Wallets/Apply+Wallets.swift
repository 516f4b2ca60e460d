internal import Bitcoin
internal import Bytes
internal import Events
internal import Keys

extension LedgerState {
    mutating func applyWalletAcceptance(of name: WalletName, by author: KeyID) {
        guard let member = authors[author]?.member else { return }
        wallets[name]?.awaiting.remove(member)
    }

    mutating func create(
        _ proposal: WalletProposal, _ descriptor: Descriptor, at position: UInt64
    ) {
        wallets[proposal.wallet] = Wallet(
            name: proposal.wallet, descriptor: descriptor, holders: proposal.holders,
            quorum: proposal.quorum, ceilings: proposal.ceilings,
            minimumDepth: proposal.minimumDepth, gap: proposal.gap,
            declaresShortcut: proposal.declaresShortcut, awaiting: Set(proposal.holders),
            since: position)
        watch(.receive, of: proposal.wallet)
        watch(.change, of: proposal.wallet)
        updateWatchedScripts()
    }

    /// Marks an address as used and watches on to the gap beyond it.
    // rules.md 10.3
    mutating func use(_ chain: AddressChain, _ index: UInt32, of name: WalletName) {
        guard let wallet = wallets[name], index >= wallet.next(chain) else { return }
        switch chain {
        case .receive: wallets[name]?.nextReceive = index + 1
        case .change: wallets[name]?.nextChange = index + 1
        }
        watch(chain, of: name)
    }

    private mutating func watch(_ chain: AddressChain, of name: WalletName) {
        guard let wallet = wallets[name] else { return }
        let end = wallet.next(chain) + wallet.gap
        guard end > wallet.watched(chain) else { return }
        for index in wallet.watched(chain)..<end {
            // A derivation fails with a chance of 2⁻¹²⁷; such an index has no script to watch.
            guard let output = try? wallet.descriptor.derive(chain, index) else { continue }
            scripts[output.scriptPubKey] = ScriptOwner(wallet: name, chain: chain, index: index)
        }
        switch chain {
        case .receive: wallets[name]?.watchedReceive = end
        case .change: wallets[name]?.watchedChange = end
        }
    }

    /// SHA-256 over the watched scripts as the descriptors specify them: the deterministic CBOR of
    /// `[[descriptor, receive count, change count], …]` in the order of the wallets' names.
    mutating func updateWatchedScripts() {
        let list = wallets.values.sorted { $0.name < $1.name }.map { wallet -> CBORValue in
            [
                .text(wallet.descriptor.text), .unsigned(UInt64(wallet.watchedReceive)),
                .unsigned(UInt64(wallet.watchedChange)),
            ]
        }
        watchedScripts = sha256(CBORValue.array(list).encoded)
    }
}
