public import Bytes

/// Why bytes are not an event or an entry of the log.
public enum EventError: Error, Equatable {
    /// The envelope is not the one COSE_Sign1 form that is accepted.
    case envelope(CBORError)
    /// The payload is not a fact in its one encoding; offsets count from the payload's start.
    case payload(CBORError)
    /// The payload holds what these rules do not name, and a newer program may.
    case unknown(UnknownForm)
    /// The entry of the log is not `[recorded time, event]`.
    case entry(CBORError)
    /// The event or entry is longer than the log can publish.
    case tooLong(bytes: Int, maximum: Int)
}

extension EventError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .envelope(let error): "the event's COSE envelope is malformed: \(error)"
        case .payload(let error): "the event's payload is malformed: \(error)"
        case .unknown(let form): "the event holds \(form), which these rules do not know"
        case .entry(let error): "the log entry is malformed: \(error)"
        case .tooLong(let bytes, let maximum):
            "the event takes \(bytes) bytes; at most \(maximum) fit an entry of the log"
        }
    }
}
