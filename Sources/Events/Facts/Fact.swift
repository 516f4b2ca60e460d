public import Bytes

/// Something that happened, as its author signed it.
///
/// The names are those of the payload's `type`; the design's table of who may author which is
/// enforced by the module State.
public enum Fact: Sendable, Hashable {
    case founded(Founded)
    case accepted(Accepted)
    case initiated(Initiated)
    case approved(Approved)
    case aborted(Aborted)
    case signed(Signed)
    case exported(Exported)
    case broadcast(Broadcast)
    case relayed(Relayed)
    case observed(Observed)
    case issued(Issued)
    case attested(Attested)
    case attached(Attached)

    /// The payload's `type`.
    public var type: FactType {
        switch self {
        case .founded: .founded
        case .accepted: .accepted
        case .initiated: .initiated
        case .approved: .approved
        case .aborted: .aborted
        case .signed: .signed
        case .exported: .exported
        case .broadcast: .broadcast
        case .relayed: .relayed
        case .observed: .observed
        case .issued: .issued
        case .attested: .attested
        case .attached: .attached
        }
    }
}

/// The types of facts, by their names in the payload.
public enum FactType: String, Sendable, CaseIterable {
    case founded, accepted, initiated, approved, aborted, signed, exported, broadcast, relayed
    case observed, issued, attested, attached
}

extension Fact {
    init(_ type: FactType, from reader: inout CBORReader) throws(CBORError) {
        switch type {
        case .founded: self = .founded(try Founded(from: &reader))
        case .accepted: self = .accepted(try Accepted(from: &reader))
        case .initiated: self = .initiated(try Initiated(from: &reader))
        case .approved: self = .approved(try Approved(from: &reader))
        case .aborted: self = .aborted(try Aborted(from: &reader))
        case .signed: self = .signed(try Signed(from: &reader))
        case .exported: self = .exported(try Exported(from: &reader))
        case .broadcast: self = .broadcast(try Broadcast(from: &reader))
        case .relayed: self = .relayed(try Relayed(from: &reader))
        case .observed: self = .observed(try Observed(from: &reader))
        case .issued: self = .issued(try Issued(from: &reader))
        case .attested: self = .attested(try Attested(from: &reader))
        case .attached: self = .attached(try Attached(from: &reader))
        }
    }

    package var cbor: CBORValue {
        switch self {
        case .founded(let fact): fact.cbor
        case .accepted(let fact): fact.cbor
        case .initiated(let fact): fact.cbor
        case .approved(let fact): fact.cbor
        case .aborted(let fact): fact.cbor
        case .signed(let fact): fact.cbor
        case .exported(let fact): fact.cbor
        case .broadcast(let fact): fact.cbor
        case .relayed(let fact): fact.cbor
        case .observed(let fact): fact.cbor
        case .issued(let fact): fact.cbor
        case .attested(let fact): fact.cbor
        case .attached(let fact): fact.cbor
        }
    }

    /// The blobs that `decide` must read before it can judge the fact; they are never erased.
    public var evidence: [BlobReference] {
        switch self {
        case .initiated(let fact): fact.request.evidence
        case .broadcast(let fact): [fact.transaction.reference].compactMap(\.self)
        case .observed(let fact): fact.transactions.compactMap(\.bytes.reference)
        default: []
        }
    }

    /// The request that the fact names: what it is about, or, of an `initiated` one, what it
    /// cancels.
    public var namedRequest: Digest32? {
        switch self {
        case .approved(let fact): fact.request
        case .aborted(let fact): fact.request
        case .signed(let fact): fact.request
        case .exported(let fact): fact.request
        case .broadcast(let fact): fact.request
        case .relayed(let fact): fact.request
        case .attached(let fact): fact.request
        case .initiated(let fact): fact.request.cancelled
        case .founded, .accepted, .observed, .issued, .attested: nil
        }
    }

    /// How many bytes the blobs have that the fact refers to, each counted as often as it is named.
    public var blobBytes: UInt64 {
        if case .attached(let fact) = self { return UInt64(fact.document.size) }
        return evidence.reduce(0) { $0 + UInt64($1.size) }
    }

    /// Documents that the fact refers to, by which nothing is decided.
    public var attachments: [BlobReference] {
        if case .attached(let fact) = self { [fact.document] } else { [] }
    }

    /// The commitments to people's names, of which the ledger need not have the blobs.
    public var persons: [Digest32] {
        switch self {
        case .founded(let fact): return fact.members.compactMap(\.person)
        case .initiated(let fact):
            guard case .enrolMember(let enrolment) = fact.request else { return [] }
            return [enrolment.person].compactMap(\.self)
        default: return []
        }
    }

    /// The digests of every blob that may stand behind the fact: what `decide` reads, documents,
    /// and the names that are committed to.
    public var blobDigests: [Digest32] { (evidence + attachments).map(\.digest) + persons }
}
