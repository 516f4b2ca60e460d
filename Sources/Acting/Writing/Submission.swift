internal import Bytes
public import Events
internal import Keys
public import Ledger
public import State

/// An event on its way into the log, with the blobs that it stands for by digest.
///
/// A class, since it is handed from queue to queue and an event has many parts to copy.
public final class Submission: Sendable {
    public let event: SignedEvent
    public let blobs: [[UInt8]]

    /// Creates a submission.
    public init(_ event: SignedEvent, blobs: [[UInt8]] = []) {
        self.event = event
        self.blobs = blobs
    }
}

extension Submission: Equatable {
    public static func == (left: Submission, right: Submission) -> Bool {
        left.event == right.event && left.blobs == right.blobs
    }
}

/// A submission whose own signature verifies under the key that it names. Whether that key may act
/// is judged when it is appended.
public struct CheckedSubmission: Sendable {
    let submission: Submission

    /// Verifies the event's signature, some 50 µs; nil when it does not verify.
    public init?(_ submission: Submission, keys: KeyCache) {
        guard let key = keys.key(submission.event.author),
            key.isValid(submission.event.signature, for: submission.event.id)
        else { return nil }
        self.submission = submission
    }
}

/// Where a submitted event stands.
public struct Receipt: Sendable, Equatable {
    public let position: UInt64
    /// Whether the same bytes had been recorded before.
    public let isRepetition: Bool
}

/// Why an event was not recorded, or could not be.
public enum SubmissionError: Error, Equatable {
    /// The rules refuse it.
    case refused(Refusal)
    /// The log refused it or failed.
    case ledger(LedgerError)
    /// The machine's clock is further past the last entry than it may be without an operator who
    /// confirms it.
    case clockAhead(milliseconds: UInt64)
    /// The machine's clock is further behind the last entry than it may be.
    case clockBehind(milliseconds: UInt64)
    /// There are not so many entries.
    case noPosition(UInt64, size: UInt64)
    /// There is no state at this size.
    case noSize(UInt64, size: UInt64)
    /// What is stored can not be read as what it should be.
    case damaged(String)
}

extension SubmissionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let refusal): refusal.reason
        case .ledger(let error): "\(error)"
        case .clockAhead(let milliseconds):
            "the clock is \(milliseconds / 86_400_000) days past the last entry; whoever knows it "
                + "to be right confirms it"
        case .clockBehind(let milliseconds):
            "the clock is \(milliseconds / 60_000) minutes behind the last entry. Set it, or "
                + "confirm that the last entry's time is recorded"
        case .noPosition(let position, let size):
            "there is no position \(position); the log has \(size) entries, from 0"
        case .noSize(let wanted, let size):
            "there is no size \(wanted); the log has \(size) entries and its first state is at "
                + "size 1"
        case .damaged(let reason): reason
        }
    }
}

extension SubmissionError: LedgerFailure {
    public init(ledger error: LedgerError) { self = .ledger(error) }
}
