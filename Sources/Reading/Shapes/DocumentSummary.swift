internal import Bytes
internal import Events
internal import Report

/// An attached document.
public struct DocumentSummary: Encodable {
    /// Where it stands in the log.
    public let position: UInt64
    /// When it was recorded.
    public let recorded: String
    /// The member who signed it, or his key.
    public let author: String
    /// Its label, public for ever.
    public let label: String?
    /// How many bytes it has.
    public let bytes: Int
    /// The commitment, in hexadecimal digits.
    public let digest: String
    /// Whether its bytes are here.
    public let isAtHand: Bool

    /// Describes it.
    public init(_ document: AttachedDocument, _ reading: LedgerReading) {
        position = document.position
        recorded = CalendarTime.text(document.recorded)
        author = reading.member(document.author)
        label = document.fact.label
        bytes = document.fact.documentBytes
        digest = document.fact.document.digest.hex
        isAtHand = document.isAtHand
    }
}
