internal import Audit
public import Bytes
internal import Events
internal import Export
internal import Files
internal import Foundation
public import Merkle
internal import State

/// A verified copy of a ledger's log that its owner keeps on a machine of his own, and brings on
/// with deltas.
///
/// The folder is an export without a manifest, and beside its files `kept`, what its verification
/// came to (`Schemas/export.md`). Each delta is verified whole before anything changes, and taken
/// up in one step: after a crash the replica is the old one or the new one.
public struct Replica: Sendable {
    /// The replica's folder.
    public let folder: String
    let kept: KeptResult
    let signed: SignedCheckpoint

    /// The head that it is at.
    public var checkpoint: Checkpoint { signed.checkpoint }
    /// The ledger's id.
    public var ledger: Digest32 { kept.ledger }
    /// How many incidents its entries show.
    public var incidents: UInt64 { kept.findings }

    /// Opens the replica in `folder`.
    public init(_ folder: String) throws(ReplicaRefusal) {
        self.folder = folder
        do {
            guard
                let bytes = try readFile(
                    "\(folder)/\(ExportPath.kept)", maximumBytes: KeptResult.maximumBytes)
            else {
                throw ReplicaRefusal.unreadable(
                    "\(folder) is no replica: it has no file `kept`; make one with `strongroom "
                        + "replica create`")
            }
            kept = try KeptResult(decoding: bytes)
            guard let signed = kept.checkpoint, signed.checkpoint.size == kept.head.size else {
                throw ReplicaRefusal.unreadable("\(folder): what was kept has no signed head")
            }
            self.signed = signed
        } catch let error as ReplicaRefusal {
            throw error
        } catch { throw .unreadable("\(folder): \(error)") }
    }

    // MARK: Making one

    /// Makes a replica in a new folder from a whole export, which is verified first.
    ///
    /// - Parameter ledgerID: the id that the ledger must have, when its owner knows it.
    public static func create(
        _ folder: String, from export: String, ledgerID: Digest32? = nil,
        progress: @escaping (UInt64, UInt64) -> Void = { _, _ in }
    ) throws(ReplicaRefusal) -> Replica {
        let source = try Self.opened(export)
        guard !source.folder.has(.since) else {
            throw .unreadable("\(export) is a delta; a replica begins with a whole export")
        }
        guard !source.folder.has(.disclosedEntry(0)) else {
            throw .unreadable(
                "\(export) is a disclosure of some events; a replica begins with a whole export")
        }
        var terms = AuditTerms()
        terms.ledgerID = ledgerID
        terms.progress = progress
        // The manifest is compared here; the replica itself, which grows by deltas, has none.
        try refuseFindings(
            try Self.checked { () throws(AuditError) in
                try source.verify(ExportAudit(terms)).report
            })
        let stage = try ReplicaStage(folder, isReplacing: false)
        try stage.takeWhole(source.folder)
        let kept = try stage.verify(terms)
        try stage.commit(kept)
        return try Replica(folder)
    }

    private static func opened(_ path: String) throws(ReplicaRefusal) -> OpenedExport {
        do throws(AuditError) { return try OpenedExport(path) } catch {
            guard case .unreadable(let reason) = error else { throw .unreadable("\(error)") }
            throw .unreadable(reason)
        }
    }

    /// What an audit of an export comes to; that it can not be done is a refusal.
    private static func checked<Value>(
        _ audit: () throws(AuditError) -> Value
    ) throws(ReplicaRefusal) -> Value {
        do throws(AuditError) { return try audit() } catch {
            throw .unreadable("the export can not be checked: \(error)")
        }
    }

    // MARK: Bringing it on

    /// Takes up the newer entries of a delta, or of a whole export, after verifying them whole.
    public func applying(
        _ export: String, progress: @escaping (UInt64, UInt64) -> Void = { _, _ in }
    ) throws(ReplicaRefusal) -> Replica {
        let source = try Self.opened(export)
        let newer = try judged(source)
        var terms = AuditTerms()
        terms.ledgerID = ledger
        terms.kept = kept
        terms.progress = progress
        // Every file that came, and the manifest; what is taken up is replayed behind the replica's
        // own entries, since an event may name a request of theirs that is over.
        try refuseFindings(
            try Self.checked { () throws(AuditError) in
                try source.reportOnFiles(ExportAudit(terms))
            })
        let stage = try ReplicaStage(folder, isReplacing: true)
        try stage.takeOld(self)
        try stage.takeNewer(source.folder, than: checkpoint, upTo: newer)
        let next = try stage.verify(terms)
        guard next.head.size == newer.checkpoint.size, next.head.root == newer.checkpoint.root
        else { throw .unproven("the entries do not lead to the head that the export names") }
        try stage.commit(next)
        return try Replica(folder)
    }

    /// Judges by the signed heads alone whether the export goes on where the replica ends.
    private func judged(_ source: OpenedExport) throws(ReplicaRefusal) -> SignedCheckpoint {
        let newest = try signedHead(.checkpoint, in: source)
        let new = newest.checkpoint
        let tiles = StoredTiles(
            EvidenceFolder(folder), size: checkpoint.size)
        if new.size <= checkpoint.size {
            try requireRoot(of: newest, tiles)
            throw .older(replica: checkpoint, export: new)
        }
        guard source.folder.has(.since) else {
            try requireExtension(newest, source, tiles)
            return newest
        }
        let since = try signedHead(.since, in: source)
        guard since.checkpoint.size <= checkpoint.size else {
            throw .gap(replica: checkpoint, since: since.checkpoint.size)
        }
        try requireRoot(of: since, tiles)
        try checkConsistency(source, from: since.checkpoint, to: new)
        try requireExtension(newest, source, tiles)
        return newest
    }

