internal import Bytes
internal import Export
internal import Merkle

/// What whoever checks a proof knows beforehand.
struct ProofTerms {
    /// The ledger's id.
    var ledger: Digest32?
    /// The key of the log's checkpoints.
    var logKey: NoteVerifierKey?
    /// Whose signatures are needed.
    var policy: WitnessPolicy?
    /// The entry that a proof is about, when it is at hand.
    var entry: [UInt8]?

    /// The ledger's id at the end of a log's origin; nil for logs that are no ledgers.
    static func ledger(in origin: String) -> Digest32? {
        let parts = origin.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let last = parts.last else { return nil }
        return Digest32(hex: String(last))
    }

    /// The ledger that the checkpoint must be of, from whatever is known.
    func trustedLedger(_ checkpoint: Checkpoint) -> Digest32? {
        if let ledger { return ledger }
        if let logKey { return Self.ledger(in: logKey.name) }
        let isListed = policy?.logs.contains {
            $0.key.name.utf8.elementsEqual(checkpoint.origin.utf8)
        }
        return isListed == true ? Self.ledger(in: checkpoint.origin) : nil
    }

    /// The log's key that is known, and from where; nil when nothing leads to one.
    func trustedKey(
        for checkpoint: SignedCheckpoint, _ founding: FoundingFacts?
    ) throws(MerkleError) -> (key: NoteVerifierKey, source: String)? {
        if let logKey { return (logKey, "the key given") }
        if let policy, !policy.logs.isEmpty {
            return (try policy.judge(checkpoint).logKey, "the policy's key")
        }
        return founding.map {
            ($0.logKey, "the key that the founding event names, whose id is the ledger's")
        }
    }
}
