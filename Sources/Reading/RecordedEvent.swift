public import Events

/// An event with its place in the log.
public struct RecordedEvent: Sendable {
    /// Its place in the log, from 0.
    public let position: UInt64
    /// When it was recorded, in milliseconds since 1970.
    public let recorded: UInt64
    /// What was signed; its signature was verified when it was recorded.
    public let event: SignedEvent
    /// The entry's bytes, the log's leaf.
    public let entry: [UInt8]

    /// Places a signed event in the log.
    public init(position: UInt64, recorded: UInt64, event: SignedEvent, entry: [UInt8]) {
        self.position = position
        self.recorded = recorded
        self.event = event
        self.entry = entry
    }
}
