internal import Audit
internal import Bytes
internal import Events
internal import Keys
public import Ledger
internal import Merkle
public import State
internal import Synchronization

/// Appends events to a ledger: judges each by the rules, in the order of arrival, inside one
/// durable transaction for a whole batch.
///
/// Any number of threads may submit, and other processes may write to the same ledger meanwhile:
/// each transaction first brings the state up to the head.
public final class LedgerWriter: Sendable {
    public let log: Log
    /// The parsed keys that submissions are verified with before they come here.
    public let keys = KeyCache()
    private let clock: @Sendable () -> UInt64
    private let isClockConfirmed: Bool
    private let live: Mutex<Live>

    private struct Live {
        /// Nil after a failure, until it is built again from the log.
        var state: LedgerState?
        var roots = RootCache()
    }

    /// A snapshot of the state is stored every so many entries.
    public static let snapshotInterval: UInt64 = 1_024
    /// The most events of one transaction.
    public static let batchLimit = 1_024
    /// How far the clock may be ahead of the last entry: 7 days, in milliseconds.
    public static let clockAheadLimit: UInt64 = 7 * 86_400_000
    /// How far the clock may be behind the last entry: ten minutes, in milliseconds.
    public static let clockBehindLimit: UInt64 = 600_000
    /// How many refused events of one key are kept as evidence.
    public static let evidenceLimit = 16

    /// Opens a ledger for appending.
    ///
    /// - Parameters:
    ///   - isClockConfirmed: whether the operator has looked at the clock, so that a jump is right.
    ///   - clock: milliseconds since 1970.
    public init(
        _ log: Log, isClockConfirmed: Bool = false,
        clock: @escaping WallClock = machineClock
    ) {
        self.log = log
        self.clock = clock
        self.isClockConfirmed = isClockConfirmed
        live = Mutex(Live())
    }

    /// The state at the head of the log.
    public func state() throws(SubmissionError) -> LedgerState {
        try live.withLock { (live) throws(SubmissionError) in
            try log.read { (view) throws(SubmissionError) in
                try bring(&live, upTo: view)
            }
        }
    }

    /// Appends a batch in one transaction. Each submission has an answer of its own; an error of
    /// the log itself is everybody's, and then nothing was recorded.
    public func append(
        _ submissions: [CheckedSubmission]
    ) throws(SubmissionError) -> [Result<Receipt, SubmissionError>] {
        precondition(submissions.count <= Self.batchLimit, "a batch has a limit")
        return try live.withLock { (live) throws(SubmissionError) in
            do throws(SubmissionError) {
                return try log.append { (batch) throws(SubmissionError) in
                    var state = try bring(&live, upTo: batch.view)
                    live.state = nil
                    let recorded = try recordedTime(after: state.recorded)
                    var answers: [Result<Receipt, SubmissionError>] = []
                    answers.reserveCapacity(submissions.count)
                    for item in submissions {
                        answers.append(
                            try record(item.submission, at: recorded, &state, &live, &batch))
                    }
                    live.state = state
                    return answers
                }
            } catch {
                // The state may be ahead of what was rolled back.
                live.state = nil
                throw error
            }
        }
    }

    // MARK: One event

    private func record(
        _ submission: Submission, at recorded: UInt64, _ state: inout LedgerState,
        _ live: inout Live, _ batch: inout Batch
    ) throws(SubmissionError) -> Result<Receipt, SubmissionError> {
        let event = submission.event
        if let answer = try repetition(of: event, state, &batch) { return answer }
        // A refused event must leave no trace, not even that time has passed: another process may
        // record an event of an earlier millisecond next.
        let before = state.hasDue(by: recorded) ? state : nil
        let seenRoot = try live.roots.root(at: event.event.seen.size, batch.view)
        let judgement: Judgement
        do throws(LedgerError) {
            judgement = try state.judge(
                event, recorded: recorded, seenRoot: seenRoot, carrying: submission.blobs,
                batch.view)
        } catch { throw .ledger(error) }
        if let refusal = try refusal(of: submission, judgement, batch.view) {
            if let before { state = before }
            // An author who was shown another log holds the evidence of it.
            if refusal.rule == .seenForeign {
                do { try keepEvidence(event, &batch) } catch { throw .ledger(error) }
            }
            return .failure(.refused(refusal))
        }
        let number = event.event.fact.type == .initiated ? state.nextNumber : nil
        let position: UInt64
        do throws(LedgerError) {
            position = try batch.append(
                Self.record(submission, recorded: recorded, number: number))
            for outcome in state.take(event, judgement).outcomes {
                try batch.putOutcome(number: outcome.number, outcome.encoded)
            }
            if state.size % Self.snapshotInterval == 0 {
                try batch.putSnapshot(size: state.size, state.encoded)
            }
        } catch { throw .ledger(error) }
        return .success(Receipt(position: position, isRepetition: false))
    }

