internal import Bitcoin
internal import Bytes
internal import Events
internal import Keys
internal import Policy

extension LedgerState {
    /// Brings a request of governance into force, at the event that completed its quorum. What has
    /// become impossible since it was initiated is voided instead.
    mutating func execute(_ request: OpenRequest, in context: Context) {
        let finding: Admission.Finding
        do {
            finding = try check(request.initiated.request, in: context)
        } catch {
            end(request.id, as: .voided, at: context.position)
            return
        }
        switch request.initiated.request {
        case .transfer: preconditionFailure("transfers are not executed but signed")
        case .createWallet(let proposal):
            if case .descriptor(let descriptor) = finding {
                create(proposal, descriptor, at: context.position)
            }
        case .retireWallet(let name):
            wallets[name]?.isRetired = true
            void(at: context.position, except: request.id) { $0.concerns(wallet: name) }
        case .enrolMember(let enrolment):
            if let key = PublicKey(enrolment.key) {
                enrol(enrolment, key: key, at: context.position)
            }
        case .suspendMember(let name):
            members[name]?.status = .suspended
            updateRoster()
            void(at: context.position, except: request.id) { $0.isActedOn(by: name) }
        case .rotateKey(let name, let key):
            rotate(name, to: key)
            void(at: context.position, except: request.id) { $0.isActedOn(by: name) }
        case .replacePolicy(let scope, let quorum):
            replace(scope, quorum, in: context)
            void(at: context.position, except: request.id) { $0.isRuled(by: scope) }
        case .cancel(let target):
            end(target, as: .cancelled, at: context.position)
        }
        end(request.id, as: .executed, at: context.position)
        updateNextExpiry()
    }

    private mutating func create(
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

    private mutating func rotate(_ name: MemberName, to id: KeyID) {
        guard let member = members[name], let key = PublicKey(id) else { return }
        authors[member.key]?.status = .retired
        authors[id] = Author(
            member: name, key: key, status: .awaitingAcceptance, nextSequence: 0, seenSize: 0)
        members[name]?.key = id
        members[name]?.status = .awaitingAcceptance
        updateRoster()
    }

    private mutating func replace(
        _ scope: PolicyScope, _ quorum: Quorum, in context: Context
    ) {
        switch scope {
        case .ledger:
            policy = quorum
            policySince = context.position
        case .wallet(let name): wallets[name]?.quorum = quorum
        }
    }

    /// Voids the requests that a change touches, and cancellations of what it voids, which nothing
    /// is left of. What has been broadcast, and what is outstanding, is untouched.
    private mutating func void(
        at position: UInt64, except own: Digest32, where isTouched: (OpenRequest) -> Bool
    ) {
        let changeable = requests.values.filter { $0.id != own && $0.isChangeable }
        let changed = Set(changeable.filter(isTouched).map(\.id))
        let touched = changeable.filter { changed.contains($0.id) || $0.cancels(oneOf: changed) }
        for request in touched.sorted(by: { $0.number < $1.number }) {
            end(request.id, as: .voided, at: position)
        }
    }

    // MARK: Watched scripts

    /// Marks an address as used and watches on to the gap beyond it.
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

extension OpenRequest {
    fileprivate func cancels(oneOf targets: Set<Digest32>) -> Bool {
        if case .cancel(let target) = initiated.request { targets.contains(target) } else { false }
    }

    fileprivate func isActedOn(by member: MemberName) -> Bool {
        initiator == member || approvers.contains(member) || subject == member
    }

    fileprivate func concerns(wallet: WalletName) -> Bool {
        switch initiated.request {
        case .transfer(let transfer): transfer.wallet == wallet
        case .retireWallet(let name), .replacePolicy(.wallet(let name), _): name == wallet
        default: false
        }
    }

    /// Whether the request is decided under the quorum of `scope`. A cancellation is decided under
    /// that of its target, which is voided itself.
    fileprivate func isRuled(by scope: PolicyScope) -> Bool {
        switch scope {
        case .wallet(let name): concerns(wallet: name)
        case .ledger:
            switch initiated.request {
            case .createWallet, .enrolMember, .suspendMember, .rotateKey,
                .replacePolicy(.ledger, _):
                true
            default: false
            }
        }
    }
}
