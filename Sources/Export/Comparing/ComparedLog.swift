internal import Audit
public import Bytes
internal import Foundation
internal import Ledger
public import Merkle
internal import Storage

/// One of two copies of a log that are compared: a ledger's folder, an export's folder, or a signed
/// checkpoint alone.
public struct ComparedLog: Sendable {
    /// Where it was found.
    public let path: String
    /// The log's identity.
    public let origin: String
    /// How many entries it has.
    public let size: UInt64
    /// The root over them.
    public let root: Digest32
    /// The newest signed checkpoint; nil for a ledger that has none yet.
    public let checkpoint: SignedCheckpoint?
    /// The log's key by the founding event; nil for a checkpoint alone.
    public let logKey: NoteVerifierKey?
    private let tree: Tree?

    private enum Tree: Sendable {
        case ledger(Log)
        case export(StoredTiles)
    }

    /// Whether the tree is at hand, and not its head alone.
    public var hasTree: Bool { tree != nil }

    /// Opens what stands at `path`; nothing of it is changed.
    public init(_ path: String) throws(ComparisonError) {
        self.path = path
        if fileExists("\(path)/ledger.mdb") {
            let log = try Self.reading(path) { () throws(LedgerError) in
                try Log.open(path, .readOnly)
            }
            if let fault = log.fault { throw .unreadable(path: path, reason: "\(fault)") }
            let (size, root, checkpoint, first) = try Self.reading(path) {
                () throws(LedgerError) in
                try log.read { (view) throws(LedgerError) in
                    let first = try view.entry(0)
                    return (
                        view.size, try view.root(), try view.latestCheckpoint(),
                        [UInt8](capacity: first.count) { $0.append(first) }
                    )
                }
            }
            (self.size, self.root, self.checkpoint) = (size, root, checkpoint)
            origin = log.origin
            logKey = try Self.logKey(first, log.ledgerID, path)
            tree = .ledger(log)
        } else if fileExists("\(path)/checkpoint") {
            let folder = EvidenceFolder(path)
            let signed = try Self.checkpoint("\(path)/checkpoint")
            let head = signed.checkpoint
            let tiles = StoredTiles(folder, size: head.size)
            let source = ExportSource(folder, size: head.size, start: 0)
            guard let ledger = Digest32(hex: String(head.origin.split(separator: "/").last ?? "")),
                let first = try? source.entries(0..<1).first
            else { throw .unreadable(path: path, reason: "it has no first entry of a ledger") }
            logKey = try Self.logKey(first, ledger, path)
            guard (try? Merkle::root(size: head.size, tiles)) == head.root else {
                throw .unreadable(path: path, reason: "its tiles do not hash to its checkpoint")
            }
            (size, root, checkpoint, origin) = (head.size, head.root, signed, head.origin)
            tree = .export(tiles)
        } else {
            let signed = try Self.checkpoint(path)
            let head = signed.checkpoint
            (size, root, checkpoint, origin) = (head.size, head.root, signed, head.origin)
            logKey = nil
            tree = nil
        }
    }

    /// The root of the first `size` entries, and the proof that the tree of `newSize` extends it;
    /// the tree must be at hand.
    func proven(
        _ size: UInt64, in newSize: UInt64
    ) throws(ComparisonError) -> (root: Digest32, proof: [Digest32]) {
        switch tree {
        case .ledger(let log):
            return try Self.reading(path) { () throws(LedgerError) in
                try log.read { (view) throws(LedgerError) in
                    (
                        try view.root(at: size),
                        try view.consistencyProof(from: size, to: newSize)
                    )
                }
            }
        case .export(let tiles):
            guard let found = try? tiles.provenRoot(at: size, in: newSize) else {
                throw .unreadable(path: path, reason: "tiles of it are missing")
            }
            return (found.root, found.proof)
        case nil: throw .unreadable(path: path, reason: "it is a checkpoint alone")
        }
    }

    private static func logKey(
        _ first: [UInt8], _ ledger: Digest32, _ path: String
    ) throws(ComparisonError) -> NoteVerifierKey {
        do throws(ExportedProofError) {
            return try FoundingFacts(entry: first, ledger: ledger).logKey
        } catch { throw .unreadable(path: path, reason: "\(error)") }
    }

    private static func checkpoint(_ path: String) throws(ComparisonError) -> SignedCheckpoint {
        let bytes: [UInt8]?
        do throws(StorageError) {
            bytes = try readFile(path, maximumBytes: Note.maximumBytes)
        } catch { throw .unreadable(path: path, reason: "\(error)") }
        guard let bytes else { throw .unreadable(path: path, reason: "there is no such file") }
        do throws(MerkleError) { return try SignedCheckpoint(parsing: bytes) } catch {
            throw .unreadable(path: path, reason: "\(error)")
        }
    }

    private static func reading<Result>(
        _ path: String, _ body: () throws(LedgerError) -> Result
    ) throws(ComparisonError) -> Result {
        do throws(LedgerError) { return try body() } catch {
            throw .unreadable(path: path, reason: "\(error)")
        }
    }
}

/// Why two logs can not be compared.
public enum ComparisonError: Error, Equatable {
    /// One of them can not be read.
    case unreadable(path: String, reason: String)
    /// They are two logs.
    case otherLog(String, String)
    /// Nothing leads to the log's key.
    case noKey
    /// A checkpoint is not signed by the log's key.
    case unsigned(path: String, MerkleError)
    /// The larger one is a checkpoint alone, and so does not show that it extends the other.
    case unproven(larger: String, by: UInt64)
}

extension ComparisonError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let path, let reason): "\(path) can not be compared: \(reason)"
        case .otherLog(let one, let two): "these are two logs, \(one) and \(two)"
        case .noKey:
            "two checkpoints alone do not say who signed them; give the log's key with --log-key"
        case .unsigned(let path, let error): "\(path): \(error)"
        case .unproven(let larger, let by):
            "\(larger) claims \(by) more entries, and does not show that it extends the other: "
                + "compare with the ledger or an export"
        }
    }
}