    /// Why a submission is not recorded: by the rules, or since it lacks what they do not read.
    private func refusal(
        of submission: Submission, _ judgement: Judgement, _ view: borrowing LogView
    ) throws(SubmissionError) -> Refusal? {
        switch judgement.verdict {
        case .refused(let refusal): return refusal
        case .admitted(let admission):
            guard admission.checks.allSatisfy({ $0.isValid() }) else {
                return Refusal(
                    .signatureOfInput,
                    "a signature does not verify against the transaction that "
                        + "was approved; sign the frozen transaction anew")
            }
            return try missingAttachment(of: submission, view) ?? Self.faultyName(of: submission)
        }
    }

    /// The answer to an event whose number its key has used: the same bytes have their first place,
    /// others are an equivocation, which is kept as evidence.
    private func repetition(
        of event: SignedEvent, _ state: LedgerState, _ batch: inout Batch
    ) throws(SubmissionError) -> Result<Receipt, SubmissionError>? {
        guard let author = state.authors[event.author],
            event.event.sequence < author.nextSequence
        else { return nil }
        do throws(LedgerError) {
            guard
                let first = try batch.view.event(
                    of: event.author, sequence: event.event.sequence)
            else { return nil }
            if first.id == event.id {
                return .success(Receipt(position: first.position, isRepetition: true))
            }
            let isKept = try keepEvidence(event, &batch)
            return .failure(
                .refused(
                    Refusal(
                        .equivocation,
                        "the key \(event.author.hex) of \(author.member) has signed "
                            + "another event \(event.event.sequence), recorded at position "
                            + "\(first.position); "
                            + (isKept
                                ? "both are kept as evidence"
                                : "\(Self.evidenceLimit) refused events of the key are kept as "
                                    + "evidence already"))))
        } catch { throw .ledger(error) }
    }

    /// Keeps a refused event that proves something of its author; returns whether it is kept now.
    ///
    /// Two events of one number are proof, and a key signs as many more as it likes: of each key
    /// the first ``evidenceLimit`` are kept.
    @discardableResult
    private func keepEvidence(
        _ event: SignedEvent, _ batch: inout Batch
    ) throws(LedgerError) -> Bool {
        var count = 0
        var isKept = false
        try batch.view.forEachEvidence { _, bytes throws(LedgerError) in
            let kept = [UInt8](capacity: bytes.count) { $0.append(bytes) }
            if kept == event.bytes { isKept = true }
            if let other = try? SignedEvent(decoding: kept, ledger: log.ledgerID),
                other.author == event.author
            {
                count += 1
            }
            return !isKept
        }
        guard !isKept, count < Self.evidenceLimit else { return isKept }
        try batch.putEvidence(event.bytes)
        return true
    }

    /// What the log keeps of a submission.
    static func record(
        _ submission: Submission, recorded: UInt64, number: UInt64?
    ) -> LogRecord {
        let event = submission.event
        return LogRecord(
            event, entry: Entry(recorded: recorded, event: event.bytes).encoded, number: number,
            blobs: namedBlobs(of: submission))
    }

    // MARK: State and time

    private func bring(
        _ live: inout Live, upTo view: borrowing LogView
    ) throws(SubmissionError) -> LedgerState {
        var state: LedgerState
        if let known = live.state {
            state = known
            live.state = nil
        } else {
            state = try StateReader.newest(view, atMost: view.size)
            live.roots = RootCache()
        }
        try StateReader.follow(&state, view, to: view.size)
        live.state = state
        return state
    }

    private func recordedTime(after last: UInt64) throws(SubmissionError) -> UInt64 {
        let now = clock()
        guard !isClockConfirmed else { return max(now, last) }
        if now > last + Self.clockAheadLimit {
            throw .clockAhead(milliseconds: now - last)
        }
        if now + Self.clockBehindLimit < last {
            throw .clockBehind(milliseconds: last - now)
        }
        return max(now, last)
    }
}

/// The roots of the sizes that authors have seen lately.
private struct RootCache {
    private var roots: [UInt64: Digest32] = [:]
    private static let limit = 8_192

    mutating func root(
        at size: UInt64, _ view: borrowing LogView
    ) throws(SubmissionError) -> Digest32? {
        if let root = roots[size] { return root }
        guard size <= view.size else { return nil }
        do {
            let root = try view.root(at: size)
            if roots.count >= Self.limit { roots.removeAll() }
            roots[size] = root
            return root
        } catch { throw .ledger(error) }
    }
}
