public import Bytes
public import Events
public import Keys

/// A request that is not over: open, or broadcast and not buried, or outstanding.
public struct OpenRequest: Sendable, Equatable {
    /// The id of the `initiated` event.
    public let id: Digest32
    /// The running number that people use, from 1.
    public let number: UInt64
    /// Where the `initiated` event stands.
    public let position: UInt64
    /// When it was recorded, in milliseconds since 1970.
    public let recorded: UInt64
    /// Who initiated it.
    public let initiator: MemberName
    /// What was asked for, and until when.
    public let initiated: Initiated
    /// The parsed transaction of a transfer.
    public let transfer: FrozenTransfer?
    /// The first request of the chain of replacements that the request belongs to; its own id when
    /// it replaces none. Kept, since those before it may have ended.
    public let root: Digest32
    /// The approvals on record, in their order; each member has at most one.
    public internal(set) var approvals: [Approval] = []
    /// What people have decided about it.
    public internal(set) var phase = Phase.pending
    /// The verified signatures on record, of which no two are of one input and key.
    public internal(set) var signatures: [RecordedSignature] = []
    /// Whether a signature or PSBT has left, so that the transaction may appear at any time.
    public internal(set) var isReleased = false
    /// What the chain shows of its transaction; nil while it shows nothing.
    public internal(set) var mined: Mined?

    /// What people have decided about a request. What the chain shows of it is apart, since it may
    /// show anything at any time.
    public enum Phase: Sendable, Equatable {
        /// Its quorum is not complete.
        case pending
        /// The event at a position has completed the quorum.
        case authorised(at: UInt64)
        /// The event at a position has announced its broadcast; with the node's answer to the last.
        case broadcast(authorisedAt: UInt64, at: UInt64, Relay?)
        /// It has ended, authorised before or not.
        case ended(Ending, authorisedAt: UInt64?)
    }

    /// One member's approval.
    public struct Approval: Sendable, Equatable {
        /// Who approved.
        public let member: MemberName
        /// The key that he signed with.
        public let key: KeyID
        /// Where the `approved` event stands.
        public let position: UInt64
        /// When it was recorded, in milliseconds since 1970.
        public let recorded: UInt64
    }

    /// What the node said to a broadcast.
    public struct Relay: Sendable, Equatable {
        /// Whether the node took the transaction.
        public let isAccepted: Bool
        /// The node's words; empty when it had none.
        public let message: String
    }

    /// What the chain shows of the request's transaction.
    public enum Mined: Sendable, Equatable {
        case confirmed(height: UInt64)
        /// Another transaction, confirmed at this height, spends one of its inputs.
        case conflicted(height: UInt64, by: Digest32)
    }

    /// The members who have approved.
    public var approvers: Set<MemberName> { Set(approvals.map(\.member)) }

    /// Whether the request authorises its transaction: its quorum is complete and it has not ended.
    ///
    /// Only then may it be signed, and only then does it explain that its transaction spends coins.
    public var isAuthorised: Bool {
        switch phase {
        case .authorised, .broadcast: true
        case .pending, .ended: false
        }
    }

    /// Whether the request explains that a transaction spends the ledger's coins.
    public func explainsSpends(by txid: Digest32) -> Bool {
        isAuthorised && transfer?.txid == txid
    }

    /// Where the event stands that completed the quorum.
    public var authorisedAt: UInt64? { phase.authorisedAt }

    /// Where the event stands that announced the broadcast.
    public var broadcastAt: UInt64? { phase.broadcastAt }

    /// The node's answer to the last broadcast.
    public var relay: Relay? { phase.relay }

    /// How the request has ended.
    public var ending: Ending? { phase.ending }

    /// The member whom the request is about, who may neither approve nor abort it.
    public var subject: MemberName? {
        switch initiated.request {
        case .suspendMember, .rotateKey: initiated.request.member
        default: nil
        }
    }
}

extension OpenRequest.Phase {
    var authorisedAt: UInt64? {
        switch self {
        case .pending: nil
        case .authorised(let position), .broadcast(let position, _, _): position
        case .ended(_, let position): position
        }
    }

    var broadcastAt: UInt64? {
        if case .broadcast(_, let position, _) = self { position } else { nil }
    }

    var relay: OpenRequest.Relay? {
        if case .broadcast(_, _, let relay) = self { relay } else { nil }
    }

    var ending: Ending? { if case .ended(let ending, _) = self { ending } else { nil } }
}

/// How a request ended without, or before, its transaction.
public enum Ending: String, Sendable, CaseIterable {
    case aborted, expired, voided, superseded, cancelled
    /// A request of governance took effect.
    case executed
}

/// Where a request stands, as people read it.
public enum RequestStatus: String, Sendable, CaseIterable {
    case initiated, authorised, signed, broadcast, confirmed, conflicted, outstanding
    case aborted, expired, voided, superseded, cancelled, executed

    init(_ ending: Ending) {
        switch ending {
        case .aborted: self = .aborted
        case .expired: self = .expired
        case .voided: self = .voided
        case .superseded: self = .superseded
        case .cancelled: self = .cancelled
        case .executed: self = .executed
        }
    }
}

extension OpenRequest {
    /// Where the request stands.
    public var status: RequestStatus {
        switch mined {
        case .confirmed: return .confirmed
        case .conflicted: return .conflicted
        case nil: break
        }
        switch phase {
        case .pending: return .initiated
        case .authorised: return isFullySigned ? .signed : .authorised
        case .broadcast: return .broadcast
        case .ended(let ending, _): return isReleased ? .outstanding : RequestStatus(ending)
        }
    }

    /// Whether every input has as many signatures as its script needs.
    public var isFullySigned: Bool {
        transfer != nil && authorisedAt != nil && missingSignatures == 0
    }

    /// How many signatures the input lacks that lacks most; 0 of what is no transfer.
    public var missingSignatures: Int {
        transfer?.missingInputs(signatures).values.max() ?? 0
    }
}

/// A request that has left the live state, and how.
public struct RequestOutcome: Sendable, Equatable {
    /// The request's id.
    public let id: Digest32
    /// The request's running number.
    public let number: UInt64
    /// How it ended.
    public let status: RequestStatus
    /// Where the event stands with which it ended.
    public let position: UInt64
}
