public import Bytes
internal import Events
public import Export
internal import Ledger
public import Merkle
internal import State

/// Makes proofs from a ledger.
public struct Prover {
    /// The ledger.
    public let ledger: any LedgerHistory
    /// The key that signs its checkpoints.
    public let logKey: NoteVerifierKey
    private let founding: [UInt8]
    private let policy: WitnessPolicy?

    /// Reads what every proof of a ledger needs.
    public init(_ ledger: any LedgerHistory) throws {
        self.ledger = ledger
        let first = try ledger.entry(0)
        founding = first.entry
        logKey = try FoundingFacts(entry: first.entry, ledger: ledger.log.ledgerID).logKey
        policy = try PolicyFile(ledger: ledger.log.folder).read()
    }

    /// The position of the event with this id.
    public func position(of id: Digest32) throws -> UInt64 {
        let position = try ledger.log.read { (view) throws(LedgerError) in
            try view.position(ofEvent: id)
        }
        guard let position else { throw ReadingError.noEvent(id) }
        return position
    }

    /// Proves that the entry at `position` is in the newest checkpoint that the policy accepts, or
    /// in the newest of all.
    public func proof(of position: UInt64) throws -> EntryProof {
        let entry = try ledger.entry(position).entry
        let (checkpoint, hashes) = try ledger.log.read { (view) throws(LedgerError) in
            var newest = try view.newestCheckpoint(covering: position + 1, where: isWitnessed)
            if newest == nil { newest = try view.latestCheckpoint() }
            guard let newest, newest.checkpoint.size > position else {
                return (SignedCheckpoint?.none, [Digest32]())
            }
            return (
                newest, try view.inclusionProof(position, size: newest.checkpoint.size)
            )
        }
        guard let checkpoint else {
            throw ReadingError.notCheckpointed(position)
        }
        return try EntryProof(
            index: position, hashes: hashes, checkpoint: checkpoint, entry: entry,
            founding: founding)
    }

    private func isWitnessed(_ checkpoint: SignedCheckpoint) -> Bool {
        (try? policy?.judge(checkpoint, logKey: logKey))?.isSatisfied == true
    }

    /// The signed checkpoint of a size.
    public func checkpoint(ofSize size: UInt64) throws -> SignedCheckpoint {
        let (found, below, above) = try ledger.log.read { (view) throws(LedgerError) in
            var below: UInt64?
            var above: UInt64?
            try view.forEachCheckpoint { (other) throws(LedgerError) in
                if other.checkpoint.size < size { below = other.checkpoint.size }
                if other.checkpoint.size > size { above = other.checkpoint.size }
                return above == nil
            }
            return (try view.checkpoint(size: size), below, above)
        }
        guard let found else {
            throw ReadingError.noCheckpoint(size, near: [below, above].compactMap(\.self))
        }
        return found
    }

    /// Proves that one checkpoint extends the other, both of which must be of this very log.
    public func consistency(
        from old: SignedCheckpoint, to new: SignedCheckpoint
    ) throws -> ConsistencyProof {
        for checkpoint in [old, new] { try requireOurs(checkpoint) }
        let (from, to) = (old.checkpoint.size, new.checkpoint.size)
        guard from <= to else {
            throw ReadingError.checkpointOrder(older: from, newer: to)
        }
        let hashes = try ledger.log.read { (view) throws(LedgerError) in
            try view.consistencyProof(from: from, to: to)
        }
        let proof = try ConsistencyProof(hashes: hashes, older: old, newer: new)
        try proof.verify(with: logKey)
        return proof
    }

    private func requireOurs(_ signed: SignedCheckpoint) throws {
        let checkpoint = try signed.verified(with: logKey).checkpoint
        let root = try ledger.log.read { (view) throws(LedgerError) -> Digest32? in
            checkpoint.size <= view.size ? try view.root(at: checkpoint.size) : nil
        }
        guard let root else {
            throw ReadingError.checkpointAhead(checkpoint.size, size: try ledger.size())
        }
        guard root == checkpoint.root else {
            throw ReadingError.checkpointContradicts(checkpoint.size)
        }
    }
}
