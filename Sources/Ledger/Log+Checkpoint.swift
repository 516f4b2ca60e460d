internal import Bytes
public import Merkle

extension Log {
    /// Signs the newest state and makes the checkpoint the head: stored, then written to the head
    /// file.
    ///
    /// Of several processes on one folder one signs at a time. The folder never gets two roots
    /// signed for one size: before signing, the tree must reach the head file's checkpoint and the
    /// newest stored one, and agree with them. An older copy of the whole folder knows neither:
    /// that the same holds there needs a memory outside of it, which is given as `known`, the
    /// newest checkpoint that the signer has signed, and `remember`, which keeps the next one
    /// durably before it is signed.
    ///
    /// Throws ``LedgerError/outOfRange(position:size:)`` for an empty log,
    /// ``LedgerError/behindHead(head:database:)`` or
    /// ``LedgerError/forkedFromHead(head:database:)`` for a tree that lacks a known head, and what
    /// `remember` throws; then nothing was signed.
    public func signCheckpoint<Failure: LedgerFailure>(
        with signer: CheckpointSigner, after known: Checkpoint?,
        remember: (Checkpoint) throws(Failure) -> Void
    ) throws(Failure) -> VerifiedCheckpoint {
        if let writeRefusal { throw Failure(ledger: writeRefusal) }
        return try headFile.locked { () throws(Failure) in
            let checkpoint: Checkpoint
            do throws(LedgerError) { checkpoint = try newestCheckpoint(after: known) } catch {
                throw Failure(ledger: error)
            }
            try remember(checkpoint)
            do throws(LedgerError) {
                let verified: VerifiedCheckpoint
                do throws(MerkleError) { verified = try signer.sign(checkpoint) } catch {
                    throw .merkle(error)
                }
                return try keep(verified.signed, logKey: signer.key)
            } catch { throw Failure(ledger: error) }
        }
    }

    /// Signs the newest state with a signer that has no memory outside of the folder.
    public func signCheckpoint(
        with signer: CheckpointSigner
    ) throws(LedgerError) -> VerifiedCheckpoint {
        try signCheckpoint(with: signer, after: nil) { _ throws(LedgerError) in }
    }

    /// Keeps a checkpoint with the signatures of witnesses: the lines of `logKey` and `cosigners`
    /// that verify, joined with those stored for the same head; all other lines are dropped.
    ///
    /// Throws unless `logKey` signed it and the tree has its root at its size.
    @discardableResult
    public func record(
        _ received: SignedCheckpoint, logKey: NoteVerifierKey, cosigners: [NoteVerifierKey]
    ) throws(LedgerError) -> VerifiedCheckpoint {
        if let writeRefusal { throw writeRefusal }
        let known: SignedCheckpoint
        do throws(MerkleError) {
            known = try received.verified(with: logKey).signed.keepingLines(
                of: [logKey] + cosigners)
        } catch { throw .merkle(error) }
        return try headFile.locked { () throws(LedgerError) in try keep(known, logKey: logKey) }
    }

    /// The newest state's checkpoint, to be signed: it must extend the head file's, the newest
    /// stored one and the one that is `known` otherwise.
    private func newestCheckpoint(after known: Checkpoint?) throws(LedgerError) -> Checkpoint {
        let head = try headFile.read()
        return try read { view throws(LedgerError) in
            guard view.size > 0 else { throw .outOfRange(position: 0, size: 0) }
            let stored = try view.latestCheckpoint()
            for head in [head?.checkpoint, stored?.checkpoint, known] {
                if let head { try checkHead(head, view) }
            }
            return try checkpoint(view, size: view.size)
        }
    }

    /// Stores a checkpoint, then advances the head file, whose lock is held.
    func keep(
        _ signed: SignedCheckpoint, logKey: NoteVerifierKey
    ) throws(LedgerError) -> VerifiedCheckpoint {
        let merged = try transact { batch throws(LedgerError) in
            try checkHead(signed.checkpoint, batch.view)
            var merged = signed
            if let stored = try batch.view.checkpoint(size: signed.checkpoint.size) {
                try checkHead(stored.checkpoint, batch.view)
                merged = stored
                do throws(MerkleError) {
                    for line in signed.note.signatures { merged = try merged.adding(line) }
                } catch { throw .merkle(error) }
                if merged == stored { return stored }
            }
            try batch.putCheckpoint(merged)
            return merged
        }
        try headFile.advance(to: merged)
        do { return try merged.verified(with: logKey) } catch { throw .merkle(error) }
    }
}
