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
    /// The machine's clock can not be right, and the operator has not confirmed it.
    case clock(String)
    /// What is stored can not be read as what it should be.
    case damaged(String)
}

extension SubmissionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let refusal): refusal.reason
        case .ledger(let error): "\(error)"
        case .clock(let reason): reason
        case .damaged(let reason): reason
        }
    }
}

extension SubmissionError: LedgerFailure {
    public init(ledger error: LedgerError) { self = .ledger(error) }
}
