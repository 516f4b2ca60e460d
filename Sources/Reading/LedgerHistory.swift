public import Bytes
public import Events
public import Ledger
public import State

/// A ledger as it is read: its entries, and the state after any of them.
///
/// Whoever opens a ledger provides one; what is read of it needs no key and no way to append.
public protocol LedgerHistory: Sendable {
    /// The entries, their tree and their indexes.
    var log: Log { get }

    /// The time of the machine that reads, in milliseconds since 1970.
    func now() -> UInt64
    /// How many entries there are.
    func size() throws -> UInt64
    /// The state at the head, with what has expired by ``now()`` ended.
    func state() throws -> LedgerState
    /// The state after the first `size` entries, from 1.
    func state(at size: UInt64) throws -> LedgerState
    /// The state after the last entry recorded at or before `time`, with what had expired by then
    /// ended; nil before the founding.
    func state(asOf time: UInt64) throws -> LedgerState?
    /// When the entry at `position` was recorded, in milliseconds since 1970.
    func recordedTime(_ position: UInt64) throws -> UInt64
    /// The event at `position`.
    func entry(_ position: UInt64) throws -> RecordedEvent
    /// The events at `positions`, in order.
    func entries(_ positions: Range<UInt64>) throws -> [RecordedEvent]
    /// The events about a request, its initiation first.
    func entries(ofRequest id: Digest32) throws -> [RecordedEvent]
    /// The id of the request with a running number; throws when there is none.
    func request(number: UInt64) throws -> Digest32
    /// How an ended request ended; nil while it is alive.
    func outcome(number: UInt64) throws -> RequestOutcome?
    /// The documents that these events attach.
    func documents(among events: [RecordedEvent]) throws -> [AttachedDocument]
    /// The bytes behind a commitment, checked against it; nil when they are not here.
    func opened(_ digest: Digest32) throws -> SaltedValue?
    /// How far the entries are secured now.
    func assurance() throws -> Assurance
}
