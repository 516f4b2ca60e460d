internal import Bytes
internal import Files
public import Merkle
internal import Storage

/// What a witness keeps: who it is, which logs it knows, and the newest checkpoint of each that it
/// has cosigned.
///
/// `witness.mdb` is the database; `heads/` holds one file for each log, which may be moved apart
/// from it. Any number of threads and processes may use it at once.
public final class WitnessStore: Sendable {
    /// A log that the witness knows.
    public struct KnownLog: Sendable, Hashable {
        /// Its key, whose name is its origin.
        public let key: NoteVerifierKey
        /// Where its entries are read from for a full replay: a folder or a URL.
        public let source: String?

        /// Describes a log.
        public init(key: NoteVerifierKey, source: String? = nil) {
            self.key = key
            self.source = source
        }
    }

    /// The version of what the tables hold.
    private static let format: [UInt8] = [0, 0, 0, 1]
    private static let names = ["meta", "logs", "heads"]

    /// The folder.
    public let folder: String
    private let heads: String
    private let environment: Environment
    private let meta: Table
    private let logTable: Table
    private let headTable: Table

    private init(folder: String, heads: String, environment: Environment) {
        self.folder = folder
        self.heads = heads
        self.environment = environment
        meta = environment.table("meta")
        logTable = environment.table("logs")
        headTable = environment.table("heads")
    }

    /// Makes the store of a witness with these keys, for cosignatures of consistency and, when it
    /// also replays, of that; two statements of one key would be one.
    public static func create(
        _ folder: String, key: NoteVerifierKey, fullKey: NoteVerifierKey? = nil,
        heads: String? = nil
    ) throws(WitnessError) -> WitnessStore {
        guard key.kind == .cosignature, fullKey.map({ $0.kind == .cosignature }) ?? true else {
            throw .configuration("a witness cosigns with keys of type 4")
        }
        guard fullKey?.publicKey != key.publicKey else {
            throw .configuration("the two statements of a witness need two different keys")
        }
        let place = heads ?? Self.ownHeads(folder)
        try filed { () throws(FileError) in
            try makeFolder(folder)
            try makeFolder(place)
        }
        let path = databasePath(folder)
        guard !fileExists(path) else { throw .exists(folder: folder) }
        let environment: Environment
        do throws(StorageError) {
            environment = try Environment(path: path, mode: .create, tables: names)
            let meta = environment.table("meta")
            try environment.write { transaction throws(StorageError) in
                try transaction.put(meta, Array("format".utf8), format)
                try transaction.put(meta, Array("key".utf8), Array(key.encodedText.utf8))
                // Those in its own folder move with it.
                if let heads {
                    try transaction.put(meta, Array("heads".utf8), Array(heads.utf8))
                }
                if let fullKey {
                    try transaction.put(
                        meta, Array("full".utf8), Array(fullKey.encodedText.utf8))
                }
            }
        } catch { throw .storage(error) }
        return WitnessStore(folder: folder, heads: place, environment: environment)
    }

    private static func ownHeads(_ folder: String) -> String { "\(folder)/heads" }

    /// Opens the store in `folder`.
    public static func open(_ folder: String) throws(WitnessError) -> WitnessStore {
        let environment: Environment
        do throws(StorageError) {
            environment = try Environment(
                path: databasePath(folder), mode: .readWrite, tables: names)
        } catch { throw .notAWitness(folder: folder, reason: "\(error)") }
        let meta = environment.table("meta")
        guard try environment.value(meta, "format") == format else {
            throw .notAWitness(folder: folder, reason: "its format is not one that is known")
        }
        let elsewhere = try environment.value(meta, "heads")
        let heads = elsewhere.map { String(decoding: $0, as: UTF8.self) } ?? ownHeads(folder)
        guard fileExists(heads) else {
            throw .notAWitness(
                folder: folder, reason: "there is no folder \(heads), which holds its head files")
        }
        return WitnessStore(folder: folder, heads: heads, environment: environment)
    }

    private static func databasePath(_ folder: String) -> String { "\(folder)/witness.mdb" }

    /// The key of its cosignatures of consistency.
    public func key() throws(WitnessError) -> NoteVerifierKey {
        guard let key = try storedKey("key") else {
            throw .notAWitness(folder: folder, reason: "it names no key")
        }
        return key
    }

    /// The key of its cosignatures of a full replay, when it makes such.
    public func fullKey() throws(WitnessError) -> NoteVerifierKey? { try storedKey("full") }

