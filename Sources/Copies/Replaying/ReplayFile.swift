public import Audit
internal import Bytes
internal import Events
internal import Export
internal import Files
public import Merkle
internal import State

/// Where a witness keeps how far it has replayed a log, so that a restart costs what is new.
///
/// Deterministic CBOR: `[version, verifier key of the log, kept result (Schemas/kept.cddl), seal]`.
/// The seal is a signature of the witness's own key over the digest of the kept result and the
/// log's key: what nobody else has made, and for no other log. An older file of its own is as good
/// as a newer one, since what follows from it must have the root of the checkpoint; only more is
/// left to replay.
public struct ReplayFile: Sendable {
    /// Raised when entries are judged in another way or the state is encoded in one, so that
    /// what an older program has replayed is replayed anew.
    public static let version: UInt64 = 1
    /// The largest file that is read, in bytes.
    public static let maximumBytes = KeptResult.maximumBytes + 1_024

    /// What is found where the file should be.
    public enum Content: Sendable {
        /// There is no file.
        case none
        /// Not something that this witness has kept of this log; the reason is one sentence.
        case unusable(String)
        /// What was kept.
        case kept(KeptResult)
    }

    /// The file's path.
    public let path: String
    private let folder: String
    private let logKey: NoteVerifierKey
    private let signer: CheckpointSigner

    /// Names the file for the log with this key in a folder of such files; `signer` seals it.
    public init(in folder: String, of logKey: NoteVerifierKey, sealedBy signer: CheckpointSigner) {
        self.folder = folder
        path = "\(folder)/\(sha256(Array(logKey.name.utf8)).hex)"
        self.logKey = logKey
        self.signer = signer
    }

    private var purpose: String { "replayed \(Self.version) \(logKey.encodedText)" }

    /// Reads what was kept, and believes it only under the seal.
    public func read() -> Content {
        do {
            guard let bytes = try readFile(path, maximumBytes: Self.maximumBytes) else {
                return .none
            }
            return .kept(try opened(bytes))
        } catch let error as AuditError {
            return .unusable("\(path) is not what this witness has kept: \(error)")
        } catch {
            return .unusable("\(path) is not what this witness has kept: \(error)")
        }
    }

    private func opened(_ bytes: [UInt8]) throws -> KeptResult {
        var reader = CBORReader(bytes.span)
        try reader.openArray(exactly: 4)
        let version = try reader.unsigned()
        guard version == Self.version else {
            throw AuditError.unreadable(
                "it is of version \(version); this program keeps version \(Self.version)")
        }
        let key = try reader.text(maximum: 1_024)
        guard key.utf8.elementsEqual(logKey.encodedText.utf8) else {
            throw AuditError.unreadable("it is of the log \(key.escapedForDisplay)")
        }
        let kept = try reader.bytes(maximum: KeptResult.maximumBytes)
        let seal = try reader.bytes(exactly: 64)
        try reader.end()
        guard signer.key.isSeal(seal, of: sha256(kept), for: purpose) else {
            throw AuditError.unreadable("its seal is not one of the key \(signer.key.encodedText)")
        }
        let result = try KeptResult(decoding: kept)
        guard let checkpoint = result.checkpoint?.checkpoint, result.findings == 0,
            checkpoint.size == result.head.size, checkpoint.root == result.head.root,
            checkpoint.origin.utf8.elementsEqual(logKey.name.utf8)
        else { throw AuditError.unreadable("it ends at no checkpoint of the log") }
        return result
    }

    /// Keeps a result durably, in the place of what was there.
    public func write(_ result: KeptResult) throws {
        let kept = result.encoded
        let seal = try signer.seal(sha256(kept), for: purpose)
        let bytes = CBORValue.array([
            .unsigned(Self.version), .text(logKey.encodedText), .bytes(kept), .bytes(seal),
        ]).encoded
        guard bytes.count <= Self.maximumBytes else {
            throw AuditError.unreadable(
                "\(bytes.count) bytes would be kept; at most \(Self.maximumBytes) are read")
        }
        try makeFolder(folder)
        try withFileLock(path + ".lock") { () throws(FileError) in
            try replaceFile(path, with: bytes)
        }
    }
}
