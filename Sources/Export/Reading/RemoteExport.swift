internal import Audit
internal import Bytes
internal import Dispatch
internal import Events
internal import Foundation
internal import Merkle
internal import Synchronization

/// An export that a web server serves as a tile directory.
///
/// What the verification will need is fetched first, several files at a time; what it asks for
/// besides, one by one.
struct RemoteExport {
    private let files: RemoteFiles

    init(_ files: RemoteFiles) { self.files = files }

    /// Fetches the checkpoint, and returns a folder that fetches whatever else is wanted.
    func opened() async throws(AuditError) -> EvidenceFolder {
        // The newest checkpoint is the server's word of today, whatever is kept.
        try await files.fetch(.checkpoint)
        guard files.has(.checkpoint) else {
            throw .unreadable("the server has no checkpoint: it is no tile directory")
        }
        var folder = EvidenceFolder(files.folder)
        folder.fetch = { [files] (file) throws(AuditError) in try Self.wait(for: file, files) }
        return folder
    }

    /// Fetches everything from entry `start` on that a verification reads: the tree, and then, when
    /// its entries say which, the blobs. `progress` hears how many of how many have been fetched,
    /// of each of the two.
    func fetch(
        _ folder: EvidenceFolder, from start: UInt64,
        progress: @escaping @Sendable (UInt64, UInt64) -> Void
    ) async throws(AuditError) {
        for file in [ExportPath.checkpoints, .policy] { try await files.fetch(file) }
        // What is here by then is all that is looked at: nothing is fetched while this waits.
        let here = EvidenceFolder(folder.path)
        guard case .success(let signed) = try here.signedCheckpoint(.checkpoint),
            case let size = signed.checkpoint.size, size <= ExportedLog.maximumEntries
        else { return }
        try await files.fetch(Self.tree(from: start, to: size), progress: progress)
        try await files.fetch(try blobs(in: here, from: start, to: size), progress: progress)
    }

    /// The bundles and tiles of a tree that an older one did not have in full.
    private static func tree(from start: UInt64, to size: UInt64) -> [ExportPath] {
        var paths: [ExportPath] = []
        for level in 0...6 {
            for tile in LogExport.tiles(level: level, from: start, to: size) {
                if level == 0 { paths.append(.entries(tile)) }
                paths.append(.tile(tile))
            }
        }
        return paths
    }

    /// The blobs that entries name.
    private func blobs(
        in folder: EvidenceFolder, from start: UInt64, to size: UInt64
    ) throws(AuditError) -> [ExportPath] {
        let source = ExportSource(folder, size: size, start: start)
        var ledger: Digest32?
        if let first = try source.entries(0..<1).first,
            let entry = try? Entry(decoding: first.span)
        {
            ledger = try? SignedEvent(decoding: entry.event, ledger: nil).id
        }
        var digests: Set<Digest32> = []
        for first in stride(from: start, to: size, by: 512) {
            for bytes in try source.entries(first..<min(first + 512, size)) {
                guard let entry = try? Entry(decoding: bytes.span),
                    // Which ledger it is matters for the signature alone, which is not judged here.
                    let event = try? SignedEvent(
                        decoding: entry.event, ledger: first == 0 ? ledger : ledger ?? .zero)
                else { continue }
                digests.formUnion(event.event.fact.blobDigests)
            }
        }
        return digests.sorted().map { .blob($0) }
    }

    /// Fetches a file for a thread that waits; never one of the pool that does the fetching.
    private static func wait(for file: ExportPath, _ files: RemoteFiles) throws(AuditError) {
        switch file {
        case .tile, .entries, .blob: break
        default: return
        }
        let done = DispatchSemaphore(value: 0)
        let failure = Mutex<AuditError?>(nil)
        Task.detached {
            do throws(AuditError) { try await files.fetch(file) } catch {
                failure.withLock { $0 = error }
            }
            done.signal()
        }
        done.wait()
        if let failure = failure.withLock({ $0 }) { throw failure }
    }
}