    private func storedKey(_ name: String) throws(WitnessError) -> NoteVerifierKey? {
        guard let bytes = try environment.value(meta, name) else { return nil }
        do throws(MerkleError) {
            return try NoteVerifierKey(parsing: String(decoding: bytes, as: UTF8.self))
        } catch { throw .notAWitness(folder: folder, reason: "\(error)") }
    }

    // MARK: Logs

    /// Adds a log, or changes where its entries are read from; never its key.
    public func add(_ log: KnownLog) throws(WitnessError) {
        guard log.key.kind == .ed25519 else {
            throw .configuration("a log signs with an Ed25519 key of type 1")
        }
        guard log.key.name.utf8.count <= 255, log.source?.contains("\n") != true else {
            throw .configuration("a source is one line")
        }
        let (known, origin) = (try self.log(log.key.name), log.key.name)
        guard known == nil || known?.key == log.key else { throw .knownLog(origin: origin) }
        let row = log.key.encodedText + "\n" + (log.source ?? "")
        try environment.write { transaction throws(WitnessError) in
            do throws(StorageError) {
                try transaction.put(logTable, Array(origin.utf8), Array(row.utf8))
            } catch { throw .storage(error) }
        }
    }

    /// The log of this origin, when it is known.
    public func log(_ origin: String) throws(WitnessError) -> KnownLog? {
        guard (1...255).contains(origin.utf8.count),
            let row = try environment.value(logTable, origin)
        else { return nil }
        return try parsed(row)
    }

    /// Every log, by origin.
    public func logs() throws(WitnessError) -> [KnownLog] {
        var rows: [[UInt8]] = []
        try environment.read { view throws(WitnessError) in
            try view.forEach(logTable) { _, row throws(WitnessError) in
                rows.append([UInt8](capacity: row.count) { $0.append(row) })
                return true
            }
        }
        var logs: [KnownLog] = []
        for row in rows { logs.append(try parsed(row)) }
        return logs
    }

