internal import Custody
internal import Dispatch
internal import Events
internal import Ledger
internal import SampleLedger
internal import Synchronization

/// Durable appends of signed events, everything validated, against raw commits and verifications.
struct Appending {
    private let folder: String
    private let log: Log
    private let batches = Batches()

    /// How many events of each member are under way at a time.
    private static let inFlight = 16

    /// The sizes of the batches, told by the writer's looks at the clock: one for each batch.
    private final class Batches: Sendable {
        private let counts = Mutex<(answered: Int, marks: [Int])>((0, []))

        func begin() { counts.withLock { $0.marks.append($0.answered) } }
        func answer() { counts.withLock { $0.answered += 1 } }
        func take() -> [Int] {
            counts.withLock { counts in
                let ends = counts.marks.dropFirst() + [counts.answered]
                let sizes = zip(counts.marks, ends).map { $1 - $0 }
                counts = (0, [])
                return sizes.filter { $0 > 0 }
            }
        }
    }

    init(_ folder: String) throws {
        self.folder = folder
        log = try Log.open(folder + "/ledger", .readWrite)
    }

    private func writer() -> LedgerWriter {
        LedgerWriter(log, isClockConfirmed: true) { [batches] in
            batches.begin()
            return SampleLedger.epoch
        }
    }

    /// All members at once, with 16 events each under way.
    func together(eventsEach: Int) throws -> Row {
        let writer = writer()
        let events = try Filling.sign(each: eventsEach, for: writer)
        let commits = GroupCommit(writer)
        _ = batches.take()
        let time = try seconds { try run(events, commits) }
        let sizes = batches.take()
        let count = events.count * eventsEach
        let signed = events.flatMap { $0.map(\.event) }
        let verifying = Raw.verify(signed.compactMap { Raw.Verification($0) })
        let committing = Raw.commit(
            signed.map { Entry(recorded: SampleLedger.epoch, event: $0.bytes).encoded },
            batches: sizes, to: folder + "/raw-together").reduce(0, +)
        say(
            "\(sizes.count) commits of \(count / sizes.count) events; raw verification "
                + "\(Int(Double(count) / verifying))/s, commits \(Int(Double(count) / committing))/s")
        return Row(
            name: "append, \(events.count) authors x \(Self.inFlight)",
            value: Double(count) / time, unit: "events/s",
            baseline: Double(count) / max(verifying, committing), target: .ratioAtLeast(0.85))
    }

    /// Keeps 16 events of each author under way until all are answered.
    private func run(_ events: [[Submission]], _ commits: GroupCommit) throws {
        let done = DispatchGroup()
        let failure = Mutex<SubmissionError?>(nil)
        let batches = batches
        @Sendable func submit(_ author: Int, _ index: Int) {
            commits.submit(events[author][index]) { result in
                batches.answer()
                if case .failure(let error) = result { failure.withLock { $0 = error } }
                let next = index + Self.inFlight
                if next < events[author].count { submit(author, next) } else { done.leave() }
            }
        }
        for author in events.indices {
            for index in 0..<min(Self.inFlight, events[author].count) {
                done.enter()
                submit(author, index)
            }
        }
        done.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// One event after another, each durable before the next.
    func alone(count: Int) throws -> Row {
        let writer = writer()
        let events = try Filling.sign(each: count, for: writer)[0]
        let commits = GroupCommit(writer)
        let done = DispatchSemaphore(value: 0)
        let failure = Mutex<SubmissionError?>(nil)
        let time = seconds {
            for event in events {
                commits.submit(event) { result in
                    if case .failure(let error) = result { failure.withLock { $0 = error } }
                    done.signal()
                }
                done.wait()
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        let committing = Raw.commit(
            events.map { Entry(recorded: SampleLedger.epoch, event: $0.event.bytes).encoded },
            batches: [Int](repeating: 1, count: count), to: folder + "/raw-alone").reduce(0, +)
        let checks = events.compactMap { Raw.Verification($0.event) }
        let verifying = seconds { precondition(checks.allSatisfy { $0.isValid() }, "all are good") }
        return Row(
            name: "append, one author at a time", value: time / Double(count) * 1e6, unit: "µs",
            baseline: (committing + verifying) / Double(count) * 1e6, target: .ratioAtMost(1.5))
    }
}
