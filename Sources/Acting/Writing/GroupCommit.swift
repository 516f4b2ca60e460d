internal import Dispatch
internal import Foundation
internal import State
internal import Synchronization

/// Lets many authors append at once: their signatures are verified on all cores while the batch
/// before is being made durable, and each batch costs one fsync.
///
/// Events are judged in the order in which they were submitted, so that an author may have several
/// under way.
public final class GroupCommit: Sendable {
    private let writer: LedgerWriter
    private let verifying = DispatchQueue(label: "strongroom.verify", attributes: .concurrent)
    // A serial queue has a thread of its own: one that waits for the disk must not keep a core from
    // verifying.
    private let committing = DispatchQueue(label: "strongroom.commit")
    private let cores = max(ProcessInfo.processInfo.activeProcessorCount, 1)
    private let line = Mutex(Line())

    /// Called once with what became of a submission, on a thread of the pool.
    public typealias Answer = @Sendable (Result<Receipt, SubmissionError>) -> Void

    /// How many signatures a thread verifies before it looks for more.
    private static let groupLimit = 32

    /// A submission and who waits for it.
    private struct Request: Sendable {
        let submission: Submission
        let answer: Answer
    }

    /// What waits, in order: submissions, then groups of them whose signatures are being verified.
    private struct Line {
        var arrived: [Request] = []
        var groups: [Group] = []
        var verifiers = 0
        var isCommitting = false
        /// How many wait to be verified or are being so, and how many to be committed.
        var unverified = 0
        var verified = 0

        /// Whether a batch should go now: when at least half of what waits is verified, so that few
        /// go at once and many share an fsync, without anybody waiting for a clock.
        private var isReady: Bool {
            (verified >= unverified || verified >= LedgerWriter.batchLimit)
                && groups.first?.verified != nil
        }

        /// Whether the caller is to start committing.
        mutating func startCommitting() -> Bool {
            guard !isCommitting, isReady else { return false }
            isCommitting = true
            return true
        }

        /// Whether the caller is to commit an event of his own, since none is under way.
        mutating func startAlone() -> Bool {
            guard arrived.isEmpty, groups.isEmpty, !isCommitting else { return false }
            isCommitting = true
            return true
        }

        /// Ends that, and tells whether the caller is to start committing what has come since.
        mutating func endAlone() -> Bool {
            isCommitting = false
            return startCommitting()
        }

        /// Takes the groups from the front that are verified, as many as fit one transaction; none
        /// ends the committing.
        mutating func takeBatch() -> [[Verified]] {
            var taken: [[Verified]] = []
            var count = 0
            while isReady || !taken.isEmpty, taken.count < groups.count,
                let next = groups[taken.count].verified,
                count + next.count <= LedgerWriter.batchLimit
            {
                taken.append(next)
                count += next.count
            }
            groups.removeFirst(taken.count)
            verified -= count
            isCommitting = !taken.isEmpty
            return taken
        }
    }

    /// A submission, nil unless its signature verifies, and who waits for it.
    private struct Verified: Sendable {
        let submission: CheckedSubmission?
        let answer: Answer
    }

    private final class Group: Sendable {
        private let result = Mutex<[Verified]?>(nil)
        var verified: [Verified]? { result.withLock { $0 } }
        func finish(_ verified: [Verified]) { result.withLock { $0 = verified } }
    }

    /// Starts committing what is submitted through `writer`.
    public init(_ writer: LedgerWriter) { self.writer = writer }

    /// Submits an event; `answer` comes when it is durable, or refused.
    public func submit(_ submission: Submission, answer: @escaping Answer) {
        let request = Request(submission: submission, answer: answer)
        let starts = line.withLock { line in
            line.arrived.append(request)
            line.unverified += 1
            guard line.verifiers < cores else { return false }
            line.verifiers += 1
            return true
        }
        if starts { verifying.async { [self] in verify() } }
    }