    private func parsed(_ row: [UInt8]) throws(WitnessError) -> KnownLog {
        let lines = String(decoding: row, as: UTF8.self).split(
            separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        do throws(MerkleError) {
            return KnownLog(
                key: try NoteVerifierKey(parsing: String(lines[0])),
                source: lines.count > 1 && !lines[1].isEmpty ? String(lines[1]) : nil)
        } catch { throw .notAWitness(folder: folder, reason: "\(error)") }
    }

    // MARK: Heads

    /// The newest checkpoint of a log that was cosigned, as the database has it.
    public func head(_ origin: String) throws(WitnessError) -> SignedCheckpoint? {
        guard let note = try environment.value(headTable, origin) else { return nil }
        return try parsedHead(note)
    }

    /// Makes what `next` returns the head of its log, unless it throws; it is given the head so
    /// far, which stays when it returns nil.
    ///
    /// One write transaction compares and sets, durably; then the head file is advanced. Nobody
    /// else changes this log's head meanwhile. Throws
    /// ``WitnessError/behindHead(head:database:)`` without asking when the database is older than
    /// the head file.
    func advance(
        _ origin: String, next: (SignedCheckpoint?) throws(WitnessError) -> SignedCheckpoint?
    ) throws(WitnessError) {
        let file = headFile(origin)
        try file.locked { () throws(WitnessError) in
            let kept = try file.read()
            let head = try environment.write {
                (transaction) throws(WitnessError) -> SignedCheckpoint? in
                var known: SignedCheckpoint?
                do throws(StorageError) {
                    if let note = try transaction.view.value(headTable, Array(origin.utf8)) {
                        known = try? parsedHead([UInt8](capacity: note.count) { $0.append(note) })
                        guard known != nil else {
                            throw .corrupted(path: folder, reason: "a head is no checkpoint")
                        }
                    }
                } catch { throw .storage(error) }
                try requireReached(kept?.checkpoint, known?.checkpoint)
                guard let head = try next(known) else { return known }
                do throws(StorageError) {
                    try transaction.put(
                        headTable, Array(origin.utf8), Array(head.note.encodedText.utf8))
                } catch { throw .storage(error) }
                return head
            }
            if let head, head != kept { try file.advance(to: head) }
        }
    }

    /// Adds a line of this witness to the head of a log, unless the head is another one by now.
    func amend(
        _ origin: String, with line: NoteSignature, to checkpoint: Checkpoint
    ) throws(WitnessError) {
        let file = headFile(origin)
        try file.locked { () throws(WitnessError) in
            // A line that stands there already will do, until the head is stored anew.
            guard let head = try head(origin), head.checkpoint == checkpoint,
                !head.note.signatures.contains(where: { $0.keyID == line.keyID })
            else { return }
            let amended: SignedCheckpoint
            do throws(MerkleError) { amended = try head.adding(line) } catch {
                throw .signing(error)
            }
            try put(amended, of: origin)
            try file.advance(to: amended)
        }
    }

    private func put(_ head: SignedCheckpoint, of origin: String) throws(WitnessError) {
        try environment.write { transaction throws(WitnessError) in
            do throws(StorageError) {
                try transaction.put(
                    headTable, Array(origin.utf8), Array(head.note.encodedText.utf8))
            } catch { throw .storage(error) }
        }
    }

    /// The newest checkpoint that was cosigned, with the lines of this witness, of the log whose
    /// origin has this SHA-256 in hexadecimal; nil when none was.
    func cosigned(_ originHash: String) throws(WitnessError) -> SignedCheckpoint? {
        guard Digest32(hex: originHash) != nil else { return nil }
        // The head file is written last: what stands in it may leave.
        let file = WitnessHeadFile(path: "\(heads)/\(originHash)")
        guard let head = try file.read(), head.hasLine(of: try key()) else { return nil }
        return head
    }

    /// Puts the head file's checkpoint into a database that is behind it: a restored copy then goes
    /// on from what the witness has last cosigned. Returns the size that it goes on from.
    @discardableResult
    public func recover(_ origin: String) throws(WitnessError) -> UInt64 {
        guard try log(origin) != nil else { throw .unknownLog(origin: origin) }
        let file = headFile(origin)
        return try file.locked { () throws(WitnessError) in
            let known = try head(origin)?.checkpoint
            guard let kept = try file.read() else { return known?.size ?? 0 }
            do throws(WitnessError) { try requireReached(kept.checkpoint, known) } catch {
                guard case .behindHead = error else { throw error }
                try put(kept, of: origin)
            }
            return max(kept.checkpoint.size, known?.size ?? 0)
        }
    }

    /// Has the head file know a checkpoint that this witness is proven to have vouched for, and
    /// returns whether the database does not know one as new: it then cosigns nothing until it is
    /// recovered.
    @discardableResult
    public func remember(_ vouched: SignedCheckpoint) throws(WitnessError) -> Bool {
        let origin = vouched.checkpoint.origin
        guard try log(origin) != nil else { throw .unknownLog(origin: origin) }
        let file = headFile(origin)
        return try file.locked { () throws(WitnessError) in
            let kept = try file.read()?.checkpoint
            if kept.map({ $0.size < vouched.checkpoint.size }) ?? true {
                try file.advance(to: vouched)
            } else if let kept, kept.size == vouched.checkpoint.size,
                kept.root != vouched.checkpoint.root
            {
                throw .contradictsHead(head: kept, database: vouched.checkpoint)
            }
            let known = try head(origin)?.checkpoint
            return (known?.size ?? 0) < vouched.checkpoint.size
        }
    }

    /// Throws when the database does not reach the head file.
    private func requireReached(
        _ kept: Checkpoint?, _ known: Checkpoint?
    ) throws(WitnessError) {
        guard let kept else { return }
        guard let known, known.size >= kept.size else {
            throw .behindHead(head: kept, database: known?.size ?? 0)
        }
        guard known.size > kept.size || known.root == kept.root else {
            throw .contradictsHead(head: kept, database: known)
        }
    }

    private func headFile(_ origin: String) -> WitnessHeadFile {
        WitnessHeadFile(path: "\(heads)/\(sha256(Array(origin.utf8)).hex)")
    }

    private func parsedHead(_ note: [UInt8]) throws(WitnessError) -> SignedCheckpoint {
        do throws(MerkleError) { return try SignedCheckpoint(parsing: note) } catch {
            throw .notAWitness(folder: folder, reason: "\(error)")
        }
    }
}

extension Environment {
    fileprivate func value(_ table: Table, _ key: String) throws(WitnessError) -> [UInt8]? {
        try read { view throws(WitnessError) in
            do throws(StorageError) {
                guard let value = try view.value(table, Array(key.utf8)) else { return nil }
                return [UInt8](capacity: value.count) { $0.append(value) }
            } catch { throw .storage(error) }
        }
    }
}
