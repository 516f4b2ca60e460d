public import Events
public import Keys

/// A key that has, or had, the right to sign events for a member.
public struct Author: Sendable {
    /// Whose key it is.
    public let member: MemberName
    /// The parsed key, kept because parsing costs as much as a tenth of a verification.
    public let key: PublicKey
    /// Whether the key may sign.
    public var status: Status
    /// The sequence number of the key's next event.
    public var nextSequence: UInt64
    /// The size of the newest tree head that the key has seen.
    public var seenSize: UInt64

    /// Where a key stands.
    public enum Status: String, Sendable, CaseIterable {
        case awaitingAcceptance = "awaiting-acceptance"
        case inForce = "in-force"
        /// Replaced by another key of the member.
        case retired
    }
}