    /// Submits an event and keeps the calling thread until it is durable or refused. When no other
    /// is under way this very thread does all of it, and none has to be woken.
    public func append(_ submission: Submission) throws(SubmissionError) -> Receipt {
        guard line.withLock({ $0.startAlone() }) else {
            let done = DispatchSemaphore(value: 0)
            let result = Mutex<Result<Receipt, SubmissionError>?>(nil)
            submit(submission) { answer in
                result.withLock { $0 = answer }
                done.signal()
            }
            done.wait()
            guard let answer = result.withLock({ $0 }) else {
                preconditionFailure("whoever signals has answered")
            }
            return try answer.get()
        }
        // Those who come meanwhile are verified by others, and committed after this one.
        defer {
            if line.withLock({ $0.endAlone() }) { committing.async { [self] in commit() } }
        }
        guard let checked = CheckedSubmission(submission, keys: writer.keys) else {
            throw .invalidSignature
        }
        return try writer.append([checked])[0].get()
    }

    /// Submits an event and waits until it is durable.
    public func submit(_ submission: Submission) async throws -> Receipt {
        try await withCheckedThrowingContinuation { continuation in
            submit(submission) { continuation.resume(with: $0) }
        }
    }

    /// Verifies group after group until nothing is left.
    private func verify() {
        while let (group, requests) = takeGroup() {
            let verified = requests.map { request in
                Verified(
                    submission: CheckedSubmission(request.submission, keys: writer.keys),
                    answer: request.answer)
            }
            let (starts, isLast) = line.withLock { line in
                group.finish(verified)
                line.unverified -= verified.count
                line.verified += verified.count
                let starts = line.startCommitting()
                // With nothing left to verify, this thread need not hand over to another.
                let isLast = starts && line.arrived.isEmpty && line.verifiers == 1
                if isLast { line.verifiers = 0 }
                return (starts, isLast)
            }
            if isLast { return commit() }
            if starts { committing.async { [self] in commit() } }
        }
    }

    /// The next submissions, whose place in the order is then fixed; nil when this thread may end.
    private func takeGroup() -> (Group, [Request])? {
        line.withLock { line in
            guard !line.arrived.isEmpty else {
                line.verifiers -= 1
                return nil
            }
            // A few submissions are shared out, so that no core waits for another.
            let share = (line.arrived.count + cores - 1) / cores
            let requests = Array(line.arrived.prefix(min(share, Self.groupLimit)))
            line.arrived.removeFirst(requests.count)
            let group = Group()
            line.groups.append(group)
            return (group, requests)
        }
    }

    /// Commits batch after batch until none is ready.
    private func commit() {
        while true {
            let batch = line.withLock { $0.takeBatch() }
            guard !batch.isEmpty else { return }
            var good: [CheckedSubmission] = []
            good.reserveCapacity(batch.reduce(0) { $0 + $1.count })
            for item in batch.joined() {
                if let submission = item.submission { good.append(submission) }
            }
            let answers: Result<[Result<Receipt, SubmissionError>], SubmissionError>
            do throws(SubmissionError) {
                answers = .success(good.isEmpty ? [] : try writer.append(good))
            } catch { answers = .failure(error) }
            answer(batch, with: answers)
        }
    }

    /// Tells everybody in `batch` what became of his submission; `answers` are those of the ones
    /// whose signatures verify.
    private func answer(
        _ batch: [[Verified]],
        with answers: Result<[Result<Receipt, SubmissionError>], SubmissionError>
    ) {
        var next = 0
        for item in batch.joined() {
            guard item.submission != nil else {
                item.answer(.failure(.invalidSignature))
                continue
            }
            switch answers {
            case .success(let answers): item.answer(answers[next])
            case .failure(let error): item.answer(.failure(error))
            }
            next += 1
        }
    }
}

extension SubmissionError {
    /// The event's own signature does not verify.
    public static var invalidSignature: SubmissionError {
        .refused(
            Refusal(
                .signature,
                "the event's signature does not verify under the key that it names; the event "
                    + "was damaged on its way, or made for another ledger"))
    }
}
