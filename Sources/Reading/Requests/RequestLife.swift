public import Events
internal import Keys
public import Policy
public import State

/// A request from its initiation to now or to its end, with the state in which it was last alive.
public struct RequestLife {
    /// Its running number.
    public let number: UInt64
    /// The request as it was when it was last alive, by ``state``.
    public let request: OpenRequest
    /// The state that ``request`` is of: the head's, or that before the entry which ended it.
    public let state: LedgerState
    /// The events about it, its initiation first.
    public let events: [RecordedEvent]
    /// The state right before the approval that completed the quorum, while that can differ from
    /// ``state``.
    private let deciding: LedgerState?
    /// Where it stands.
    public let status: RequestStatus
    /// Where the entry stands with which it left the live state; nil while it is in it. The log's
    /// size when time alone has ended it since the last entry.
    public let endedAt: UInt64?

    /// One member's approval.
    public struct Approval {
        /// Who approved.
        public let member: MemberName
        /// When it was recorded, in milliseconds since 1970.
        public let recorded: UInt64
        /// Where it stands in the log.
        public let position: UInt64
    }

    /// Reads a request's life up to the moment that is shown.
    public init(_ number: UInt64, _ reading: LedgerReading) throws {
        let ledger = reading.ledger
        let id = try ledger.request(number: number)
        self.number = number
        let size = reading.state.size
        let all = try ledger.entries(ofRequest: id)
        if let first = all.first, first.position >= size {
            throw ReadingError.requestNotYet(
                number, position: first.position, recorded: first.recorded)
        }
        events = all.filter { $0.position < size }
        if let live = reading.state.requests[id] {
            request = live
            state = reading.state
            deciding = try live.authorisedAt.map { try ledger.state(at: $0) }
            status = live.status
            endedAt = nil
            return
        }
        let outcome = try ledger.outcome(number: number)
        guard let first = events.first else {
            throw ReadingError.requestMissing(number)
        }
        // It may have expired just now, with nothing recorded since.
        let end = outcome?.position ?? reading.state.size
        let before = try ledger.state(at: max(end, first.position + 1))
        guard let last = before.requests[id] else {
            throw ReadingError.requestLost(number, before: end)
        }
        request = last
        state = before
        deciding = try last.authorisedAt.map { try ledger.state(at: $0) }
        // Only time ends a request without a trace in the log.
        status = outcome?.status ?? .expired
        endedAt = end
    }

    /// The approvals, the one included with which the request ended.
    public var approvals: [Approval] {
        let before = request.approvals.map {
            Approval(member: $0.member, recorded: $0.recorded, position: $0.position)
        }
        guard let last = events.first(where: { $0.position == endedAt }),
            case .approved = last.event.event.fact,
            let member = state.authors[last.event.author]?.member
        else { return before }
        return before
            + [Approval(member: member, recorded: last.recorded, position: last.position)]
    }

    /// Where the quorum became complete.
    public var authorisedAt: UInt64? {
        request.authorisedAt ?? (isComplete ? approvals.last?.position : nil)
    }

    /// The rule that it stands under; of one that is authorised, the rule that decided.
    public var rule: Quorum? { judging.ruling(on: request)?.quorum }

    /// The state whose rule and roster decided, or are to decide.
    private var judging: LedgerState { deciding ?? state }

    /// How far the quorum has come.
    public var progress: Progress? {
        rule.map {
            Progress(
                of: $0, approvedBy: Set(approvals.map(\.member)), in: judging.roster,
                subject: request.subject)
        }
    }

    private var isComplete: Bool { progress?.isComplete ?? false }

    /// The documents attached to it.
    public func documents(_ reading: LedgerReading) throws -> [DocumentSummary] {
        try reading.ledger.documents(among: events).map { DocumentSummary($0, reading) }
    }

    /// Where the rule came into force.
    public var ruleSince: UInt64? {
        request.initiated.request.scope == .ledger ? judging.policySince : nil
    }
}
