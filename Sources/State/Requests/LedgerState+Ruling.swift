internal import Bytes
public import Events
public import Policy

extension LedgerState {
    /// What the policy in force says to an intent; nil when it names a wallet or a request that is
    /// not there. A cancellation is decided as its target is.
    ///
    /// - Parameters:
    ///   - transfer: the parsed transfer, without which no payment is judged.
    ///   - initiator: who makes the request.
    ///   - time: when, in milliseconds since 1970.
    public func ruling(
        on request: Request, _ transfer: FrozenTransfer? = nil, by initiator: MemberName,
        at time: UInt64
    ) -> Ruling? {
        guard let scope = request.scope else {
            return request.cancelled.flatMap { requests[$0] }.flatMap { ruling(on: $0) }
        }
        let proposal = Proposal(
            kind: request.kind, wallet: request.wallet,
            payment: transfer.map {
                Proposal.Payment(
                    sent: $0.sent, payees: $0.payments, fee: $0.fee, vsize: $0.vsize)
            }, initiator: initiator, time: time)
        return rule(of: scope)?.ruling(on: proposal)
    }

    /// What the policy in force says to a live request.
    public func ruling(on request: OpenRequest) -> Ruling? {
        ruling(
            on: request.initiated.request, request.transfer, by: request.initiator,
            at: request.recorded)
    }

    private func rule(of scope: PolicyScope) -> PolicyRule? {
        switch scope {
        case .ledger: PolicyRule(scope: scope, quorum: policy, ceilings: nil)
        case .wallet(let name):
            wallets[name].map {
                PolicyRule(scope: scope, quorum: $0.quorum, ceilings: $0.ceilings)
            }
        }
    }

    /// How far a live request's quorum has come; nil when what it names is no more.
    public func progress(of request: OpenRequest) -> Progress? {
        ruling(on: request)?.quorum.map {
            Progress(
                of: $0, approvedBy: request.approvers, in: roster, subject: request.subject)
        }
    }
}
