internal import Bytes
internal import Events
internal import Ledger
internal import Merkle

/// The log as it is exported: up to its newest signed checkpoint, which has been verified.
package struct ExportedLog {
    /// The ledger's id, which is the founding event's.
    let ledger: Digest32
    /// Under which the log signs.
    let key: NoteVerifierKey
    /// The newest checkpoint.
    let head: VerifiedCheckpoint
    /// How many entries have been appended after it.
    let newer: UInt64

    /// The most entries that an export holds.
    package static let maximumEntries: UInt64 = 256_000_000

    var checkpoint: Checkpoint { head.checkpoint }
    var size: UInt64 { checkpoint.size }

    init(_ log: Log, _ view: borrowing LogView) throws(ExportError) {
        let signed = try logged { () throws(LedgerError) in try view.latestCheckpoint() }
        guard let signed, signed.checkpoint.size > 0 else {
            throw .noCheckpoint(entries: view.size)
        }
        let checkpoint = signed.checkpoint
        guard checkpoint.size <= Self.maximumEntries else {
            throw .tooLarge(
                what: "the number of entries", size: checkpoint.size,
                maximum: Self.maximumEntries)
        }
        if let fault = log.fault { throw .ledger(fault) }
        let founding = try Self.founding(view)
        guard case .founded(let founded) = founding.event.fact, founding.id == log.ledgerID else {
            throw .damaged("the founding event is not that of the ledger \(log.ledgerID.hex)")
        }
        ledger = founding.id
        newer = view.size - checkpoint.size
        do throws(MerkleError) {
            key = try NoteVerifierKey(
                logOf: founding.id, named: founded.name.text, publicKey: founded.logKey)
            head = try signed.verified(with: key)
        } catch {
            throw .damaged("the newest checkpoint is not signed by the log's key: \(error)")
        }
    }

    private static func founding(_ view: borrowing LogView) throws(ExportError) -> SignedEvent {
        do {
            let entry = try Entry(decoding: try view.entry(0))
            return try SignedEvent(decoding: entry.event, ledger: nil)
        } catch let error as LedgerError {
            throw .ledger(error)
        } catch {
            throw .damaged("the founding event can not be read: \(error)")
        }
    }

    /// Checks that an older checkpoint is of this log, signed by its key, and that the exported
    /// tree extends it.
    func checkAncestor(
        _ since: SignedCheckpoint, _ view: borrowing LogView
    ) throws(ExportError) -> SignedCheckpoint {
        let old = since.checkpoint
        guard old.origin.utf8.elementsEqual(checkpoint.origin.utf8) else {
            throw .notAnAncestor(
                "the older checkpoint is of the log \(old.origin), this is \(checkpoint.origin)")
        }
        let known: SignedCheckpoint
        do throws(MerkleError) {
            known = try since.verified(with: key).signed.keepingLines(of: [key])
        } catch {
            throw .notAnAncestor("the older checkpoint is not signed by this log: \(error)")
        }
        guard old.size <= size else {
            throw .notAnAncestor(
                "the older checkpoint has \(old.size) entries, the newest one here "
                    + "\(size): this copy of the ledger is behind it")
        }
        let root = try logged { () throws(LedgerError) in try view.root(at: old.size) }
        guard root == old.root else {
            throw .notAnAncestor(
                "the log's key signed another history: \(old) in the older checkpoint, root "
                    + "\(root) at that size in this ledger; keep both as evidence")
        }
        return known
    }
}
