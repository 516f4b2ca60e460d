public import Events

/// How far a quorum has come, term by term: the reasons behind a verdict, for people.
public struct Progress: Sendable, Equatable {
    /// One term and whether it is met.
    public indirect enum Part: Sendable, Equatable {
        /// A member: whether he has approved, and whether he has a say at all.
        case member(MemberName, approved: Bool, Standing)
        /// A role: how many are needed, who has approved, who still could.
        case role(RoleName, needed: Int, approved: [MemberName], open: [MemberName])
        case quorum(Progress)
    }

    /// Whether a member's approval can count.
    public enum Standing: Sendable, Equatable {
        case active
        /// He is suspended, or has not accepted.
        case inactive
        /// The request is about him.
        case subject
    }

    /// How many parts must be met.
    public let needed: Int
    /// Each term and whether it is met, in the order of the quorum.
    public let parts: [Part]

    /// Judges every term of `quorum`, in which the `subject` of a request has no say.
    public init(
        of quorum: Quorum, approvedBy members: Set<MemberName>, in roster: Roster,
        subject: MemberName? = nil
    ) {
        let roster = roster.without(subject)
        needed = quorum.needed
        parts = quorum.terms.map { term in
            switch term {
            case .member(let name):
                let standing: Standing =
                    name == subject ? .subject : roster.roles[name] == nil ? .inactive : .active
                return .member(
                    name, approved: standing == .active && members.contains(name), standing)
            case .role(let role, let count):
                let holders = roster.holders(of: role)
                return .role(
                    role, needed: count, approved: holders.intersection(members).sorted(),
                    open: holders.subtracting(members).sorted())
            case .quorum(let inner):
                return .quorum(
                    Progress(of: inner, approvedBy: members, in: roster, subject: subject))
            }
        }
    }

    /// How many parts are met.
    public var met: Int { parts.count { $0.isMet } }

    /// Whether enough parts are met.
    public var isComplete: Bool { met >= needed }

    /// What is missing, in words; nil when nothing is.
    public var missing: String? {
        guard !isComplete else { return nil }
        let open = parts.filter { !$0.isMet }.map(\.request)
        let count = needed - met
        if count == open.count { return open.joined(separator: " and ") }
        return "\(count) more of " + open.joined(separator: ", ")
    }
}

extension Progress.Part {
    /// Whether the part counts as met.
    public var isMet: Bool {
        switch self {
        case .member(_, let approved, _): approved
        case .role(_, let needed, let approved, _): approved.count >= needed
        case .quorum(let progress): progress.isComplete
        }
    }

    fileprivate var request: String {
        switch self {
        case .member(let name, _, .active): name.text
        case .member(let name, _, .inactive): "\(name) (not active)"
        case .member(let name, _, .subject): "\(name) (no say: the request is about him)"
        case .role(let role, let needed, let approved, let open):
            "\(needed - approved.count) \(role) ("
                + (open.isEmpty ? "none is left" : open.map(\.text).joined(separator: ", ")) + ")"
        case .quorum(let progress): "(\(progress.missing ?? "nothing"))"
        }
    }
}
