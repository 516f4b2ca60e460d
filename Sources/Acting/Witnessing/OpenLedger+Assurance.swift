internal import Audit
internal import Events
internal import Ledger
public import Merkle
public import Reading
internal import State

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
