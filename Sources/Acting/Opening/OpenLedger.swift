internal import Audit
public import Bytes
internal import Events
public import Ledger
public import Merkle
public import Reading
public import State

/// A ledger where it lives: its log, the state at its head, and the writer that appends to it.
public final class OpenLedger: Sendable {
    /// The entries, their tree and their indexes.
    public let log: Log
    /// What appends to the log, with the state at its head.
    public let writer: LedgerWriter
    /// What tells the time here.
    public let clock: WallClock

    /// Opens the ledger in `folder`.
    ///
    /// - Parameters:
    ///   - isClockConfirmed: whether the operator vouches for a clock that has jumped.
    ///   - clock: milliseconds since 1970.
    public init(
        _ folder: String, _ mode: Log.Mode, isClockConfirmed: Bool = false,
        clock: @escaping WallClock = machineClock
    ) throws {
        self.clock = clock
        log = try Log.open(folder, mode)
        writer = LedgerWriter(log, isClockConfirmed: isClockConfirmed, clock: clock)
    }

    /// Founds a ledger in an empty folder with a signed founding event.
    public static func found(
        _ submission: Submission, in folder: String, clock: WallClock = machineClock
    ) throws {
        guard case .founded(let founded) = submission.event.event.fact else {
            preconditionFailure("a ledger begins with a `founded` event")
        }
        // Judged before the folder is made, so that a refusal leaves nothing behind.
        let recorded = clock()
        _ = try LedgerState(founding: submission.event, recorded: recorded)
        if let fault = LedgerWriter.faultyName(of: submission) { throw fault }
        try Log.create(
            folder, ledgerID: submission.event.id, name: founded.name.text,
            first: LedgerWriter.record(submission, recorded: recorded, number: nil))
    }

    /// The state at the head, with what has expired by now ended.
    public func state() throws -> LedgerState {
        var state = try writer.state()
        state.advance(to: clock())
        return state
    }

    /// The state after the first `size` entries, from the nearest snapshot before.
    public func state(at size: UInt64) throws -> LedgerState {
        try log.read { (view) throws(SubmissionError) in
            guard size >= 1, size <= view.size else {
                throw .noSize(size, size: view.size)
            }
            var state = try StateReader.newest(view, atMost: size)
            try StateReader.follow(&state, view, to: size)
            return state
        }
    }

    /// The event at `position` and when it was recorded.
    public func entry(_ position: UInt64) throws -> RecordedEvent {
        try log.read { (view) throws(SubmissionError) in
            guard position < view.size else {
                throw .noPosition(position, size: view.size)
            }
            return try StateReader.recorded(position, log.ledgerID, view)
        }
    }

    /// The entries at `positions`, in order.
    public func entries(_ positions: Range<UInt64>) throws -> [RecordedEvent] {
        try log.read { (view) throws(SubmissionError) in
            var events: [RecordedEvent] = []
            for position in positions.clamped(to: 0..<view.size) {
                events.append(try StateReader.recorded(position, log.ledgerID, view))
            }
            return events
        }
    }

    /// The entries about a request, its initiation first.
    public func entries(ofRequest id: Digest32) throws -> [RecordedEvent] {
        try log.read { (view) throws(SubmissionError) in
            let positions: [UInt64]
            do throws(LedgerError) { positions = try view.positions(ofRequest: id) } catch {
                throw .ledger(error)
            }
            var events: [RecordedEvent] = []
            for position in positions {
                events.append(try StateReader.recorded(position, log.ledgerID, view))
            }
            return events
        }
    }

    /// The id of the request with a running number.
    public func request(number: UInt64) throws -> Digest32 {
        let (id, last) = try log.read { (view) throws(LedgerError) in
            (try view.request(number: number), try view.lastNumber())
        }
        guard let id else {
            throw ActingError.missing(.request(number, last: last))
        }
        return id
    }

    /// How an ended request ended, as the projection has it.
    public func outcome(number: UInt64) throws -> RequestOutcome? {
        try log.read { (view) throws(SubmissionError) -> RequestOutcome? in
            do {
                guard let row = try view.outcome(number: number) else { return nil }
                return try RequestOutcome(decoding: row)
            } catch { throw .damaged("the outcome of request \(number) can not be read: \(error)") }
        }
    }

    /// The newest signed checkpoint; nil when none was signed yet.
    public func checkpoint() throws -> SignedCheckpoint? {
        try log.read { (view) throws(LedgerError) in try view.latestCheckpoint() }
    }

    /// How many entries the log has.
    public func size() throws -> UInt64 {
        try log.read { (view) throws(LedgerError) in view.size }
    }
}

extension OpenLedger {
    /// Copies the ledger with its `tlog-policy` to a new folder while others append; see
    /// `Log.backup(to:beside:)`.
    public func backup(to folder: String) throws {
        try log.backup(to: folder, beside: [PolicyFile.name])
    }

    /// Puts a backup into a folder that holds no ledger; see `Log.restore(from:to:beside:)`.
    public static func restore(from backup: String, to folder: String) throws {
        try Log.restore(from: backup, to: folder, beside: [PolicyFile.name])
    }

    /// Appends what another copy has and this one lacks: the entries up to the copy's newest signed
    /// checkpoint and up to the head that this ledger is behind, each decoded anew and proven by
    /// those roots; and the refused events that the copy keeps as evidence.
    ///
    /// Returns how many there were of both. Throws when the copy is of another ledger or another
    /// history; then nothing is kept.
    @discardableResult
    public func appendMissing(
        from other: OpenLedger
    ) throws -> (entries: UInt64, evidence: UInt64) {
        guard other.log.ledgerID == log.ledgerID else {
            throw ActingError.history(
                .anotherLedger(
                    what: "\(other.log.folder) is a copy of", found: other.log.ledgerID,
                    expected: log.ledgerID))
        }
        var state = try writer.state()
        let logKey = try state.logKey
        return try log.appendMissing(
            from: other.log, upTo: try other.checkpoint()?.verified(with: logKey), logKey: logKey
        ) { (position, view) throws(SubmissionError) in
            // Others may have appended since; that these are the same entries the roots show.
            try StateReader.follow(&state, view, to: position)
            let next = try StateReader.recorded(position, log.ledgerID, view)
            let event = next.event
            let number = state.nextNumber
            let effects = try StateReader.step(&state, event, next.recorded, view)
            var blobs: [LogRecord.Blob] = []
            for digest in Set(event.event.fact.blobDigests) {
                do throws(LedgerError) {
                    guard let blob = try view.blob(digest) else { continue }
                    let bytes = [UInt8](capacity: blob.count) { $0.append(blob) }
                    blobs.append(LogRecord.Blob(digest: digest, bytes: bytes))
                } catch { throw .ledger(error) }
            }
            return LogRecord(
                event, entry: next.entry, number: number, blobs: blobs,
                outcomes: effects.outcomes)
        }
    }
}
