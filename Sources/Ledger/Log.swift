public import Bytes
public import Merkle
internal import Storage
internal import Synchronization

/// An append-only log of opaque entries under a Merkle tree, in a folder of its own.
///
/// `ledger.mdb` holds the entries, the tree and the indexes; `head` the newest signed checkpoint,
/// which may be kept elsewhere, apart from the database. Any number of threads and processes may
/// read and append: appends take turns, readers never wait.
public final class Log: Sendable {
    /// What the log is opened for.
    public enum Mode: Sendable {
        /// Reading and appending; refused while there is a ``Log/fault``.
        case readWrite
        /// Reading beside others who append; a log behind its head can be caught up
        /// (``Log/appendMissing(from:upTo:logKey:record:)``).
        case readOnly
        /// Reading what nobody changes meanwhile: no byte and no modification time of it changes,
        /// and read-only media work.
        case audit
    }

    /// The folder.
    public let folder: String
    /// The founding event's id.
    public let ledgerID: Digest32
    /// The ledger's name.
    public let name: String
    /// What it was opened for.
    public let mode: Mode
    let environment: Environment
    let tables: LogTables
    let headFile: HeadFile
    private let currentFault: Mutex<LedgerError?>
    private let spareEdge = Mutex<TreeEdge?>(nil)

    init(
        folder: String, ledgerID: Digest32, name: String, mode: Mode, environment: Environment,
        headFile: HeadFile
    ) {
        self.folder = folder
        self.ledgerID = ledgerID
        self.name = name
        self.mode = mode
        self.environment = environment
        self.headFile = headFile
        tables = LogTables(environment)
        currentFault = Mutex(nil)
    }

    /// The log's identity in checkpoints, `<name>/<ledger id in hexadecimal>`.
    public var origin: String { NoteVerifierKey.logOrigin(of: ledgerID, named: name) }

    /// Why the log may not be appended to or signed: it is behind a known head, contradicts one, or
    /// is damaged. Nil when all was in order at opening.
    public var fault: LedgerError? { currentFault.withLock { $0 } }

    /// The checkpoint in the head file; nil when there is no such file. Its signature is not
    /// verified.
    public func head() throws(LedgerError) -> SignedCheckpoint? { try headFile.read() }

    func setFault(_ fault: LedgerError?) { currentFault.withLock { $0 = fault } }

    /// Lends the newest state for as long as `body` runs; any number of threads may do so at once.
    public func read<Result, Failure: LedgerFailure>(
        _ body: (LogView) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try environment.read { view throws(Failure) in
            try body(try logView(view, Failure.self))
        }
    }

    /// Appends what `body` puts into the batch in one transaction: durable when this returns,
    /// without a trace when it throws.
    ///
    /// Waits for other writers; a second append from within the body is a programmer's error.
    /// Throws ``LedgerError/readOnly(folder:)`` or the ``fault`` unless the log is open for
    /// writing.
    public func append<Result, Failure: LedgerFailure>(
        _ body: (inout Batch) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        if let refusal = writeRefusal { throw Failure(ledger: refusal) }
        return try transact(body)
    }

    /// Appends without asking whether the log is open for it.
    func transact<Result, Failure: LedgerFailure>(
        _ body: (inout Batch) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var grown: TreeEdge?
        let result = try environment.write { transaction throws(Failure) in
            let edge = try currentEdge(transaction.view, Failure.self)
            var batch = Batch(&transaction, tables, edge)
            let result = try body(&batch)
            do throws(LedgerError) { try batch.finish() } catch { throw Failure(ledger: error) }
            grown = batch.edge
            return result
        }
        spareEdge.withLock { $0 = grown }
        return result
    }

    /// Why this log is not written; nil when it may be.
    var writeRefusal: LedgerError? {
        guard mode == .readWrite else { return .readOnly(folder: folder) }
        return fault
    }

    /// The edge that the last batch left behind, unless another process has appended since.
    private func currentEdge<Failure: LedgerFailure>(
        _ view: TransactionView, _ type: Failure.Type
    ) throws(Failure) -> TreeEdge {
        let log = try logView(view, Failure.self)
        let spare = spareEdge.withLock { spare in
            defer { spare = nil }
            return spare
        }
        // Entries are never removed, so a tree of the same size is the same tree.
        if let spare, spare.size == log.size { return spare }
        do { return try log.storedEdge() } catch { throw Failure(ledger: error) }
    }
}

extension Log {
    @_lifetime(copy view)
    fileprivate func logView<Failure: LedgerFailure>(
        _ view: TransactionView, _ type: Failure.Type
    ) throws(Failure) -> LogView {
        do { return try LogView(view, tables) } catch { throw Failure(ledger: error) }
    }
}
