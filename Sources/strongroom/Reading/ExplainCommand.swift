import Acting
import ArgumentParser
import Auditing
import Bytes
import Events
import Policy
import Report
import State
import Terminal

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why a request was or was not authorised, and how it ended.",
        discussion: """
            The rule is the one that decided: in force when the quorum was complete, or, while it \
            is not, where the request stands or ended. When another is in force now, it says so.

            Examples:
              strongroom explain 3
              strongroom explain 3 --json
              strongroom explain 3 --at 41
            """)
    @Argument(help: "The request's number.")
    var number: UInt64
    @OptionGroup var ledger: EvidenceOptions
    @OptionGroup var moment: MomentOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let reading = try LedgerReading(ledger, at: moment.moment)
        let life = try RequestLife(number, reading)
        let explanation = try Explanation(life, reading)
        if output.isJSON { return try reading.answer(explanation) }
        reading.printMoment()
        for line in wrapped("", explanation.sentence) { print(line) }
        if let rule = explanation.rule {
            let since = explanation.ruleSince.map { ", in force since position \($0)" } ?? ""
            print("")
            for line in wrapped("Rule      ", rule + since) { print(line) }
            for line in explanation.terms {
                print(
                    String(repeating: " ", count: 10 + 2 * line.depth)
                        + "\(line.isMet ? "[x]" : "[ ]") \(line.text)")
            }
        }
        if let now = explanation.ruleNow {
            for line in wrapped("Now       ", now) { print(line) }
        }
        if !explanation.approvals.isEmpty { print("\nApproved") }
        var approvals = Table(.text("WHO"), .whole("WHEN"), .number("POSITION"))
        for approval in explanation.approvals {
            approvals.add(approval.member, approval.recorded, "\(approval.position)")
        }
        for line in approvals.lines(indent: 2) { print(line) }
        print("")
        for line in wrapped("Quorum    ", explanation.quorum) { print(line) }
        for line in wrapped("Standing  ", explanation.standing) { print(line) }
        if !explanation.documents.isEmpty {
            let listed = explanation.documents.map {
                "\($0.label.map { "\"\($0.plain)\"" } ?? "without a label") at position \($0.position)"
            }
            for line in wrapped("Documents ", listed.joined(separator: ", ")) { print(line) }
        }
    }
}

/// Why a request stands where it stands.
struct Explanation: Encodable {
    struct Term: Encodable {
        let depth: Int
        let isMet: Bool
        let text: String
    }
    struct Approval: Encodable {
        let member: String
        let recorded: String
        let position: UInt64
    }

    let number: UInt64
    let status: String
    let sentence: String
    let rule: String?
    let ruleSince: UInt64?
    /// The rule at the moment that is shown, when it is another than the one that decided.
    let ruleNow: String?
    let terms: [Term]
    let approvals: [Approval]
    let authorisedAt: UInt64?
    let endedAt: UInt64?
    let quorum: String
    let standing: String
    let documents: [JSONDocument]

    init(_ life: RequestLife, _ reading: LedgerReading) throws {
        number = life.number
        status = life.status.rawValue
        let verdict =
            life.authorisedAt.map { "was authorised at position \($0)" } ?? "is not authorised"
        sentence =
            "Request \(life.number), \(try reading.intent(life.request.initiated.request)), by "
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
        standing = try Self.standing(life, reading)
        documents = try life.documents(reading)
    }

    /// What would decide such a request at the moment that is shown; nil when that is the same rule,
    /// or when what it names has ended with it.
    private static func ruleNow(_ life: RequestLife, _ state: LedgerState) -> String? {
        guard let rule = life.rule, let now = state.rule(for: life.request.initiated.request)
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
    private static func standing(_ life: RequestLife, _ reading: LedgerReading) throws -> String {
        guard let position = life.endedAt else { return live(life, reading) }
        guard position < reading.state.size, life.status != .expired else {
            return
                "expired at \(CalendarTime.text(life.request.initiated.expires)): it had not been "
                + "broadcast by then"
        }
        let cause = try reading.ledger.entry(position)
        let author = reading.member(cause.event.author)
        let event =
            "\(author) \(try reading.summary(cause)) (position \(position), "
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
                $0.isAccepted ? "; the node took it" : "; the node refused it: \($0.message.plain)"
            }
            return "broadcast at position \(request.broadcastAt ?? 0)" + (answer ?? "")
                + "; waits for a block"
        default:
            return "waits for " + (reading.missing(request) ?? "nothing") + "; expires at "
                + CalendarTime.text(request.initiated.expires)
        }
    }
}
