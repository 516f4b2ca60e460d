internal import Bytes
internal import Dispatch
internal import Events
internal import Foundation
internal import Keys
internal import Merkle
internal import State
internal import Synchronization

/// The cores of the machine, which parse entries and verify signatures while one thread folds.
struct Workers: Sendable {
    let cores = max(ProcessInfo.processInfo.activeProcessorCount, 1)
    let queue = DispatchQueue(label: "strongroom.replay", attributes: .concurrent)
}

/// An entry as far as it can be judged without the state.
struct ParsedEntry: Sendable {
    let leaf: Digest32
    let recorded: UInt64
    let event: SignedEvent?
    /// Why there is no event.
    let problem: String
    /// Set when the event holds what these rules do not name, so that nothing can be said about it.
    let unknown: UnknownForm?

    init(_ bytes: Span<UInt8>, ledger: Digest32) {
        leaf = leafHash(bytes)
        var recorded: UInt64 = 0
        do {
            let entry = try Entry(decoding: bytes)
            recorded = entry.recorded
            event = try SignedEvent(decoding: entry.event, ledger: ledger)
            problem = ""
            unknown = nil
        } catch {
            event = nil
            problem = "\(error)"
            if case .unknown(let form) = error { unknown = form } else { unknown = nil }
        }
        self.recorded = recorded
    }
}

/// Parses chunks of entries ahead of the fold, each on one core.
struct ParseQueue {
    private let source: any EventSource
    private let ledger: Digest32
    private var next: UInt64
    private let end: UInt64
    private let workers: Workers
    private var jobs: [Job] = []
    /// Where the chunk ends that was taken last.
    private(set) var taken: UInt64

    /// How many entries are parsed at a time; large enough that handing them over costs nothing.
    static let chunk: UInt64 = 512

    private final class Job: Sendable {
        let done = DispatchGroup()
        let result = Mutex<Result<[ParsedEntry], AuditError>>(.success([]))
        let end: UInt64

        init(end: UInt64) { self.end = end }
    }

    init(
        source: any EventSource, ledger: Digest32, next: UInt64, end: UInt64, _ workers: Workers
    ) {
        self.source = source
        self.ledger = ledger
        self.next = next
        taken = next
        self.end = end
        self.workers = workers
    }

    /// The next chunk, in order; nil after the last.
    mutating func take() -> Result<[ParsedEntry], AuditError>? {
        while jobs.count < workers.cores + 2, next < end { start() }
        guard !jobs.isEmpty else { return nil }
        let job = jobs.removeFirst()
        job.done.wait()
        taken = job.end
        return job.result.withLock { $0 }
    }

    private mutating func start() {
        // Chunks end at multiples of their size, so that no bundle of an export is read twice.
        let range = next..<min(next - next % Self.chunk + Self.chunk, end)
        next = range.upperBound
        let job = Job(end: range.upperBound)
        jobs.append(job)
        workers.queue.async(group: job.done) { [source, ledger] in
            let result: Result<[ParsedEntry], AuditError>
            do throws(AuditError) {
                var entries: [ParsedEntry] = []
                entries.reserveCapacity(range.count)
                try source.forEachEntry(range) { entries.append(ParsedEntry($0, ledger: ledger)) }
                result = .success(entries)
            } catch {
                result = .failure(error)
            }
            job.result.withLock { $0 = result }
        }
    }
}

/// Verifies the signatures that the fold asks for behind its back, in batches.
struct VerifyQueue {
    private let workers: Workers
    private var batch: [Pending] = []
    private var jobs: [Job] = []
    private(set) var count: UInt64 = 0

    private struct Pending: Sendable {
        let check: SignatureCheck
        let position: UInt64
        let event: Digest32
    }

    private final class Job: Sendable {
        let done = DispatchGroup()
        let failed = Mutex<[Pending]>([])
    }

    /// How many signatures are verified at a time.
    private static let batchSize = 256
    /// How many batches may wait, so that memory has a limit.
    private static let depth = 16

    init(_ workers: Workers) { self.workers = workers }

    mutating func add(_ admission: Admission, of event: SignedEvent, at position: UInt64) {
        batch.append(Pending(check: admission.envelope, position: position, event: event.id))
        for check in admission.checks {
            batch.append(Pending(check: check, position: position, event: event.id))
        }
        if batch.count >= Self.batchSize { start() }
    }

    /// The findings of batches that are done, once more are waiting than may.
    mutating func flush() -> [Finding] {
        var findings: [Finding] = []
        while jobs.count > Self.depth { findings += collect(jobs.removeFirst()) }
        return findings
    }

    /// Waits for all batches.
    mutating func finish() -> [Finding] {
        start()
        defer { jobs = [] }
        return jobs.flatMap { collect($0) }
    }

    private mutating func start() {
        guard !batch.isEmpty else { return }
        let job = Job()
        let pending = batch
        batch = []
        batch.reserveCapacity(Self.batchSize)
        count += UInt64(pending.count)
        jobs.append(job)
        workers.queue.async(group: job.done) {
            let failed = pending.filter { !$0.check.isValid() }
            guard !failed.isEmpty else { return }
            job.failed.withLock { $0 = failed }
        }
    }

    private func collect(_ job: Job) -> [Finding] {
        job.done.wait()
        return job.failed.withLock { failed in
            failed.map { Finding(invalidSignatureAt: $0.position, event: $0.event) }
        }
    }
}

extension Finding {
    init(invalidSignatureAt position: UInt64, event: Digest32) {
        self.init(
            position: position, event: event, rule: .signature,
            expected: "signatures that verify under the keys in force", found: "one that does not")
    }
}
