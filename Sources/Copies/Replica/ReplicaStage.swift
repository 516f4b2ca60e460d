internal import Audit
internal import Bytes
internal import Events
internal import Export
internal import Files
internal import Foundation
internal import Merkle

/// The next state of a replica, put together and verified beside the present one.
final class ReplicaStage {
    private let folder: NewFolder

    init(_ path: String, isReplacing: Bool) throws(ReplicaRefusal) {
        do throws(FileError) {
            folder = try NewFolder(path, replacing: isReplacing)
        } catch { throw .unreadable("\(error)") }
    }

    private var evidence: EvidenceFolder {
        EvidenceFolder(folder.temporary)
    }

    // MARK: What it is made of

    /// Takes every file of a verified export but its manifest.
    func takeWhole(_ source: EvidenceFolder) throws(ReplicaRefusal) {
        try walk(source) { (file) throws(ReplicaRefusal) in
            switch file {
            case .sums, .sumsNote, .readme, .kept: break
            default: try copy(file, from: source)
            }
        }
        try write(.readme, Array(Self.readme.utf8))
    }

    /// Takes what the replica has and the longer log will have too: links to files that never
    /// change.
    func takeOld(_ replica: Replica) throws(ReplicaRefusal) {
        let source = EvidenceFolder(replica.folder)
        try walk(source) { (file) throws(ReplicaRefusal) in
            switch file {
            case .checkpoint, .checkpoints, .kept: break
            case .tile(let tile) where tile.width < Tile.maximumWidth: break
            case .entries(let tile) where tile.width < Tile.maximumWidth: break
            default:
                let existing = "\(source.path)/\(file)"
                do throws(FileError) {
                    guard try !folder.link(existing, as: "\(file)") else { return }
                } catch { throw .unreadable("\(error)") }
                try copy(file, from: source)
            }
        }
        try copyCheckpoints(of: source, above: 0)
    }

    /// The checkpoints so far, as the longer log's file has them.
    private var checkpoints: [UInt8] = []

    /// Takes what the longer log has and the replica has not.
    func takeNewer(
        _ source: EvidenceFolder, than old: Checkpoint, upTo newest: SignedCheckpoint
    ) throws(ReplicaRefusal) {
        for level in 0...6 {
            for tile in LogExport.tiles(level: level, from: old.size, to: newest.checkpoint.size) {
                try copy(.tile(tile), from: source)
                if level == 0 { try copy(.entries(tile), from: source) }
            }
        }
        let present = evidence
        try walk(source) { (file) throws(ReplicaRefusal) in
            guard case .blob(let digest) = file, !present.has(file) else { return }
            guard try bytes(file, source).map({ sha256($0) }) == digest else {
                throw .unproven("the file \(file) of the export has another SHA-256")
            }
            try copy(file, from: source)
        }
        try copyCheckpoints(of: source, above: old.size)
        try write(.checkpoint, Array(newest.note.encodedText.utf8))
        try write(.checkpoints, checkpoints)
    }

    private func copyCheckpoints(
        of source: EvidenceFolder, above size: UInt64
    ) throws(ReplicaRefusal) {
        do throws(AuditError) {
            guard var history = try CheckpointHistory(source) else { return }
            try history.forEach { signed in
                guard signed.checkpoint.size > size else { return }
                checkpoints += Array(signed.note.encodedText.utf8) + [UInt8(ascii: "\n")]
            }
        } catch { throw .unreadable("\(error)") }
    }

    // MARK: Its verification

    /// Verifies what was put together, from what was kept on, and returns what to keep of it.
    func verify(_ terms: AuditTerms) throws(ReplicaRefusal) -> KeptResult {
        let outcome: AuditOutcome
        var staged = evidence
        staged.isReplica = true
        do throws(AuditError) { outcome = try ExportAudit(terms).run(staged) } catch {
            throw .unreadable("the export can not be checked: \(error)")
        }
        try refuseFindings(outcome.report)
        guard let kept = outcome.keptResult, kept.checkpoint?.checkpoint.size == kept.head.size
        else {
            throw .unproven("the export's newest checkpoint does not cover its entries")
        }
        return kept
    }

    /// Makes it the replica.
    func commit(_ kept: KeptResult) throws(ReplicaRefusal) {
        do throws(FileError) {
            let file = try folder.file("\(ExportPath.kept)")
            let bytes = kept.encoded
            try file.write(bytes.span)
            file.close()
            try folder.commit()
        } catch { throw .unreadable("\(error)") }
    }

    // MARK: Files

    private func walk(
        _ source: EvidenceFolder, _ body: (ExportPath) throws(ReplicaRefusal) -> Void
    ) throws(ReplicaRefusal) {
        var refusal: ReplicaRefusal?
        do throws(AuditError) {
            try FolderWalk.run(
                source.path,
                take: { (file) throws(AuditError) in
                    guard refusal == nil else { return }
                    do throws(ReplicaRefusal) { try body(file) } catch { refusal = error }
                }, refuse: { _ in })
        } catch { throw .unreadable("\(error)") }
        if let refusal { throw refusal }
    }

    private func copy(
        _ file: ExportPath, from source: EvidenceFolder
    ) throws(ReplicaRefusal) {
        guard let bytes = try bytes(file, source) else {
            throw .unproven("the export has no file \(file) that can be read")
        }
        try write(file, bytes)
    }

    private func bytes(
        _ file: ExportPath, _ source: EvidenceFolder
    ) throws(ReplicaRefusal) -> [UInt8]? {
        do throws(AuditError) {
            guard case .bytes(let bytes) = try source.read(file) else { return nil }
            return bytes
        } catch { throw .unreadable("\(error)") }
    }

    private func write(_ path: ExportPath, _ bytes: [UInt8]) throws(ReplicaRefusal) {
        do throws(FileError) {
            let file = try folder.file("\(path)")
            try file.write(bytes.span)
            file.close()
        } catch { throw .unreadable("\(error)") }
    }

    private static let readme = """
        A REPLICA OF A STRONGROOM LEDGER

        A verified copy of a log, brought on with deltas: strongroom replica apply DELTA.
        It is an export without a manifest, and is checked like one:

          strongroom-verify FOLDER --ledger-id ID

        Each delta was verified whole before it was taken up. The checkpoint in this folder
        is the newest head that its owner has seen: no later history can contradict it
        unnoticed.

        """
}
