/// Why a report or a moment of the history can not be had.
public enum ReportError: Error, Equatable {
    /// The text names neither a position nor a time.
    case notAMoment(String)
    /// The period ends before it begins.
    case emptyPeriod(from: String, to: String)
    /// The moment is not in the log.
    case outside(String)
}

extension ReportError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAMoment(let text):
            "\"\(text)\" is neither a position nor a time: a number such as 41, or ISO 8601 such "
                + "as 2026-11-21, 2026-11-21T14:30Z or 2026-11-21T14:30:05.250+01:00 is accepted"
        case .emptyPeriod(let from, let to):
            "the period from \(from) to \(to) is empty; an end after the beginning is accepted"
        case .outside(let reason): reason
        }
    }
}
