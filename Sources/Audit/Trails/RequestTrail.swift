public import Bitcoin
public import Bytes
public import Events
internal import Policy
public import State

/// What happened to one request, from its initiation to its end or to now.
public struct RequestRecord: Sendable, Equatable {
    /// A step of somebody: where and when.
    public struct Step: Sendable, Equatable {
        public let member: MemberName
        public let position: UInt64
        public let recorded: UInt64
    }

    /// The node's answer to a broadcast.
    public struct Answer: Sendable, Equatable {
        public let isAccepted: Bool
        public let message: String
        public let position: UInt64
        public let recorded: UInt64
    }

    /// The transaction of a transfer, in figures.
    public struct Payment: Sendable, Equatable {
        public let wallet: WalletName
        public let txid: Digest32
        public let sent: Amount
        public let fee: Amount
        public let change: Amount?
        public let vsize: Int
        public let inputs: Int
        /// The outputs to others, at most ``RequestRecord/recipientLimit``.
        public let recipients: [TransactionOutput]
        public let recipientCount: Int
        public let replaces: Digest32?
    }

    /// The most recipients that are kept of one transfer.
    public static let recipientLimit = 20

    public let id: Digest32
    public let number: UInt64
    public let initiated: Initiated
    public let initiation: Step
    /// The rule that it stands under: a change of the rule would void it.
    public let rule: Quorum?
    public let payment: Payment?
    /// The number of the request that it cancels.
    public let cancels: UInt64?
    public internal(set) var approvals: [Step] = []
    /// The approval that completed the quorum.
    public internal(set) var authorised: Step?
    public internal(set) var signings: [Step] = []
    public internal(set) var signatures = 0
    public internal(set) var handOuts: [Step] = []
    public internal(set) var broadcasts: [Step] = []
    public internal(set) var answers: [Answer] = []
    public internal(set) var status: RequestStatus = .initiated
    /// Where and when it ended; nil while it is alive or outstanding. Time alone ends what expires:
    /// then the position is that of the next entry, and the time that of the expiry.
    public internal(set) var endedAt: UInt64?
    public internal(set) var endedTime: UInt64?

    /// Where the first signature or PSBT left.
    public var released: Step? {
        (signings + handOuts).min { $0.position < $1.position }
    }
}

/// Follows a replay and keeps what happened to every request that is alive.
public struct RequestTrail: Sendable {
    private var live: [Digest32: RequestRecord] = [:]

    /// Starts before the founding event.
    public init() {}

    /// Notes an entry; returns the requests that ended with it, by number. `event` is nil when it
    /// was not admitted; `state` and `effects` are those after it.
    public mutating func take(
        _ event: SignedEvent?, at position: UInt64, _ state: LedgerState,
        _ effects: LedgerState.Effects
    ) -> [RequestRecord] {
        if let event, let member = state.authors[event.author]?.member {
            let step = RequestRecord.Step(
                member: member, position: position, recorded: state.recorded)
            note(event, step, state, effects)
        }
        var ended: [RequestRecord] = []
        for outcome in effects.outcomes {
            guard var record = live.removeValue(forKey: outcome.id) else { continue }
            record.status = outcome.status
            record.endedAt = outcome.position
            record.endedTime =
                outcome.status == .expired
                ? min(record.initiated.expires, state.recorded) : state.recorded
            ended.append(record)
        }
        return ended.sorted { $0.number < $1.number }
    }

    /// The requests that have not ended, as they stand in `state`, by number.
    public func open(in state: LedgerState) -> [RequestRecord] {
        live.values.map { record in
            var record = record
            if let request = state.requests[record.id] { record.status = request.status }
            return record
        }.sorted { $0.number < $1.number }
    }

    /// What is known of a request that is alive.
    public func record(_ id: Digest32) -> RequestRecord? { live[id] }

    private mutating func note(
        _ event: SignedEvent, _ step: RequestRecord.Step, _ state: LedgerState,
        _ effects: LedgerState.Effects
    ) {
        switch event.event.fact {
        case .initiated(let fact):
            guard let request = state.requests[event.id] else { return }
            live[event.id] = RequestRecord(
                id: event.id, number: request.number, initiated: fact, initiation: step,
                rule: state.ruling(on: request)?.quorum,
                payment: request.transfer.map { RequestRecord.Payment($0) },
                cancels: fact.request.cancelled.flatMap { live[$0]?.number })
        case .approved(let fact):
            live[fact.request]?.approvals.append(step)
            // Governance takes effect, and leaves, with the approval that completes its quorum.
            if state.requests[fact.request]?.authorisedAt == step.position
                || effects.outcomes.contains(where: { $0.id == fact.request })
            {
                live[fact.request]?.authorised = step
            }
        case .signed(let fact):
            live[fact.request]?.signings.append(step)
            live[fact.request]?.signatures += fact.signatures.count
        case .exported(let fact): live[fact.request]?.handOuts.append(step)
        case .broadcast(let fact): live[fact.request]?.broadcasts.append(step)
        case .relayed(let fact):
            live[fact.request]?.answers.append(
                RequestRecord.Answer(
                    isAccepted: fact.accepted, message: fact.message, position: step.position,
                    recorded: step.recorded))
        default: break
        }
    }
}

extension RequestRecord.Payment {
    fileprivate init(_ transfer: FrozenTransfer) {
        let payments = transfer.payments
        self.init(
            wallet: transfer.wallet, txid: transfer.txid, sent: transfer.sent, fee: transfer.fee,
            change: transfer.changeAmount, vsize: transfer.vsize,
            inputs: transfer.outPoints.count,
            recipients: Array(payments.prefix(RequestRecord.recipientLimit)),
            recipientCount: payments.count, replaces: transfer.replaces)
    }
}
