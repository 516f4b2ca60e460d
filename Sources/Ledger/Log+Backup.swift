internal import Bytes
internal import Merkle
internal import Storage

extension Log {
    /// Copies the log to a new folder while appends go on: a compact database and, beside it, the
    /// newest checkpoint that the copy is sure to cover.
    ///
    /// The copy appears under its name only when it is whole and durable. Throws
    /// ``LedgerError/exists(folder:)`` when the folder holds a log.
    public func backup(to folder: String) throws(LedgerError) {
        let head = try read { view throws(LedgerError) in try view.latestCheckpoint() }
        do throws(StorageError) {
            try makeFolder(folder)
            guard !fileExists(Self.databasePath(folder)) else {
                throw .exists(path: Self.databasePath(folder))
            }
            if let head {
                let note = Array(head.note.encodedText.utf8)
                try replaceFile(Self.headPath(folder, nil), with: note)
            }
            try environment.copy(to: Self.databasePath(folder))
        } catch {
            if case .exists = error { throw .exists(folder: folder) }
            throw .storage(error)
        }
    }

    /// Copies a backup into a folder that holds no log, for ``open(_:_:headFile:)`` to judge.
    ///
    /// A head file that is there is kept unless the backup's is larger: a backup that is behind it
    /// then opens for reading only, until it is caught up (``appendMissing(from:record:)``).
    public static func restore(
        from backup: String, to folder: String, headFile: String? = nil
    ) throws(LedgerError) {
        do throws(StorageError) {
            try makeFolder(folder)
            try copyFile(databasePath(backup), to: databasePath(folder))
        } catch {
            if case .exists = error { throw .exists(folder: folder) }
            throw .storage(error)
        }
        guard let head = try HeadFile(path: headPath(backup, nil)).read() else { return }
        let headFile = HeadFile(path: headPath(folder, headFile))
        try headFile.locked { () throws(LedgerError) in try headFile.advance(to: head) }
    }

    /// Catches up a log that is behind its head with the entries of another copy, in one
    /// transaction that is kept only if the tree then has the head's root.
    ///
    /// The other copy's entries are proven by that root, its indexes by nothing: so `record`
    /// decodes the entry at a position anew, and its bytes must be those of the other copy. The
    /// refused events that the other copy keeps as evidence are kept here too.
    /// Afterwards the log has no fault and can be opened for writing. A log without a fault is left
    /// as it is.
    public func appendMissing<Failure: LedgerFailure>(
        from other: Log, record: (UInt64, LogView) throws(Failure) -> LogRecord
    ) throws(Failure) {
        guard mode == .readOnly else { throw Failure(ledger: .readOnly(folder: folder)) }
        guard let fault else { return }
        guard case .behindHead(let head, _) = fault else { throw Failure(ledger: fault) }
        try other.read { source throws(Failure) in
            try transact { batch throws(Failure) in
                while batch.size < head.size {
                    let position = batch.size
                    let record = try record(position, source)
                    do throws(LedgerError) {
                        let entry = copy(try source.entry(position))
                        guard entry == record.entry else {
                            throw .recordMismatch(position: position)
                        }
                        try batch.append(record)
                    } catch { throw Failure(ledger: error) }
                }
                do throws(LedgerError) {
                    try checkHead(head, batch.view)
                    try source.forEachEvidence { _, bytes throws(LedgerError) in
                        try batch.putEvidence(copy(bytes))
                        return true
                    }
                } catch { throw Failure(ledger: error) }
            }
        }
        setFault(nil)
    }
}
