public import Bytes
public import Events
internal import Report

/// Why something is not shown: what was asked for is not in the history.
public enum ReadingError: Error, Equatable {
    /// The log has no such position; the last is given.
    case noPosition(UInt64, last: UInt64)
    /// At the moment that is shown the log had no such position; the last then is given.
    case notYet(position: UInt64, last: UInt64)
    /// A time that is still to come, in milliseconds since 1970, and the last entry.
    case future(UInt64, last: UInt64, recorded: UInt64)
    /// A time before the founding, in milliseconds since 1970.
    case beforeFounding(UInt64, founded: UInt64)
    /// There is no wallet of this name.
    case noWallet(String, known: [String])
    /// There is no member of this name; whether an earlier moment is shown.
    case noMember(MemberName, isPast: Bool, known: [String])
    /// At the moment that is shown there was no such request yet.
    case requestNotYet(UInt64, position: UInt64, recorded: UInt64)
    /// The entries of a request are missing.
    case requestMissing(UInt64)
    /// A request is neither alive nor has it ended before a position.
    case requestLost(UInt64, before: UInt64)
    /// No event has this id.
    case noEvent(Digest32)
    /// No signed checkpoint covers an entry yet.
    case notCheckpointed(UInt64)
    /// No checkpoint of this size was signed; the sizes next to it.
    case noCheckpoint(UInt64, near: [UInt64])
    /// The older checkpoint has more entries than the newer.
    case checkpointOrder(older: UInt64, newer: UInt64)
    /// A checkpoint is ahead of the ledger, which has so many entries.
    case checkpointAhead(UInt64, size: UInt64)
    /// A checkpoint contradicts the ledger.
    case checkpointContradicts(UInt64)
}

extension ReadingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noPosition(let position, let last):
            "there is no position \(position); the log's last is \(last)"
        case .notYet(let position, let last):
            "there was no position \(position) yet; the last was \(last)"
        case .future(let time, let last, let recorded):
            "\(CalendarTime.text(time)) is still to come; the log's last entry, at position "
                + "\(last), was recorded \(CalendarTime.text(recorded))"
        case .beforeFounding(let time, let founded):
            "\(CalendarTime.text(time)) is before the founding, which was recorded "
                + CalendarTime.text(founded)
        case .noWallet(let name, let known):
            "there is no wallet \(name.escapedForDisplay)"
                + (known.isEmpty
                    ? "; none was created yet" : "; there are " + known.joined(separator: ", "))
        case .noMember(let name, let isPast, let known):
            "no member is called \(name)\(isPast ? " then" : ""); there are "
                + known.joined(separator: ", ")
        case .requestNotYet(let number, let position, let recorded):
            "there was no request \(number) yet; it was initiated at position \(position), "
                + CalendarTime.text(recorded)
        case .requestMissing(let number): "the entries of request \(number) are missing"
        case .requestLost(let number, let position):
            "request \(number) is neither alive nor ended before position \(position)"
        case .noEvent, .notCheckpointed, .noCheckpoint, .checkpointOrder, .checkpointAhead,
            .checkpointContradicts:
            proofSentence
        }
    }

    /// What is said of proofs.
    private var proofSentence: String {
        switch self {
        case .noEvent(let id): "no event has the id \(id.hex)"
        case .notCheckpointed(let position):
            "the entry \(position) is appended, but no signed checkpoint covers it yet"
        case .noCheckpoint(let size, let near):
            "no checkpoint of size \(size) was signed"
                + (near.isEmpty
                    ? ""
                    : "; the nearest are of size "
                        + near.map { "\($0)" }.joined(separator: " and "))
        case .checkpointOrder(let older, let newer):
            "the older checkpoint has \(older) entries, the newer \(newer)"
        case .checkpointAhead(let checkpoint, let size):
            "the checkpoint of size \(checkpoint) is ahead of this ledger, which has \(size) "
                + "entries: an older copy?"
        case .checkpointContradicts(let size):
            "the checkpoint of size \(size) contradicts this ledger: there are two histories"
        default: preconditionFailure("every other case has its sentence above")
        }
    }
}
