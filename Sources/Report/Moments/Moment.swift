internal import Bytes

/// A place in a ledger's history as people name it: the entry at a position, or a time.
public enum Moment: Sendable, Equatable {
    /// Right after the entry at this position.
    case position(UInt64)
    /// Right after the last entry recorded at or before this time, in milliseconds since 1970.
    case time(UInt64)

    /// Reads a position (decimal digits alone) or a time (``CalendarTime``): its first moment, or
    /// as the end of a period its last one, so that a day's end is the end of the day.
    public init(parsing text: String, asEnd isEnd: Bool = false) throws(ReportError) {
        if let position = UInt64(text), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            self = .position(position)
        } else if let time = CalendarTime.moments(parsing: text) {
            self = .time(isEnd ? time.upperBound : time.lowerBound)
        } else {
            throw .notAMoment(String(text.prefix(64)).escapedForDisplay)
        }
    }
}
