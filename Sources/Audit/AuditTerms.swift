public import Bytes
public import Events
public import Keys
public import Merkle
public import State

/// What an auditor knows and demands before he has read anything.
public struct AuditTerms {
    /// The id that the ledger must have, when the auditor knows it.
    public var ledgerID: Digest32?
    /// An older checkpoint that the auditor has kept: it must be of this log.
    public var since: SignedCheckpoint?
    /// What he kept of an earlier verification: this one starts there.
    public var kept: KeptResult?
    /// The key of the auditor whose `attested` event must vouch for ``kept``; nil when it is his
    /// own.
    public var attestedBy: KeyID?
    /// Whose cosignatures the newest checkpoint must have; nil when nobody's are demanded.
    public var policy: WitnessPolicy?
    /// How many seconds the newest statement of time may be old: the cosignatures that meet the
    /// policy, or without them the newest entry.
    public var maximumAgeSeconds: UInt64?
    /// The auditor's clock, in seconds since 1970.
    public var nowSeconds: UInt64 = 0
    /// Called now and then with how many entries of how many are replayed.
    public var progress: (UInt64, UInt64) -> Void = { _, _ in }
    /// Called after each entry that was admitted, with where its blobs are.
    public var observe: (SignedEvent, any EventSource) -> Void = { _, _ in }

    /// Called after the same entries with the position, the state after it, and what followed from
    /// it.
    public var follow:
        (UInt64, SignedEvent, LedgerState, LedgerState.Effects, any EventSource) -> Void = {
            _, _, _, _, _ in
        }

    /// Knows and demands nothing.
    public init() {}
}
