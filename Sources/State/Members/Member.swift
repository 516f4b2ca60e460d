public import Bytes
public import Events
public import Keys

/// A member as he stands at the head of the log.
public struct Member: Sendable, Equatable {
    /// The name, which no other member ever has.
    public let name: MemberName
    /// The roles that the member holds, sorted.
    public var roles: [RoleName]
    /// The event key in force, or the one whose acceptance is awaited.
    public var key: KeyID
    /// Whether the member may act.
    public var status: Status
    /// SHA-256(salt ‖ name) when the person's name was committed to.
    public let person: Digest32?
    /// Where the event stands that brought the member in.
    public let since: UInt64

    /// The hour of recorded time (since 1970) that ``eventsInHour`` counts.
    var hour: UInt64 = 0
    var eventsInHour: UInt64 = 0
    /// The day of recorded time (since 1970) that ``blobBytesInDay`` counts.
    var day: UInt64 = 0
    var blobBytesInDay: UInt64 = 0

    /// Where a member stands.
    public enum Status: String, Sendable, CaseIterable {
        /// His key has not yet accepted.
        case awaitingAcceptance = "awaiting-acceptance"
        case active
        case suspended
    }
}
