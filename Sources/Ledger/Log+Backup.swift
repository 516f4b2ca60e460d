internal import Bytes
internal import Files
public import Merkle
internal import Storage

extension Log {
    /// Copies the log to a new folder while appends go on: a compact database and, beside it, the
    /// newest checkpoint that the copy is sure to cover and those of the files `beside` the
    /// database that are there.
    ///
    /// The copy appears under its name only when it is whole and durable. Throws
    /// ``LedgerError/exists(folder:)`` when the folder holds a log.
    public func backup(to folder: String, beside names: [String] = []) throws(LedgerError) {
        let head = try read { view throws(LedgerError) in try view.latestCheckpoint() }
        do throws(FileError) {
            try makeFolder(folder)
            guard !fileExists(Self.databasePath(folder)) else {
                throw .exists(path: Self.databasePath(folder))
            }
            if let head {
                let note = Array(head.note.encodedText.utf8)
                try replaceFile(Self.headPath(folder), with: note)
            }
            try Self.copyFiles(names, from: self.folder, to: folder)
        } catch { throw Self.error(error, of: folder) }
        do throws(StorageError) { try environment.copy(to: Self.databasePath(folder)) } catch {
            if case .file(let error) = error { throw Self.error(error, of: folder) }
            throw .storage(error)
        }
    }

    /// Copies a backup into a folder that holds no log, for ``open(_:_:)`` to judge.
    ///
    /// A head file that is there is kept unless the backup's is larger: a backup that is behind it
    /// then opens for reading only, until it is caught up
    /// (``appendMissing(from:upTo:logKey:record:)``). So are the files `beside` the database.
    public static func restore(
        from backup: String, to folder: String, beside names: [String] = []
    ) throws(LedgerError) {
        var isNew = false
        do throws(FileError) {
            isNew = try makeFolder(folder)
            try copyFile(databasePath(backup), to: databasePath(folder))
            try copyFiles(names, from: backup, to: folder)
        } catch {
            if isNew { try? removeFolder(folder) }
            throw Self.error(error, of: folder)
        }
        guard let head = try HeadFile(path: headPath(backup)).read() else { return }
        let headFile = HeadFile(path: headPath(folder))
        try headFile.locked { () throws(LedgerError) in try headFile.advance(to: head) }
    }

    /// Says of a file that is there that the folder holds a log.
    private static func error(_ error: FileError, of folder: String) -> LedgerError {
        if case .exists = error { .exists(folder: folder) } else { .storage(.file(error)) }
    }

    /// Copies files, those that are there, to where there are none.
    private static func copyFiles(
        _ names: [String], from source: String, to folder: String
    ) throws(FileError) {
        for name in names
        where fileExists("\(source)/\(name)") && !fileExists("\(folder)/\(name)") {
            try copyFile("\(source)/\(name)", to: "\(folder)/\(name)")
        }
    }

    /// Catches up with another copy: appends the entries that it has up to `newest`, its newest
    /// checkpoint, and up to the head that this log is behind, all in one transaction that is kept
    /// only if the tree then has the roots of both.
    ///
    /// The other copy's entries are proven by those roots, its indexes by nothing: so `record`
    /// decodes the entry at a position anew, and its bytes must be those of the other copy. The
    /// refused events that the other copy keeps as evidence are kept here too, and `newest` becomes
    /// the head unless a newer one is known. Afterwards the log has no fault and can be opened for
    /// writing.
    ///
    /// Throws the ``fault`` of a log that is not merely behind its head, and
    /// ``LedgerError/forkedFromHead(head:database:)`` when the copies part. Returns how many
    /// entries and refused events there are more than before.
    @discardableResult
    public func appendMissing<Failure: LedgerFailure>(
        from other: Log, upTo newest: VerifiedCheckpoint?, logKey: NoteVerifierKey,
        record: (UInt64, LogView) throws(Failure) -> LogRecord
    ) throws(Failure) -> (entries: UInt64, evidence: UInt64) {
        guard mode == .readOnly else { throw Failure(ledger: .readOnly(folder: folder)) }
        var heads = newest.map { [$0.checkpoint] } ?? []
        switch fault {
        case nil: break
        case .behindHead(let head, _): heads.append(head)
        case let fault?: throw Failure(ledger: fault)
        }
        let end = heads.map(\.size).max() ?? 0
        let added = try other.read { source throws(Failure) in
            try transact { batch throws(Failure) in
                let before = (entries: batch.size, evidence: try batch.keptEvidence(Failure.self))
                while batch.size < end {
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
                    for head in heads { try checkHead(head, batch.view) }
                    try source.forEachEvidence { _, bytes throws(LedgerError) in
                        try batch.putEvidence(copy(bytes))
                        return true
                    }
                } catch { throw Failure(ledger: error) }
                return (
                    entries: batch.size - before.entries,
                    evidence: try batch.keptEvidence(Failure.self) - before.evidence
                )
            }
        }
        do throws(LedgerError) {
            try headFile.locked { () throws(LedgerError) in
                // The head's cosignatures stand nowhere else, if the database was lost.
                for signed in [try headFile.read(), newest?.signed].compactMap(\.self) {
                    _ = try keep(signed, logKey: logKey)
                }
            }
        } catch { throw Failure(ledger: error) }
        setFault(nil)
        return added
    }
}

extension Batch {
    /// How many refused events are kept.
    fileprivate func keptEvidence<Failure: LedgerFailure>(
        _ type: Failure.Type
    ) throws(Failure) -> UInt64 {
        do throws(LedgerError) { return try view.lastEvidenceNumber().map { $0 + 1 } ?? 0 } catch {
            throw Failure(ledger: error)
        }
    }
}
