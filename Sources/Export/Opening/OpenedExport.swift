public import Audit
internal import Foundation
public import Merkle
internal import Synchronization

/// An export to read from: a folder, an archive that is unpacked for as long as this lives, or a
/// web server that is asked for files when they are wanted.
///
/// Nothing in it is trusted. A URL's files are waited for: read one on a thread that may block.
public final class OpenedExport: Sendable {
    /// Where it was found, as it was named.
    public let path: String
    /// The private folder that it lies in and that goes away with this object; nil for a folder of
    /// somebody's own.
    public let temporaryFolder: String?
    /// Its files.
    package let folder: EvidenceFolder
    private let findings: [Finding]
    private let unpacked: UnpackedExport?
    private let files: RemoteFiles?

    /// Opens a folder or an archive.
    ///
    /// - Parameters:
    ///   - maximumUnpackedBytes: the most bytes that an archive's files may have together; nil for
    ///     64 times its own size, and 256 MiB where that is more.
    ///   - unpacked: called with the private folder that an archive is unpacked to.
    public init(
        _ path: String, maximumUnpackedBytes: UInt64? = nil,
        unpacked: (String) -> Void = { _ in }
    ) throws(AuditError) {
        self.path = path
        files = nil
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .unreadable("there is no export \(path)")
        }
        if isFolder.boolValue {
            (self.unpacked, findings, temporaryFolder) = (nil, [], nil)
            folder = EvidenceFolder(path)
            return
        }
        let export = try UnpackedExport(
            path, maximumBytes: maximumUnpackedBytes, created: unpacked)
        (self.unpacked, findings) = (export, export.findings)
        folder = EvidenceFolder(export.path)
        temporaryFolder = export.path
    }

    /// Opens the tile directory at `url`, of which nothing but the checkpoint is fetched yet.
    ///
    /// - Parameter cache: where fetched files are kept, to go on from after a cut; nil keeps
    ///   nothing.
    public convenience init(
        url: String, cache: String? = nil, secondsMax: Int = 30
    ) async throws(AuditError) {
        let files = try RemoteFiles(url, cache: cache, secondsMax: secondsMax)
        self.init(url, files, try await RemoteExport(files).opened())
    }

    private init(_ path: String, _ files: RemoteFiles, _ folder: EvidenceFolder) {
        self.path = path
        self.files = files
        self.folder = folder
        temporaryFolder = files.isTemporary ? files.folder : nil
        (unpacked, findings) = (nil, [])
    }

    /// Fetches what a replay from entry `start` on will read of a URL, several files at a time;
    /// does nothing for what is here.
    public func fetch(
        from start: UInt64 = 0, progress: @escaping @Sendable (UInt64, UInt64) -> Void = { _, _ in }
    ) async throws(AuditError) {
        guard let files else { return }
        try await RemoteExport(files).fetch(folder, from: start, progress: progress)
    }

    /// What it holds of the log.
    public enum Extent: Sendable, Hashable {
        /// Every entry from the founding on.
        case whole
        /// The newer entries.
        case delta
        /// Some entries.
        case disclosure
    }

    /// What it holds of the log, as its files say.
    public var extent: Extent {
        if folder.has(.since) { return .delta }
        return DisclosureAudit.isDisclosure(folder) ? .disclosure : .whole
    }

    /// The entries up to its checkpoint, of what is here by now; nil without a checkpoint.
    public func source() throws(AuditError) -> ExportSource? {
        let here = EvidenceFolder(folder.path)
        guard case .success(let signed) = try here.signedCheckpoint(.checkpoint) else {
            return nil
        }
        return ExportSource(here, size: signed.checkpoint.size, start: 0)
    }

    /// Whose signatures a checkpoint needs, as the sender says; nil when he does not.
    public func policy() throws(AuditError) -> WitnessPolicy? {
        guard case .bytes(let bytes) = try folder.read(.policy) else { return nil }
        return try? WitnessPolicy(parsing: bytes)
    }

    /// Calls `body` with each signed checkpoint, smallest first.
    public func forEachCheckpoint(
        _ body: (SignedCheckpoint) -> Void
    ) throws(AuditError) {
        guard var history = try CheckpointHistory(folder) else { return }
        try history.forEach(body)
    }

    /// Compares its files with its manifest, as ``verify(_:)`` does before it replays the entries:
    /// for a delta, whose events may name requests that only who holds the entries before it has.
    package func reportOnFiles(_ audit: ExportAudit) throws(AuditError) -> AuditReport {
        try audit.reportOnFiles(folder, findings: findings)
    }

    /// Verifies it whole.
    public func verify(_ audit: ExportAudit) throws(AuditError) -> AuditOutcome {
        try audit.run(folder, findings: findings)
    }
}

extension EvidenceFolder {
    /// Whether there is something of this name.
    package func has(_ file: ExportPath) -> Bool {
        FileManager.default.fileExists(atPath: "\(path)/\(file)")
    }
}

/// Runs `body` on a thread of its own, which may block as long as it likes, and waits for it.
///
/// What `body` holds is let go before this returns, so that a program that ends then leaves no
/// unpacked archive behind.
public func onOwnThread<Value: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () throws(Failure) -> Value
) async throws(Failure) -> Value {
    let errand = Errand(body)
    let result = await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: errand.run()) }
    }
    return try result.get()
}

/// Work that is done once and then forgotten.
private final class Errand<Value: Sendable, Failure: Error>: Sendable {
    private let body: Mutex<(@Sendable () throws(Failure) -> Value)?>

    init(_ body: @escaping @Sendable () throws(Failure) -> Value) { self.body = Mutex(body) }

    func run() -> Result<Value, Failure> {
        guard let body = body.withLock({ $0.take() }) else {
            preconditionFailure("an errand is run once")
        }
        do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
    }
}
