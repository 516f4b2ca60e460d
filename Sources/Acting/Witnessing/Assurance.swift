internal import Audit
internal import Events
internal import Ledger
public import Merkle
internal import State

/// How far a ledger's entries are secured: appended, checkpointed, witnessed.
public struct Assurance: Sendable, Hashable {
    /// How many entries are durable.
    public let appended: UInt64
    /// How many of them a signed checkpoint covers.
    public let checkpointed: UInt64
    /// How many of them a checkpoint covers that enough witnesses have cosigned; nil when the
    /// ledger names no witnesses.
    public let witnessed: UInt64?
    /// How many witnesses it takes; 0 when the ledger names none.
    public let needed: Int
    /// How many witnesses the policy names.
    public let of: Int

    /// What can be said of the entry at `position`: the strongest of the three words.
    public func word(at position: UInt64) -> String {
        if let witnessed, position < witnessed { return "witnessed" }
        return position < checkpointed ? "checkpointed" : "appended"
    }

    /// What is known of the first `size` entries.
    public func limited(to size: UInt64) -> Assurance {
        Assurance(
            appended: min(appended, size), checkpointed: min(checkpointed, size),
            witnessed: witnessed.map { min($0, size) }, needed: needed, of: of)
    }

    /// The three figures in words.
    public var text: String {
        "\(appended) appended, \(checkpointed) checkpointed"
            + (witnessed.map { ", \($0) witnessed (by \(needed) of \(of))" } ?? "")
    }
}

extension OpenLedger {
    /// Which witnesses the ledger names; nil when it has no `tlog-policy`.
    public func witnessPolicy() throws -> WitnessPolicy? {
        try PolicyFile(ledger: log.folder).read()
    }

    /// How far the entries are secured now.
    public func assurance() throws -> Assurance {
        let policy = try witnessPolicy()
        let key = try state().logKey
        let wanted = policy?.quorumCounts ?? (needed: 0, of: 0)
        func isWitnessed(_ checkpoint: SignedCheckpoint) -> Bool {
            // Most have too few lines to be looked at.
            checkpoint.note.signatures.count > wanted.needed
                && (try? policy?.judge(checkpoint, logKey: key))?.isSatisfied == true
        }
        return try log.read { (view) throws(LedgerError) in
            let witnessed =
                wanted.needed > 0 ? try view.newestCheckpoint(where: isWitnessed) : nil
            return Assurance(
                appended: view.size,
                checkpointed: try view.latestCheckpoint()?.checkpoint.size ?? 0,
                witnessed: wanted.needed > 0 ? witnessed?.checkpoint.size ?? 0 : nil,
                needed: wanted.needed, of: wanted.of)
        }
    }
}