    /// Proves from the export's tree hashes which root its log had at the replica's size.
    private func requireExtension(
        _ newest: SignedCheckpoint, _ source: OpenedExport, _ tiles: StoredTiles
    ) throws(ReplicaRefusal) {
        let new = newest.checkpoint
        let both = LayeredTiles(
            newer: StoredTiles(source.folder, size: new.size), older: tiles)
        let root: Digest32
        let proof: [Digest32]
        do {
            root = try Merkle::root(size: checkpoint.size, both)
            proof = try proveConsistency(from: checkpoint.size, to: new.size, both)
            try Merkle::checkConsistency(
                proof, from: checkpoint.size, oldRoot: root, to: new.size, newRoot: new.root)
        } catch {
            throw .unproven(
                "the export's tree hashes do not show which root it had at the replica's size "
                    + "\(checkpoint.size): files are missing or damaged")
        }
        guard root == checkpoint.root else {
            throw try fork(newest) { () throws(MerkleError) in
                try ForkProof(smaller: signed, larger: newest, prefix: root, hashes: proof)
            }
        }
    }

    /// Demands that the replica had the root of `other`, which is no larger, at its size.
    private func requireRoot(
        of other: SignedCheckpoint, _ tiles: StoredTiles
    ) throws(ReplicaRefusal) {
        let size = other.checkpoint.size
        let own = try proven(size, tiles)
        guard own.root != other.checkpoint.root else { return }
        throw try fork(other) { () throws(MerkleError) in
            size == checkpoint.size
                ? try ForkProof(signed, other)
                : try ForkProof(
                    smaller: other, larger: signed, prefix: own.root, hashes: own.proof)
        }
    }

    /// The root that the replica's tree had at a size, with the proof that it extends it.
    private func proven(
        _ size: UInt64, _ tiles: StoredTiles
    ) throws(ReplicaRefusal) -> OlderRoots.Proven {
        if size == checkpoint.size { return (checkpoint.root, []) }
        do {
            guard let proven = try tiles.provenRoot(at: size, in: checkpoint.size) else {
                throw ReplicaRefusal.unreadable("the replica's tree hashes are not all there")
            }
            // What the replica's own files say is believed no more than anybody else's.
            try Merkle::checkConsistency(
                proven.proof, from: size, oldRoot: proven.root, to: checkpoint.size,
                newRoot: checkpoint.root)
            return proven
        } catch let error as ReplicaRefusal {
            throw error
        } catch { throw .unreadable("the replica's tree hashes are damaged: \(error)") }
    }

    /// A checkpoint of the export, of this log and signed by it.
    private func signedHead(
        _ file: ExportPath, in source: OpenedExport
    ) throws(ReplicaRefusal) -> SignedCheckpoint {
        do {
            let signed = try source.folder.signedCheckpoint(file).get()
            guard signed.checkpoint.origin.utf8.elementsEqual(checkpoint.origin.utf8) else {
                throw ReplicaRefusal.otherLog(
                    expected: checkpoint.origin, found: signed.checkpoint.origin)
            }
            return try signed.verified(with: try kept.state().logKey).signed
        } catch let error as ReplicaRefusal {
            throw error
        } catch let fault as FileFault {
            throw .unproven("\(source.path): \(fault)")
        } catch { throw .unproven("the file \(file) of the export: \(error)") }
    }

    private func checkConsistency(
        _ source: OpenedExport, from old: Checkpoint, to new: Checkpoint
    ) throws(ReplicaRefusal) {
        do {
            try Merkle::checkConsistency(
                try source.folder.consistencyProof().get(), from: old.size, oldRoot: old.root,
                to: new.size, newRoot: new.root)
        } catch let fault as FileFault {
            throw .unproven("\(source.path): \(fault)")
        } catch {
            throw .unproven("the export's head is not shown to extend the replica's: \(error)")
        }
    }

    /// Writes the proof of a fork beside the replica.
    private func fork(
        _ other: SignedCheckpoint, _ proof: () throws(MerkleError) -> ForkProof
    ) throws(ReplicaRefusal) -> ReplicaRefusal {
        var path = folder
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        let evidence = "\(path).fork-\(other.checkpoint.size)-\(checkpoint.size)"
        let written: ReplicaRefusal.Proof
        do {
            written = .written(
                try proof().write { $0 == 1 ? evidence : "\(evidence)-\($0)" })
        } catch { written = .unwritten(reason: "\(error)") }
        return .fork(replica: checkpoint, export: other.checkpoint, proof: written)
    }
}

/// The tree hashes of an export, and for what it leaves out those of the replica.
private struct LayeredTiles: HashReader {
    let newer: StoredTiles
    let older: StoredTiles

    func hash(level: Int, index: UInt64) throws(StoredTiles.Failure) -> Digest32 {
        do { return try newer.hash(level: level, index: index) } catch {
            guard case .outOfReach = error else { throw error }
            return try older.hash(level: level, index: index)
        }
    }
}

/// Throws unless a verification is clean but for incidents: they are facts of the log, recorded as
/// they should be, and a copy that stopped at them would lack the evidence.
func refuseFindings(_ report: AuditReport) throws(ReplicaRefusal) {
    let broken = report.findings.filter { !$0.isIncident && $0.rule != .kept }
    guard let first = broken.first else { return }
    let place = first.position.map { "position \($0)" } ?? first.place.map { "\($0)" } ?? "the log"
    throw .findings(
        count: broken.count,
        first: "\(first.rule.name) at \(place), expected \(first.expected), found \(first.found)")
}
