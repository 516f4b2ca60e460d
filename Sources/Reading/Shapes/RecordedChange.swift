internal import Bytes
internal import Events
internal import Keys
internal import Policy
internal import Report
internal import State

/// One change: who, when, what, under which rule.
public struct RecordedChange: Encodable {
    /// One member's approval.
    public struct Approval: Encodable {
        /// The member.
        public let member: String
        /// Where it stands in the log.
        public let position: UInt64
        /// When it was recorded.
        public let recorded: String
    }

    /// The request that decided it.
    public struct Decision: Encodable {
        /// The number of the request.
        public let request: UInt64
        /// Who initiated it.
        public let initiator: String
        /// Where it stands in the log.
        public let position: UInt64
        /// When it was recorded.
        public let recorded: String
        /// The rule.
        public let rule: String
        /// The approvals, in order.
        public let approvals: [Approval]

        /// Describes what decided.
        public init(_ life: RequestLife) {
            request = life.number
            initiator = life.request.initiator.text
            position = life.request.position
            recorded = CalendarTime.text(life.request.recorded)
            rule = life.rule?.description ?? "no rule"
            approvals = life.approvals.map {
                Approval(
                    member: $0.member.text, position: $0.position,
                    recorded: CalendarTime.text($0.recorded))
            }
        }
    }

    /// Where it stands in the log.
    public let position: UInt64
    /// When it was recorded.
    public let recorded: String
    /// The member who signed it, or his key.
    public let author: String
    /// What it did, in one line.
    public let what: String
    /// Nil for what one event does by itself: the founding, an acceptance, a step of a request.
    public let decision: Decision?

    /// Describes the change that an event brought into force.
    ///
    /// - Parameter what: nil for what the event says.
    public init(
        _ event: RecordedEvent, _ reading: LedgerReading, what: String? = nil,
        decision: Decision? = nil
    ) throws {
        position = event.position
        recorded = CalendarTime.text(event.recorded)
        author = reading.member(event.event.author)
        self.what = try what ?? reading.line(event)
        self.decision = decision
    }
}
