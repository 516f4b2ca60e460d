import Acting
import Events
import Ledger
import Reading
import Report
import State
import StateTestSupport
import Synchronization
import TestSupport

/// A ledger in a real folder with the entries of one in memory, to be read.
final class ReadFolder {
    let ledger: OpenLedger
    private let folder: TemporaryFolder

    init(_ memory: MemoryLedger) throws {
        folder = try TemporaryFolder()
        let time = FixedClock(memory.entries[0].recorded)
        let path = folder.file("ledger")
        var open: OpenLedger?
        for (position, entry) in memory.entries.enumerated() {
            time.set(entry.recorded)
            let event = try SignedEvent(
                decoding: entry.event, ledger: position == 0 ? nil : memory.state.ledger)
            let fact = event.event.fact
            let blobs = (fact.evidence + fact.attachments).compactMap { memory.blobs[$0.digest] }
            let submission = Submission(event, blobs: blobs)
            if let open {
                _ = try open.append(submission).get()
            } else {
                try OpenLedger.found(submission, in: path, clock: time.clock)
                open = try OpenLedger(
                    path, .readWrite, isClockConfirmed: true, clock: time.clock)
            }
        }
        guard let open else { preconditionFailure("a ledger has a founding event") }
        ledger = open
        time.set(memory.clock)
    }

    func reading(at moment: String? = nil) throws -> LedgerReading {
        try LedgerReading(ledger, at: try moment.map { try Moment(parsing: $0) })
    }
}

/// A clock that stands until it is set.
final class FixedClock: Sendable {
    private let time: Mutex<UInt64>

    init(_ time: UInt64) { self.time = Mutex(time) }

    var clock: WallClock { { self.time.withLock { $0 } } }

    func set(_ time: UInt64) { self.time.withLock { $0 = time } }
}
