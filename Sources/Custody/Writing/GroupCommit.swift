internal import Dispatch
internal import State
internal import Synchronization

/// Lets many authors append at once: their signatures are verified in parallel while the batch before
/// is being made durable, and each batch costs one fsync.
public final class GroupCommit: Sendable {
    private let writer: LedgerWriter
    private let verifying = DispatchQueue(
        label: "strongroom.verify", attributes: .concurrent)
    private let committing = DispatchQueue(label: "strongroom.commit")
    private let ready = Mutex(Ready())

    private struct Ready {
        var waiting: [(CheckedSubmission, Answer)] = []
        var isCommitting = false
    }

    /// Called once with what became of a submission, on a thread of the pool.
    public typealias Answer = @Sendable (Result<Receipt, SubmissionError>) -> Void

    /// Starts committing what is submitted through `writer`.
    public init(_ writer: LedgerWriter) { self.writer = writer }

    /// Submits an event; `answer` comes when it is durable, or refused.
    public func submit(_ submission: Submission, answer: @escaping Answer) {
        verifying.async { [self] in
            guard let checked = CheckedSubmission(submission, keys: writer.keys) else {
                return answer(.failure(.invalidSignature))
            }
            enqueue(checked, answer)
        }
    }

    /// Submits an event and waits until it is durable.
    public func submit(_ submission: Submission) async throws -> Receipt {
        try await withCheckedThrowingContinuation { continuation in
            submit(submission) { continuation.resume(with: $0) }
        }
    }

    private func enqueue(_ checked: CheckedSubmission, _ answer: @escaping Answer) {
        let starts = ready.withLock { ready in
            ready.waiting.append((checked, answer))
            defer { ready.isCommitting = true }
            return !ready.isCommitting
        }
        if starts { committing.async { [self] in commit() } }
    }

    private func commit() {
        while true {
            let batch = ready.withLock { ready in
                let batch = Array(ready.waiting.prefix(LedgerWriter.batchLimit))
                ready.waiting.removeFirst(batch.count)
                ready.isCommitting = !batch.isEmpty
                return batch
            }
            guard !batch.isEmpty else { return }
            do throws(SubmissionError) {
                let answers = try writer.append(batch.map(\.0))
                for ((_, answer), result) in zip(batch, answers) { answer(result) }
            } catch {
                for (_, answer) in batch { answer(.failure(error)) }
            }
        }
    }
}

extension SubmissionError {
    /// The event's own signature does not verify.
    public static var invalidSignature: SubmissionError {
        .refused(
            Refusal(
                .signature, "the event's signature does not verify under the key that it names; the"
                    + " event was damaged on its way, or made for another ledger"))
    }
}
