public import Bytes
public import Events
internal import Ledger
public import Secrets
public import State

/// What became of an event that came by file.
public struct Submitted: Sendable {
    /// Its place in the log, and whether it had it before.
    public let receipt: Receipt
    /// What was submitted.
    public let event: SignedEvent
    /// Who signed it.
    public let author: MemberName?
    /// The request that it has initiated.
    public let request: OpenRequest?
}

extension OpenLedger {
    /// Appends an event that came by file.
    public func submit(_ file: EventFile) throws -> Submitted {
        guard file.ledger == log.ledgerID else {
            throw ActingError.history(
                .anotherLedger(what: "the event is for", found: file.ledger, expected: log.ledgerID)
            )
        }
        let event = file.submission.event
        let receipt = try append(file.submission).get()
        let state = try writer.state()
        return Submitted(
            receipt: receipt, event: event, author: state.authors[event.author]?.member,
            request: state.requests[event.id])
    }
}

extension EventFile {
    /// Takes the event that a key has signed and not seen recorded, to be written once more; nil
    /// when nothing is pending. The key then remembers that it may have left.
    ///
    /// - Parameter ledger: needed when events for several are pending.
    /// - Throws: ``AuthorFault/pendingForSeveral(_:)``.
    public init?(
        pendingOf file: KeyFile, in keystore: Keystore, for ledger: Digest32? = nil
    ) throws {
        var memory = try keystore.memory(of: file)
        let pending = memory.ledgersWithHeldEvents
        guard ledger != nil || pending.count < 2 else {
            throw ActingError.author(.pendingForSeveral(pending))
        }
        guard let ledger = ledger ?? pending.first, let held = memory.heldEvent(for: ledger) else {
            return nil
        }
        try memory.noteLeaving(for: ledger)
        self.init(
            ledger: ledger,
            Submission(try SignedEvent(decoding: held.event, ledger: ledger), blobs: held.blobs))
    }
}
