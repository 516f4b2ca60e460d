public import Bytes
internal import Files
internal import Merkle
internal import Storage

extension Log {
    private static let file = "ledger.mdb"

    static func databasePath(_ folder: String) -> String { "\(folder)/\(file)" }
    static func headPath(_ folder: String) -> String { "\(folder)/head" }

    /// Makes a new log in `folder`, which is made when missing, and opens it for writing.
    ///
    /// `name` has 1 to 128 bytes without white space, control characters or a plus. Throws
    /// ``LedgerError/exists(folder:)`` when there is a log already.
    public static func create(
        _ folder: String, ledgerID: Digest32, name: String
    ) throws(LedgerError) -> Log {
        guard name.utf8.count <= 128, isKeyName(name) else { throw .name(name) }
        let headFile = HeadFile(path: headPath(folder))
        _ = try filed { () throws(FileError) in try makeFolder(folder) }
        guard !fileExists(databasePath(folder)), !fileExists(headFile.path) else {
            throw .exists(folder: folder)
        }
        let environment = try stored { () throws(StorageError) in
            try Environment(path: databasePath(folder), mode: .create, tables: LogTables.names)
        }
        let meta = LogTables(environment).meta
        var format: [UInt8] = []
        format.appendBigEndian(LogTables.format)
        try stored { () throws(StorageError) in
            try environment.write { transaction throws(StorageError) in
                try transaction.put(meta, MetaKey.format, format)
                try transaction.put(meta, MetaKey.ledger, ledgerID.array)
                try transaction.put(meta, MetaKey.name, Array(name.utf8))
            }
        }
        return Log(
            folder: folder, ledgerID: ledgerID, name: name, mode: .readWrite,
            environment: environment, headFile: headFile)
    }

    /// Opens the log in `folder`.
    ///
    /// First the head file is read, then the database; the database's tree must reach the head and
    /// have its root there, its own newest checkpoint must fit, and the entries after the last
    /// snapshot must hash to the tree. What does not hold is thrown when opening for writing, and
    /// is the ``fault`` of a log opened otherwise. Cost: O(log size) and one hash for each such
    /// entry.
    public static func open(_ folder: String, _ mode: Mode) throws(LedgerError) -> Log {
        let headFile = HeadFile(path: headPath(folder))
        var head: SignedCheckpoint?
        var headFault: LedgerError?
        do throws(LedgerError) { head = try headFile.read() } catch {
            // An auditor goes on: what is wrong with the head is what he came to find.
            guard mode == .audit else { throw error }
            headFault = error
        }
        let environment = try openedEnvironment(folder, mode)
        let tables = LogTables(environment)
        let identity = try environment.read { view throws(LedgerError) in
            try storedIdentity(view, tables.meta, folder)
        }
        let log = Log(
            folder: folder, ledgerID: identity.ledgerID, name: identity.name, mode: mode,
            environment: environment, headFile: headFile)
        if let known = head, !known.checkpoint.origin.utf8.elementsEqual(log.origin.utf8) {
            let error = LedgerError.foreignOrigin(
                expected: log.origin, found: known.checkpoint.origin)
            guard mode == .audit else { throw error }
            headFault = error
            head = nil
        }
        if let headFault { log.setFault(headFault) }
        do throws(LedgerError) {
            try log.read { view throws(LedgerError) in
                if let head { try log.checkHead(head.checkpoint, view) }
                if let latest = try view.latestCheckpoint()?.checkpoint {
                    try log.checkHead(latest, view)
                }
                try view.checkTail()
            }
        } catch {
            guard mode != .readWrite else { throw error }
            log.setFault(headFault ?? error)
        }
        return log
    }

    /// Checks that the tree reaches a head that was signed, and has its root there.
    func checkHead(_ head: Checkpoint, _ view: LogView) throws(LedgerError) {
        guard head.size <= view.size else {
            throw .behindHead(head: head, database: try checkpoint(view, size: view.size))
        }
        let database = try checkpoint(view, size: head.size)
        guard database.root == head.root else {
            throw .forkedFromHead(head: head, database: database)
        }
    }

    /// The unsigned checkpoint of the first `size` entries.
    func checkpoint(_ view: LogView, size: UInt64) throws(LedgerError) -> Checkpoint {
        let root = try view.root(at: size)
        do { return try Checkpoint(origin: origin, size: size, root: root) } catch {
            throw .merkle(error)
        }
    }

    private static func openedEnvironment(
        _ folder: String, _ mode: Mode
    ) throws(LedgerError) -> Environment {
        let path = databasePath(folder)
        let storageMode: Environment.Mode = mode == .audit ? .audit : .readWrite
        do throws(StorageError) {
            return try Environment(path: path, mode: storageMode, tables: LogTables.names)
        } catch {
            guard case .missingTable(let name) = error else { throw .storage(error) }
            // A newer format may have other tables: it deserves to be named rather than a table.
            try requireKnownFormat(path, storageMode, folder)
            throw .notALog(folder: folder, reason: "it has no table \(name)")
        }
    }

    private static func requireKnownFormat(
        _ path: String, _ mode: Environment.Mode, _ folder: String
    ) throws(LedgerError) {
        let environment: Environment
        do throws(StorageError) {
            environment = try Environment(path: path, mode: mode, tables: ["meta"])
        } catch {
            guard case .missingTable = error else { throw .storage(error) }
            throw .notALog(folder: folder, reason: "it has no table meta")
        }
        try environment.read { view throws(LedgerError) in
            try requireKnownFormat(view, environment.table("meta"), folder)
        }
    }

    private static func requireKnownFormat(
        _ view: TransactionView, _ meta: Table, _ folder: String
    ) throws(LedgerError) {
        guard let value = try metaValue(view, meta, MetaKey.format), value.count == 4 else {
            throw .notALog(folder: folder, reason: "it names no format")
        }
        let format = value.reduce(0) { $0 << 8 | UInt32($1) }
        guard format <= LogTables.format else {
            throw .newerFormat(found: format, supported: LogTables.format)
        }
        guard format == LogTables.format else {
            throw .notALog(
                folder: folder,
                reason: "its format is \(format), and this program reads \(LogTables.format)")
        }
    }

    private static func storedIdentity(
        _ view: TransactionView, _ meta: Table, _ folder: String
    ) throws(LedgerError) -> (ledgerID: Digest32, name: String) {
        try requireKnownFormat(view, meta, folder)
        guard let ledgerID = try metaValue(view, meta, MetaKey.ledger).flatMap({ Digest32($0) }),
            let name = try metaValue(view, meta, MetaKey.name).flatMap({
                String(validating: $0, as: UTF8.self)
            }), isKeyName(name)
        else { throw .notALog(folder: folder, reason: "it names no ledger") }
        return (ledgerID, name)
    }

    private static func metaValue(
        _ view: TransactionView, _ meta: Table, _ key: [UInt8]
    ) throws(LedgerError) -> [UInt8]? {
        do throws(StorageError) {
            guard let value = try view.value(meta, key) else { return nil }
            return copy(value)
        } catch { throw .storage(error) }
    }
}
