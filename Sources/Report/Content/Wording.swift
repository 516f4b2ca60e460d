internal import Bitcoin
public import Bytes
public import Events
internal import Keys
public import State

extension Request {
    /// What a request asks for, in one line.
    ///
    /// - Parameter name: how people name a request by its id, such as `request 3`.
    public func line(_ name: (Digest32) throws -> String) rethrows -> String {
        switch self {
        case .transfer(let transfer):
            return "transfer \(transfer.paid.map { "\($0) " } ?? "")from \(transfer.wallet)"
        case .createWallet(let proposal):
            return "create the wallet \(proposal.wallet) under \(proposal.quorum)"
        case .retireWallet(let wallet): return "retire the wallet \(wallet)"
        case .enrolMember(let enrolment):
            let roles = enrolment.roles.map(\.text).joined(separator: ", ")
            return "enrol \(enrolment.member)" + (roles.isEmpty ? "" : " as \(roles)")
        case .suspendMember(let member): return "suspend \(member)"
        case .rotateKey(let member, let key):
            return "replace the key of \(member) by \(key.hex.prefix(16))…"
        case .replacePolicy(.ledger, let quorum): return "rule the ledger by \(quorum)"
        case .replacePolicy(.wallet(let wallet), let quorum):
            return "rule the wallet \(wallet) by \(quorum)"
        case .cancel(let target): return "cancel \(try name(target))"
        }
    }
}

extension Transfer {
    /// What is paid to others; nil when the transaction is a blob.
    fileprivate var paid: Amount? {
        guard let bytes = transaction.bytes(from: [:]),
            let transaction = try? Transaction.decode(bytes)
        else { return nil }
        let change = change.map { Int($0.output) }
        return Amount.sum(
            transaction.outputs.enumerated().filter { $0.offset != change }.map(\.element.amount))
    }
}

extension Fact {
    /// What an event says, in one line.
    ///
    /// - Parameters:
    ///   - id: the event's own id, by which a request is named that it initiates.
    ///   - name: how people name a request by its id, such as `request 3`.
    public func line(
        of id: Digest32, _ name: (Digest32) throws -> String
    ) rethrows -> String {
        switch self {
        case .founded(let fact):
            return "founded \(fact.name) on \(fact.network.rawValue) with "
                + counted(fact.members.count, "member")
        case .accepted(.membership(let member)): return "accepted the membership of \(member)"
        case .accepted(.wallet(let wallet, _)): return "accepted the wallet \(wallet)"
        case .initiated(let fact):
            return "initiated \(try name(id)): " + (try fact.request.line(name))
        case .approved(let fact): return "approved \(try name(fact.request))"
        case .aborted(let fact):
            return "aborted \(try name(fact.request))" + (fact.reason.map { ": \($0)" } ?? "")
        case .signed(let fact):
            return "signed \(try name(fact.request)): "
                + counted(fact.signatures.count, "signature")
        case .exported(let fact): return "exported a PSBT of \(try name(fact.request))"
        case .broadcast(let fact): return "broadcast \(try name(fact.request))"
        case .relayed(let fact):
            return "the node \(fact.accepted ? "took" : "refused") \(try name(fact.request))"
                + (fact.message.isEmpty ? "" : ": \(fact.message)")
        case .observed(let fact):
            return "observed \(counted(fact.headers.count, "block")), "
                + "\(counted(fact.transactions.count, "transaction")) of ours"
        case .issued(let fact): return "issued address \(fact.index) of the wallet \(fact.wallet)"
        case .attested(let fact):
            return "attested \(counted(fact.head.size, "entry", "entries")) with "
                + counted(fact.findings, "finding")
        case .attached(let fact):
            return "attached a document of \(counted(fact.documentBytes, "byte"))"
                + (try fact.request.map { " to \(try name($0))" } ?? "")
                + (fact.label.map { ": \($0)" } ?? "")
        }
    }
}

extension Wallet {
    /// Whether it can be used, and if not, why: `ready`, `retired`, or whose acceptance it awaits.
    public var readiness: String {
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
                    name: $0.name.text, standing: $0.readiness, rule: $0.quorum.description,
                    holders: $0.holders.map(\.text), threshold: $0.descriptor.threshold,
                    declaresShortcut: $0.declaresShortcut)
            })
    }
}
