internal import Bitcoin
internal import Bytes
internal import Events
internal import Keys
internal import Ledger
internal import Policy
internal import Report
internal import State

/// A ledger at a glance.
public struct LedgerSummary: Encodable {
    /// A member.
    public struct MemberItem: Encodable {
        /// The name.
        public let name: String
        /// Where it stands.
        public let status: String
        /// The roles.
        public let roles: [String]
        /// The public key, in hexadecimal digits.
        public let key: String
    }
    /// A live request.
    public struct RequestItem: Encodable {
        /// The running number.
        public let number: UInt64
        /// Its id, in hexadecimal digits.
        public let id: String
        /// The kind.
        public let kind: String
        /// What is asked for, in one line.
        public let intent: String
        /// Where it stands.
        public let status: String
        /// What is missing; nil for nothing.
        public let missing: String?
        /// When it ends unless it is decided.
        public let expires: String
    }
    /// An incident.
    public struct IncidentItem: Encodable {
        /// Where it stands in the log.
        public let position: UInt64
        /// The kind.
        public let kind: String
        /// In words.
        public let description: String
    }

    /// The ledger's id, in hexadecimal digits.
    public let ledger: String
    /// The name.
    public let name: String
    /// The network.
    public let network: String
    /// How many entries are durable.
    public let appended: UInt64
    /// How many a signed checkpoint covers.
    public let checkpointed: UInt64
    /// How many enough witnesses have cosigned; nil without witnesses.
    public let witnessed: UInt64?
    /// When it was recorded.
    public let recorded: String
    /// Why nothing may be signed; nil for no reason.
    public let fault: String?
    /// Whether every founding member has accepted.
    public let isFounded: Bool
    /// The ledger's rule.
    public let policy: String
    /// The tip's height.
    public let height: UInt64
    /// The tip's hash.
    public let tip: String
    /// The members.
    public let members: [MemberItem]
    /// The wallets.
    public let wallets: [BalanceSummary]
    /// The live requests, or their numbers.
    public let requests: [RequestItem]
    /// How many incidents there are.
    public let incidentCount: UInt64
    /// The newest incidents.
    public let incidents: [IncidentItem]

    /// Describes it.
    public init(_ reading: LedgerReading, _ assurance: Assurance) throws {
        let state = reading.state
        ledger = state.ledger.hex
        name = state.founding.name.text
        network = state.founding.network.rawValue
        appended = state.size
        checkpointed = assurance.checkpointed
        witnessed = assurance.witnessed
        recorded = CalendarTime.text(state.recorded)
        fault = reading.ledger.log.fault.map { "\($0)" }
        isFounded = state.isFounded
        policy = state.policy.description
        height = state.height
        tip = state.blocks.tip.hash.reversedHex
        members = state.members.values.sorted { $0.name < $1.name }.map {
            MemberItem(
                name: $0.name.text, status: $0.status.rawValue, roles: $0.roles.map(\.text),
                key: $0.key.hex)
        }
        wallets = try reading.wallets(nil).map { BalanceSummary($0, state) }
        requests = try state.requests.values.sorted { $0.number < $1.number }.map {
            RequestItem(
                number: $0.number, id: $0.id.hex, kind: $0.initiated.request.kind.rawValue,
                intent: try reading.line($0.initiated.request), status: $0.status.rawValue,
                missing: reading.missing($0), expires: CalendarTime.text($0.initiated.expires))
        }
        incidentCount = state.incidentCount
        incidents = state.incidents.map {
            IncidentItem(
                position: $0.position, kind: $0.kind.rawValue, description: $0.description)
        }
    }
}
