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
    private let queue = DispatchQueue(label: "strongroom.append", attributes: .concurrent)
    private let cores = max(ProcessInfo.processInfo.activeProcessorCount, 1)
    private let line = Mutex(Line())

    /// Called once with what became of a submission, on a thread of the pool.
    public typealias Answer = @Sendable (Result<Receipt, SubmissionError>) -> Void

    /// How many signatures a thread verifies before it looks for more.
    private static let groupLimit = 64

    /// What waits, in order: submissions, then groups of them whose signatures are being verified.
    private struct Line {
        var arrived: [(submission: Submission, answer: Answer)] = []
        var groups: [Group] = []
        var verifiers = 0
        var isCommitting = false

        /// Takes the groups from the front that are verified, as many as fit one transaction.
        mutating func takeVerified() -> [Verified] {
            var taken: [Verified] = []
            var count = 0
            while count < groups.count, let verified = groups[count].verified,
                taken.count + verified.count <= LedgerWriter.batchLimit
            {
                taken += verified
                count += 1
            }
            groups.removeFirst(count)
            return taken
        }
    }

    private typealias Verified = (submission: CheckedSubmission?, answer: Answer)

    private final class Group: Sendable {
        private let result = Mutex<[Verified]?>(nil)
        var verified: [Verified]? { result.withLock { $0 } }
        func finish(_ verified: [Verified]) { result.withLock { $0 = verified } }
    }

    /// Starts committing what is submitted through `writer`.
    public init(_ writer: LedgerWriter) { self.writer = writer }

    /// Submits an event; `answer` comes when it is durable, or refused.
    public func submit(_ submission: Submission, answer: @escaping Answer) {
        let starts = line.withLock { line in
            line.arrived.append((submission, answer))
            guard line.verifiers < cores else { return false }
            line.verifiers += 1
            return true
        }
        if starts { queue.async { [self] in verify() } }
    }

    /// Submits an event and waits until it is durable.
    public func submit(_ submission: Submission) async throws -> Receipt {
        try await withCheckedThrowingContinuation { continuation in
            submit(submission) { continuation.resume(with: $0) }
        }
    }

    /// Verifies group after group until nothing is left.
    private func verify() {
        while let (group, items) = takeGroup() {
            group.finish(
                items.map { item in
                    (CheckedSubmission(item.submission, keys: writer.keys), item.answer)
                })
            let starts = line.withLock { line in
                guard !line.isCommitting, line.groups.first?.verified != nil else { return false }
                line.isCommitting = true
                return true
            }
            if starts { queue.async { [self] in commit() } }
        }
    }

    /// The next submissions, whose place in the order is then fixed; nil when this thread may end.
    private func takeGroup() -> (Group, [(submission: Submission, answer: Answer)])? {
        line.withLock { line in
            guard !line.arrived.isEmpty else {
                line.verifiers -= 1
                return nil
            }
            // A few submissions are shared out, so that no core waits for another.
            let share = (line.arrived.count + cores - 1) / cores
            let items = Array(line.arrived.prefix(min(share, Self.groupLimit)))
            line.arrived.removeFirst(items.count)
            let group = Group()
            line.groups.append(group)
            return (group, items)
        }
    }

    /// Commits batch after batch until no group at the front is verified.
    private func commit() {
        while true {
            let batch = line.withLock { line in
                let batch = line.takeVerified()
                line.isCommitting = !batch.isEmpty
                return batch
            }
            guard !batch.isEmpty else { return }
            for item in batch where item.submission == nil {
                item.answer(.failure(.invalidSignature))
            }
            let good = batch.compactMap { item in item.submission.map { ($0, item.answer) } }
            guard !good.isEmpty else { continue }
            do throws(SubmissionError) {
                let answers = try writer.append(good.map(\.0))
                for ((_, answer), result) in zip(good, answers) { answer(result) }
            } catch {
                for (_, answer) in good { answer(.failure(error)) }
            }
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
