public import Acting
internal import Events
internal import Ledger
internal import State
public import StateTestSupport

extension MemoryLedger {
    /// Founds a ledger in a new folder as users do, has the real writer record every entry at its
    /// own time, and leaves the clock at this ledger's.
    ///
    /// The ledger stays open, since a process opens a database once; the operator vouches for the
    /// clock, as campaigns jump.
    public func write(to path: String, _ time: TestClock) throws -> OpenLedger {
        var open: OpenLedger?
        for (position, entry) in entries.enumerated() {
            time.set(entry.recorded)
            let event = try SignedEvent(
                decoding: entry.event, ledger: position == 0 ? nil : state.ledger)
            let fact = event.event.fact
            let submission = Submission(
                event,
                blobs: (fact.evidence + fact.attachments).compactMap { blobs[$0.digest] })
            if let open {
                _ = try open.append(submission).get()
            } else {
                try OpenLedger.found(submission, in: path, clock: time.clock)
                open = try OpenLedger(
                    path, .readWrite, isClockConfirmed: true, clock: time.clock)
            }
        }
        guard let open else { preconditionFailure("a ledger has a founding event") }
        time.set(clock)
        return open
    }
}
