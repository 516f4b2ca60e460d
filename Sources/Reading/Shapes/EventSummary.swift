internal import Bytes
internal import Events
internal import Keys
internal import Report

/// An event and how far it is secured.
public struct EventSummary: Encodable {
    /// Where it stands in the log.
    public let position: UInt64
    /// Its id, in hexadecimal digits.
    public let id: String
    /// The type of event.
    public let type: String
    /// The member who signed it, or his key.
    public let author: String
    /// The public key, in hexadecimal digits.
    public let key: String
    /// The event's number among those of its key.
    public let sequence: UInt64
    /// When its author signed it, by his clock.
    public let time: String
    /// When it was recorded.
    public let recorded: String
    /// How far it is secured: appended, checkpointed or witnessed.
    public let assurance: String
    /// What it did, in one line.
    public let summary: String
    /// Its body; nil where it is left out.
    public let body: EventBody?

    /// Describes it.
    public init(
        _ recorded: RecordedEvent, _ reading: LedgerReading, _ assurance: Assurance,
        withBody: Bool = false
    ) throws {
        let event = recorded.event.event
        position = recorded.position
        id = recorded.event.id.hex
        type = event.fact.type.rawValue
        author = reading.member(recorded.event.author)
        key = recorded.event.author.hex
        sequence = event.sequence
        time = CalendarTime.text(event.time)
        self.recorded = CalendarTime.text(recorded.recorded)
        self.assurance = assurance.word(at: recorded.position)
        summary = try reading.line(recorded)
        body = withBody ? EventBody(value: event.fact.cbor) : nil
    }
}
