public import Events
public import Keys

/// A document as an event of the log attaches it.
public struct AttachedDocument: Sendable {
    /// Where the event stands.
    public let position: UInt64
    /// When it was recorded, in milliseconds since 1970.
    public let recorded: UInt64
    /// The key that attached it.
    public let author: KeyID
    /// Its label, its digest, and the request that it is about.
    public let fact: Attached
    /// Whether its bytes are here.
    public let isAtHand: Bool

    /// Describes a document that an event attaches.
    public init(
        position: UInt64, recorded: UInt64, author: KeyID, fact: Attached, isAtHand: Bool
    ) {
        self.position = position
        self.recorded = recorded
        self.author = author
        self.fact = fact
        self.isAtHand = isAtHand
    }
}
