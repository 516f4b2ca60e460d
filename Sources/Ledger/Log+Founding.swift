public import Bytes
internal import Files
internal import Storage

extension Log {
    /// Makes a log whose first entry is there from the first moment: it is made in a folder of its
    /// own within `folder` and moved into place when it is whole and durable. What a crash left of
    /// an earlier try is removed.
    ///
    /// `name` is as for ``create(_:ledgerID:name:)``, which makes a log without an entry. Throws
    /// ``LedgerError/exists(folder:)`` when there is a log already.
    public static func create(
        _ folder: String, ledgerID: Digest32, name: String, first record: LogRecord
    ) throws(LedgerError) {
        let draft = "\(folder)/founding.part"
        let head = HeadFile(path: headPath(folder))
        _ = try filed { () throws(FileError) in try makeFolder(folder) }
        guard !fileExists(databasePath(folder)), !fileExists(head.path) else {
            throw .exists(folder: folder)
        }
        // Two that found at the same time take turns, and the second finds a log.
        try head.locked { () throws(LedgerError) in
            try discard(draft)
            do throws(LedgerError) {
                try fill(draft, ledgerID: ledgerID, name: name, with: record)
                try publish(draft, as: folder)
            } catch {
                try? discard(draft)
                throw error
            }
            // The log is in place; an empty folder beside it does no harm.
            try? discard(draft)
        }
    }

    private static func fill(
        _ draft: String, ledgerID: Digest32, name: String, with record: LogRecord
    ) throws(LedgerError) {
        let log = try create(draft, ledgerID: ledgerID, name: name)
        try log.append { batch throws(LedgerError) in _ = try batch.append(record) }
    }

    private static func publish(_ draft: String, as folder: String) throws(LedgerError) {
        do throws(FileError) {
            try moveFile(databasePath(draft), to: databasePath(folder))
        } catch {
            if case .exists = error { throw .exists(folder: folder) }
            throw .storage(.file(error))
        }
    }

    private static func discard(_ draft: String) throws(LedgerError) {
        try filed { () throws(FileError) in
            try removeFile(databasePath(draft))
            try removeFile(databasePath(draft) + "-lock")
            try removeFolder(draft)
        }
    }
}
