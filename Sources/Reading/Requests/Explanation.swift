internal import Bitcoin
internal import Bytes
internal import Events
internal import Keys
internal import Policy
internal import Report
internal import State

/// Why a request stands where it stands.
public struct Explanation: Encodable {
    /// A term of the rule.
    public struct Term: Encodable {
        /// How many quorums it stands inside.
        public let depth: Int
        /// Whether it is met.
        public let isMet: Bool
        /// The term and how it stands.
        public let text: String
    }
    /// One member's approval.
    public struct Approval: Encodable {
        /// Who approved.
        public let member: String
        /// When it was recorded.
        public let recorded: String
        /// Where it stands in the log.
        public let position: UInt64
    }

    /// The request's running number.
    public let number: UInt64
    /// Where it stands.
    public let status: String
    /// The answer in a sentence.
    public let sentence: String
    /// The rule that decided, or is to decide; nil when what it names is no more.
    public let rule: String?
    /// Where that rule came into force, if it is the ledger's.
    public let ruleSince: UInt64?
    /// The rule at the moment that is shown, when it is another than the one that decided.
    public let ruleNow: String?
    /// The rule's terms, each before those inside it.
    public let terms: [Term]
    /// The approvals, in order.
    public let approvals: [Approval]
    /// Where the quorum became complete.
    public let authorisedAt: UInt64?
    /// Where it ended; nil while it is alive.
    public let endedAt: UInt64?
    /// What the quorum misses, or where it became complete.
    public let quorum: String
    /// How it stands or ended, and through which event.
    public let outcome: String
    /// The documents attached to it.
    public let documents: [DocumentSummary]

    /// Explains a request's life.
    public init(_ life: RequestLife, _ reading: LedgerReading) throws {
        number = life.number
        status = life.status.rawValue
        let verdict =
            life.authorisedAt.map { "was authorised at position \($0)" } ?? "is not authorised"
        sentence =
            "Request \(life.number), \(try reading.line(life.request.initiated.request)), by "
            + "\(life.request.initiator), \(verdict) and is \(life.status.rawValue)."
        rule = life.rule?.description
        ruleSince = life.ruleSince
        ruleNow = Self.ruleNow(life, reading.state)
        terms = life.progress.map { Self.terms($0, depth: 0) } ?? []
        approvals = life.approvals.map {
            Approval(
                member: $0.member.text, recorded: CalendarTime.text($0.recorded),
                position: $0.position)
        }
        authorisedAt = life.authorisedAt
        endedAt = life.endedAt
        if let position = life.authorisedAt {
            quorum = "complete at position \(position)"
        } else if life.rule == nil {
            quorum = "there is no rule: what the request names is no more"
        } else {
            quorum = "missing " + (life.progress?.missing ?? "nothing")
        }
        outcome = try Self.outcome(life, reading)
        documents = try life.documents(reading)
    }

    /// What would decide such a request at the moment that is shown; nil when that is the same
    /// rule, or when what it names has ended with it.
    private static func ruleNow(_ life: RequestLife, _ state: LedgerState) -> String? {
        guard let rule = life.rule, let now = state.ruling(on: life.request)?.quorum
        else { return nil }
        return now == rule ? nil : "another rule is in force: \(now)"
    }

    private static func terms(_ progress: Progress, depth: Int) -> [Term] {
        progress.parts.flatMap { part -> [Term] in
            switch part {
            case .member(let name, let approved, let standing):
                let what =
                    switch standing {
                    case .active: approved ? "approved" : "has not approved"
                    case .inactive: "is not active"
                    case .subject: "has no say: the request is about him"
                    }
                return [Term(depth: depth, isMet: part.isMet, text: "\(name) \(what)")]
            case .role(let role, let needed, let approved, let open):
                var text = "\(needed) of \(role)"
                if !approved.isEmpty {
                    text += ": \(approved.map(\.text).joined(separator: ", ")) approved"
                }
                if approved.count < needed {
                    text +=
                        open.isEmpty
                        ? "; nobody else holds the role"
                        : "; could approve: \(open.map(\.text).joined(separator: ", "))"
                }
                return [Term(depth: depth, isMet: part.isMet, text: text)]
            case .quorum(let inner):
                let text = "\(inner.needed) of these \(inner.parts.count), \(inner.met) met"
                return [Term(depth: depth, isMet: part.isMet, text: text)]
                    + Self.terms(inner, depth: depth + 1)
            }
        }
    }

    /// How it stands or ended, and through which event.
    private static func outcome(_ life: RequestLife, _ reading: LedgerReading) throws -> String {
        guard let position = life.endedAt else { return live(life, reading) }
        guard position < reading.state.size, life.status != .expired else {
            return
                "expired at \(CalendarTime.text(life.request.initiated.expires)): it had not been "
                + "broadcast by then"
        }
        let cause = try reading.ledger.entry(position)
        let author = reading.member(cause.event.author)
        let event =
            "\(author) \(try reading.line(cause)) (position \(position), "
            + "\(CalendarTime.text(cause.recorded)))"
        return switch life.status {
        case .aborted: "aborted: \(event)"
        case .executed: "took effect when \(event)"
        case .voided: "voided, because what it rested on changed when \(event)"
        case .superseded: "superseded by the transfer that replaces it, when \(event)"
        case .cancelled: "cancelled when \(event)"
        case .confirmed: "confirmed and beyond any reorganisation when \(event)"
        case .conflicted:
            "its coins were spent by another transaction, beyond any reorganisation when \(event)"
        default: "\(life.status.rawValue): \(event)"
        }
    }

    private static func live(_ life: RequestLife, _ reading: LedgerReading) -> String {
        let request = life.request
        switch request.status {
        case .confirmed:
            guard case .confirmed(let height) = request.mined else { return "confirmed" }
            return "confirmed in the block at height \(height)"
        case .conflicted:
            guard case .conflicted(let height, let txid) = request.mined else {
                return "conflicted"
            }
            return "the transaction \(txid.reversedHex) at height \(height) spends one of its coins"
        case .outstanding:
            return "\(request.ending?.rawValue ?? "ended"), but signatures or a PSBT of it are "
                + "out: its coins stay reserved until the chain spends one of them"
        case .broadcast:
            let answer = request.relay.map {
                $0.isAccepted
                    ? "; the node took it"
                    : "; the node refused it: \($0.message.escapedForDisplay)"
            }
            return "broadcast at position \(request.broadcastAt ?? 0)" + (answer ?? "")
                + "; waits for a block"
        default:
            return "waits for " + (reading.missing(request) ?? "nothing") + "; expires at "
                + CalendarTime.text(request.initiated.expires)
        }
    }
}
