public import Bytes
public import State

/// Something that a verifier found: where, under which rule, what should be and what is.
public struct Finding: Sendable, Equatable {
    /// The position in the log, when it is about one entry.
    public let position: UInt64?
    /// The event's id, when there is one.
    public let event: Digest32?
    public let rule: Rule
    /// Where in which file it is, when the evidence came as files.
    public let place: EvidencePlace?
    public let expected: String
    public let found: String

    /// Creates a finding.
    public init(
        position: UInt64?, event: Digest32? = nil, rule: Rule, place: EvidencePlace? = nil,
        expected: String, found: String
    ) {
        self.position = position
        self.event = event
        self.place = place
        self.rule = rule
        self.expected = expected
        self.found = found
    }

    /// The rules that a history can break.
    public enum Rule: Sendable, Equatable {
        /// The entry is not one, or its event is not in its only encoding.
        case encoding
        /// The event was not to be admitted, for this reason.
        case decision(Refusal.Rule)
        /// A signature does not verify.
        case signature
        /// The recorded time falls.
        case recordedTime
        /// An entry is missing.
        case missingEntry
        /// A blob is missing or is not what its digest says.
        case blob
        /// The tree's stored hashes are not those of the entries.
        case tree
        /// A checkpoint is not of this log, or its signature does not verify.
        case checkpoint
        /// The log is shorter than, or contradicts, a head that is known.
        case rollback
        /// A stored row or snapshot is not what follows from the events.
        case projection
        /// Something happened that must not, though it was recorded as it should be.
        case incident(Incident.Kind)
        /// The chain of a node says otherwise than the ledger.
        case chain
        /// An export has a file that does not belong there, or lacks one that does.
        case layout
        /// A file of an export is not the one that its sender vouched for.
        case manifest
        /// Fewer witnesses have cosigned the newest checkpoint than the policy demands.
        case witness
        /// The newest statement of time about the log is older than the auditor accepts.
        case age
        /// The kept result that the verification started from had findings of its own.
        case kept

        /// The rule's name, stable across versions.
        public var name: String {
            switch self {
            case .encoding: "encoding"
            case .decision(let rule): rule.rawValue
            case .signature: "signature"
            case .recordedTime: "recorded-time"
            case .missingEntry: "missing-entry"
            case .blob: "blob"
            case .tree: "tree"
            case .checkpoint: "checkpoint"
            case .rollback: "rollback"
            case .projection: "projection"
            case .incident(let kind): kind.rawValue
            case .chain: "chain"
            case .layout: "layout"
            case .manifest: "manifest"
            case .witness: "witness"
            case .age: "age"
            case .kept: "kept"
            }
        }
    }
}

extension Finding {
    /// Whether the finding is an incident, recorded as it should be, rather than a broken rule.
    public var isIncident: Bool { if case .incident = rule { true } else { false } }

    /// Whether the history is sound all the same: an incident is part of it, and of a document that
    /// nobody has kept the event tells.
    public var isPartOfHistory: Bool {
        switch rule {
        case .incident, .blob: true
        default: false
        }
    }

    /// Whether a later verification may start from a history with this finding: its entries, its
    /// tree and its heads are in order, so that what goes on from it is the same history.
    public var canBeKept: Bool {
        switch rule {
        case .kept, .age: true
        default: isPartOfHistory
        }
    }
}

extension Finding: Comparable {
    /// Orders by position; findings about the whole log come last.
    public static func < (left: Finding, right: Finding) -> Bool {
        (left.position ?? .max) < (right.position ?? .max)
    }
}
