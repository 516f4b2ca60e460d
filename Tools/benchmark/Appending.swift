internal import Acting
internal import Dispatch
internal import Events
internal import Foundation
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

    /// Which of an author's events is sent next.
    private final class Next: Sendable {
        let index = Mutex(0)
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

    /// All members at once, with 16 events each under way; the raw loops run after each quarter, so
    /// that all see the same machine.
    func together(eventsEach: Int) throws -> Row {
        let writer = writer()
        let events = try Filling.sign(each: eventsEach, for: writer)
        let commits = GroupCommit(writer)
        let raw = RawLog(folder + "/raw-together")
        var (time, verifying, committing) = (Cost(), Cost(), Cost())
        var commitCount = 0
        for part in 0..<4 {
            let range = eventsEach * part / 4..<eventsEach * (part + 1) / 4
            let events = events.map { Array($0[range]) }
            let signed = events.flatMap { $0.map(\.event) }
            let checks = signed.compactMap { Raw.Verification($0) }
            verifying.add { _ = Raw.verify(checks) }
            _ = batches.take()
            try time.add { try run(events, commits) }
            let sizes = batches.take()
            commitCount += sizes.count
            let entries = signed.map(Self.entry)
            committing.add { _ = raw.commit(entries, batches: sizes) }
        }
        let count = Double(events.count * eventsEach)
        say(
            "\(commitCount) commits of \(Int(count) / commitCount) events; raw verification "
                + "\(Int(count / verifying.elapsed))/s, raw commits "
                + "\(Int(count / committing.elapsed))/s")
        let microseconds = [time, verifying, committing].map { cost in
            String(format: "%.1f", cost.processor / count * 1e6)
        }
        say(
            "processor time of an event, all cores: \(microseconds[0]) µs; raw verification "
                + "\(microseconds[1]) µs, raw commits \(microseconds[2]) µs")
        return Row(
            name: "append, \(events.count) authors x \(Self.inFlight)",
            value: count / time.elapsed, unit: "events/s",
            baseline: count / max(verifying.elapsed, committing.elapsed),
            target: .ratioAtLeast(0.85))
    }

    private static func entry(_ event: SignedEvent) -> [UInt8] {
        Entry(recorded: SampleLedger.epoch, event: event.bytes).encoded
    }

    /// Keeps 16 events of each author under way until all are answered.
    private func run(_ events: [[Submission]], _ commits: GroupCommit) throws {
        let done = DispatchGroup()
        let failure = Mutex<SubmissionError?>(nil)
        let batches = batches
        let next = events.map { _ in Next() }
        // Whoever sends takes the author's next event under a lock: the answer to the first may
        // come before the last of the sixteen is on its way.
        @Sendable func send(_ author: Int) {
            next[author].index.withLock { index in
                guard index < events[author].count else { return }
                let event = events[author][index]
                index += 1
                done.enter()
                commits.submit(event) { result in
                    batches.answer()
                    if case .failure(let error) = result { failure.withLock { $0 = $0 ?? error } }
                    send(author)
                    done.leave()
                }
            }
        }
        for author in events.indices {
            for _ in 0..<Self.inFlight { send(author) }
        }
        done.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// One event after another, each durable before the next, and after each the raw loops.
    func alone(count: Int) throws -> Row {
        let writer = writer()
        let events = try Filling.sign(each: count, for: writer)[0]
        let commits = GroupCommit(writer)
        let raw = RawLog(folder + "/raw-alone")
        var (time, baseline) = (0.0, 0.0)
        for event in events {
            time += try seconds { _ = try commits.append(event) }
            baseline += raw.commit([Self.entry(event.event)], batches: [1])
            guard let check = Raw.Verification(event.event) else { continue }
            baseline += seconds { precondition(check.isValid(), "the signature is good") }
        }
        return Row(
            name: "append, one author at a time", value: time / Double(count) * 1e6, unit: "µs",
            baseline: baseline / Double(count) * 1e6, target: .ratioAtMost(1.5))
    }
}
