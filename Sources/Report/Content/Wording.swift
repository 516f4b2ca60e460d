internal import Bitcoin
internal import Bytes
internal import Events
internal import Keys
internal import State

extension Request {
    /// What a request asks for, in one line; `number` is that of the one that it cancels.
    func wording(cancelling number: UInt64?) -> String {
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
        case .cancel(let id):
            "cancel request " + (number.map(String.init) ?? "\(id.hex.prefix(16))…")
        }
    }
}

extension Fact {
    /// What an event says, in one line; `number` is that of its request, `target` of the one that
    /// this cancels.
    func wording(_ number: UInt64?, cancelling target: UInt64? = nil) -> String {
        let request = number.map { "request \($0)" } ?? "an ended request"
        return switch self {
        case .founded(let fact):
            "founded \(fact.name) on \(fact.network.rawValue) with "
                + counted(fact.members.count, "member")
        case .accepted(.membership(let name)): "accepted the membership of \(name)"
        case .accepted(.wallet(let name, _)): "accepted the wallet \(name)"
        case .initiated(let fact):
            "initiated \(request): \(fact.request.wording(cancelling: target))"
                + (fact.reference.map { " (\($0))" } ?? "")
        case .approved: "approved \(request)"
        case .aborted(let fact): "aborted \(request)" + (fact.reason.map { ": \($0)" } ?? "")
        case .signed(let fact): "signed \(request), \(counted(fact.signatures.count, "signature"))"
        case .exported: "handed out a PSBT of \(request)"
        case .broadcast: "broadcast \(request)"
        case .relayed(let fact):
            "the node \(fact.accepted ? "took" : "refused") \(request)"
                + (fact.message.isEmpty ? "" : ": \(fact.message)")
        case .observed(let fact):
            "observed \(counted(fact.headers.count, "block")), "
                + "\(counted(fact.transactions.count, "transaction")) of ours"
        case .issued(let fact): "issued address \(fact.index) of \(fact.wallet)"
        case .attested(let fact):
            "attested \(counted(fact.head.size, "entry", "entries")) with "
                + counted(fact.findings, "finding")
        case .attached(let fact):
            "attached a document of \(counted(fact.documentBytes, "byte"))"
                + (fact.request == nil ? "" : " to \(request)")
                + (fact.label.map { ": \($0)" } ?? "")
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
