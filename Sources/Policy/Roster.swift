public import Events

/// The members who may act at one moment, with their roles: what a quorum is judged against.
public struct Roster: Sendable, Equatable {
    /// The roles of each active member.
    public var roles: [MemberName: Set<RoleName>]

    /// Creates a roster of active members.
    public init(_ roles: [MemberName: Set<RoleName>] = [:]) { self.roles = roles }

    /// The active members.
    public var members: Set<MemberName> { Set(roles.keys) }

    /// The active members who hold `role`.
    public func holders(of role: RoleName) -> Set<MemberName> {
        Set(roles.filter { $0.value.contains(role) }.keys)
    }

    /// The roster without one member, as when he may not judge a request about himself.
    public func without(_ member: MemberName?) -> Roster {
        guard let member else { return self }
        var roles = roles
        roles[member] = nil
        return Roster(roles)
    }
}
