public import Events

/// A rule of the policy in force: who must approve, and within which limits at all.
///
/// The only kind of rule that there is: the ledger has one, and each wallet has one.
public struct PolicyRule: Sendable, Equatable {
    /// Whose rule it is.
    public let scope: PolicyScope
    /// Who must approve.
    public let quorum: Quorum
    /// What a transfer may pay to the miners; nil where nothing is paid.
    public let ceilings: FeeCeilings?

    /// Creates a rule.
    public init(scope: PolicyScope, quorum: Quorum, ceilings: FeeCeilings?) {
        self.scope = scope
        self.quorum = quorum
        self.ceilings = ceilings
    }

    /// Judges a proposal; the same answer whenever it is asked.
    public func ruling(on proposal: Proposal) -> Ruling {
        if let payment = proposal.payment,
            let refusal = ceilings?.refusal(
                of: payment.fee, vsize: payment.vsize, sent: payment.sent)
        {
            return Ruling(rule: self, verdict: .refused(refusal))
        }
        return Ruling(rule: self, verdict: .approvals(quorum))
    }
}

/// What the policy says to a proposal, and which rule says it.
public struct Ruling: Sendable, Equatable {
    /// The rule that matched.
    public let rule: PolicyRule
    /// What it says.
    public let verdict: Verdict

    /// What a rule says to a proposal.
    public enum Verdict: Sendable, Equatable {
        /// It is authorised once approvals complete the quorum.
        case approvals(Quorum)
        /// No approval authorises it.
        case refused(FeeRefusal)
    }

    /// Whose approvals authorise the proposal; nil when none do.
    public var quorum: Quorum? {
        if case .approvals(let quorum) = verdict { quorum } else { nil }
    }

    /// Why no approval authorises the proposal; nil when some do.
    public var refusal: FeeRefusal? {
        if case .refused(let refusal) = verdict { refusal } else { nil }
    }
}
