internal import Bitcoin
internal import Bytes
internal import Events
internal import Keys
internal import State

extension Request {
    /// What a request asks for, in one line.
    var wording: String {
        switch self {
        case .transfer(let transfer): "transfer from \(transfer.wallet)"
        case .createWallet(let proposal):
            "create the wallet \(proposal.wallet) under \(proposal.quorum)"
        case .retireWallet(let name): "retire the wallet \(name)"
        case .enrolMember(let enrolment):
            "enrol \(enrolment.member)"
                + (enrolment.roles.isEmpty
                    ? "" : " as \(enrolment.roles.map(\.text).joined(separator: ", "))")
        case .suspendMember(let name): "suspend \(name)"
        case .rotateKey(let name, let key): "replace the key of \(name) by \(key.hex)"
        case .replacePolicy(.ledger, let quorum): "rule the ledger by \(quorum)"
        case .replacePolicy(.wallet(let name), let quorum): "rule the wallet \(name) by \(quorum)"
        case .cancel(let target): "cancel the request \(target.hex.prefix(16))…"
        }
    }
}

extension Fact {
    /// What an event says, in one line; `number` is that of its request.
    func wording(_ number: UInt64?) -> String {
        let request = number.map { "request \($0)" } ?? "an ended request"
        return switch self {
        case .founded(let fact):
            "founded \(fact.name) on \(fact.network.rawValue) with \(fact.members.count) members"
        case .accepted(.membership(let name)): "accepted the membership of \(name)"
        case .accepted(.wallet(let name, _)): "accepted the wallet \(name)"
        case .initiated(let fact):
            "initiated \(request): \(fact.request.wording)"
                + (fact.reference.map { " (\($0))" } ?? "")
        case .approved: "approved \(request)"
        case .aborted(let fact): "aborted \(request)" + (fact.reason.map { ": \($0)" } ?? "")
        case .signed(let fact): "signed \(request), \(fact.signatures.count) signatures"
        case .exported: "handed out a PSBT of \(request)"
        case .broadcast: "broadcast \(request)"
        case .relayed(let fact):
            "the node \(fact.accepted ? "took" : "refused") \(request)"
                + (fact.message.isEmpty ? "" : ": \(fact.message)")
        case .observed(let fact):
            "observed \(fact.headers.count) blocks, \(fact.transactions.count) transactions of ours"
        case .issued(let fact): "issued address \(fact.index) of \(fact.wallet)"
        case .attested(let fact):
            "attested \(fact.head.size) entries with \(fact.findings) findings"
        case .attached(let fact):
            "attached \(fact.document.size) bytes" + (fact.label.map { ": \($0)" } ?? "")
        }
    }
}

extension Wallet {
    var wording: String {
        if isRetired { return "retired" }
        return awaiting.isEmpty
            ? "ready" : "awaits " + awaiting.sorted().map(\.text).joined(separator: ", ")
    }
}

extension PeriodReport.Standing {
    init(_ state: LedgerState) {
        self.init(
            position: state.size - 1, time: Instant(state.recorded),
            policy: state.policy.description,
            members: state.members.values.sorted { $0.name < $1.name }.map {
                MemberItem(
                    name: $0.name.text, status: $0.status.rawValue, roles: $0.roles.map(\.text),
                    key: $0.key.hex)
            },
            wallets: state.wallets.values.sorted { $0.name < $1.name }.map {
                WalletItem(
                    name: $0.name.text, standing: $0.wording, rule: $0.quorum.description,
                    holders: $0.holders.map(\.text), threshold: $0.descriptor.threshold,
                    declaresShortcut: $0.declaresShortcut)
            })
    }
}
