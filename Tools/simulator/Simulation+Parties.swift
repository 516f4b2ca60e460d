internal import Audit
internal import Bytes
internal import Copies
internal import Events
internal import Export
internal import Foundation
internal import Ledger
internal import Merkle
internal import State
internal import Witness

/// What others hold of the ledger: a witness's memory, and a replica that grows by deltas.
struct Parties {
    /// The signed checkpoints that are on their way, or could come again.
    var notes: [SignedCheckpoint] = []
    /// The newest head that the witness has cosigned, as far as anybody has heard.
    var witnessed: TreeHead?
    /// Exports that are on their way, or could come again.
    var exports: [String] = []
    var replica: Replica?
}

extension Simulation {
    private var witnessFolder: String { "\(folder)/witness" }

    private func witnessSigner() throws -> CheckpointSigner {
        try CheckpointSigner(name: "w/1", kind: .cosignature, seed: sha256(Array("witness".utf8)))
    }

    /// The witness, started anew: it holds nothing but what is on its disk.
    private func startWitness() throws -> (WitnessStore, CosigningWitness) {
        let key = try witnessSigner()
        let store: WitnessStore
        if FileManager.default.fileExists(atPath: witnessFolder) {
            store = try WitnessStore.open(witnessFolder)
        } else {
            store = try WitnessStore.create(witnessFolder, key: key.key)
            try store.add(.init(key: signer.key))
        }
        let seconds = machine.now / 1_000
        return (store, try CosigningWitness(store, signer: key) { seconds })
    }

    /// A checkpoint comes to the witness: the newest, or one that was on its way for long.
    mutating func askWitness() throws {
        try checkpoint()
        guard let note = chance(70) ? parties.notes.last : pick(parties.notes) else { return }
        let known =
            chance(60) ? parties.witnessed?.size ?? 0 : .random(in: 0...64, using: &generator)
        try offer(note, from: known)
        if chance(20) { try offerFork() }
    }

    private mutating func offer(_ note: SignedCheckpoint, from known: UInt64) throws {
        let (_, witness) = try startWitness()
        let new = note.checkpoint.size
        var old = min(known, new)
        for _ in 0..<2 {
            let log = try machine.openLog()
            let proof = try log.read { (view) throws(LedgerError) in
                try view.consistencyProof(from: old, to: new)
            }
            let request = try AddCheckpoint(oldSize: old, proof: proof, checkpoint: note)
            let answer = witness.answer(Array(request.encodedText.utf8))
            switch answer.status {
            case 200: return try hearCosignature(answer, of: note)
            case 409:
                tally.count("witness: another size")
                guard let size = UInt64(answer.body.dropLast()), size != old else {
                    return problems.append("the witness names the size that it was asked about")
                }
                guard size <= new else { return }
                old = size
            default: return problems.append("the witness answers \(answer.status): \(answer.body)")
            }
        }
        problems.append("the witness names two sizes, one after the other")
    }

    private mutating func hearCosignature(
        _ answer: WitnessAnswer, of note: SignedCheckpoint
    ) throws {
        let head = TreeHead(size: note.checkpoint.size, root: note.checkpoint.root)
        if let before = parties.witnessed, before.size > head.size {
            problems.append("the witness cosigned \(head) after \(before)")
        }
        tally.count("witness: cosigned")
        parties.witnessed = head
        // An answer that is lost changes nothing but what the ledger knows.
        guard chance(80) else { return tally.count("witness: answers lost") }
        let key = try witnessSigner().key
        let cosigned = try SignedCheckpoint(
            parsing: Array((note.note.encodedText + answer.body).utf8))
        _ = try cosigned.verifiedCosignatureSeconds(with: key)
        _ = try machine.openLog().record(cosigned, logKey: signer.key, cosigners: [key])
    }

    /// The log's key signs another history: the witness must not.
    private mutating func offerFork() throws {
        guard let known = parties.witnessed, known.size > 0 else { return }
        let size = known.size + UInt64.random(in: 0...2, using: &generator)
        let root = sha256([UInt8.random(in: 0...255, using: &generator)])
        let forked = try signer.sign(Checkpoint(origin: signer.key.name, size: size, root: root))
        let hashes = Array(repeating: root, count: Int.random(in: 0...3, using: &generator))
        let request = try AddCheckpoint(
            oldSize: known.size, proof: hashes, checkpoint: forked.signed)
        let answer = try startWitness().1.answer(Array(request.encodedText.utf8))
        tally.count("witness: forks offered")
        if answer.status != 422 { problems.append("a fork is answered with \(answer.status)") }
    }

    // MARK: The replica

    /// An export comes to the replica: the one that it waits for, or an older one again.
    mutating func replicate() throws {
        try checkpoint()
        let path = "\(folder)/export-\(parties.exports.count)"
        var export = LogExport(
            signer: try ExportSigner(
                origin: signer.key.name, seed: sha256(Array("export".utf8))))
        if let replica = parties.replica {
            // What was signed again at one size is nothing new.
            guard try machine.head().size > replica.checkpoint.size else { return }
            if chance(85) { export.since = try signed(replica) }
        }
        _ = try export.write(try machine.openLog(), to: .folder(path))
        parties.exports.append(path)
        guard chance(85) else { return tally.count("replica: exports delayed") }
        try bring(chance(75) ? path : pick(parties.exports) ?? path)
    }

    private func signed(_ replica: Replica) throws -> SignedCheckpoint {
        let url = URL(filePath: "\(replica.folder)/checkpoint")
        return try SignedCheckpoint(parsing: Array(try Data(contentsOf: url)))
    }

    private mutating func bring(_ export: String) throws {
        let before = parties.replica
        do throws(ReplicaRefusal) {
            if let before {
                parties.replica = try before.applying(export)
            } else {
                parties.replica = try Replica.create(
                    "\(folder)/replica", from: export, ledgerID: ledger)
            }
            tally.count(before == nil ? "replica: made" : "replica: brought on")
        } catch {
            switch error {
            case .older, .gap: tally.count("replica: exports out of turn")
            case .findings(_, let first) where first.contains("expected no such incident"):
                tally.count("replica: incidents refused")
            case .unreadable(let reason) where before == nil && reason.contains("is a delta"):
                tally.count("replica: exports out of turn")
            default: problems.append("the replica: \(error)")
            }
            if parties.replica?.checkpoint != before?.checkpoint {
                problems.append("a refused export has changed the replica")
            }
        }
    }

    // MARK: In the end

    /// Witness, replica and ledger agree, once everything that was on its way has come.
    mutating func checkParties(_ state: [UInt8]) throws {
        try checkpoint()
        guard let note = parties.notes.last else { return }
        let head = try machine.head()
        try offer(note, from: parties.witnessed?.size ?? 0)
        let kept = try startWitness().0.head(signer.key.name)?.checkpoint
        if kept?.size != head.size || kept?.root != head.root {
            problems.append("the witness has \(kept.map { "\($0)" } ?? "nothing"), not \(head)")
        }
        for (number, old) in [true, false].enumerated() {
            guard parties.replica?.checkpoint.size != head.size else { break }
            var export = LogExport(
                signer: try ExportSigner(
                    origin: signer.key.name, seed: sha256(Array("export".utf8))))
            if old, let replica = parties.replica { export.since = try signed(replica) }
            let path = "\(folder)/last-\(number)"
            _ = try export.write(try machine.openLog(), to: .folder(path))
            parties.exports.append(path)
            try bring(path)
        }
        // A log with incidents has no replica; its whole export must lead to the same state.
        let replica = parties.replica.flatMap { $0.checkpoint.size == head.size ? $0 : nil }
        guard let folder = replica?.folder ?? parties.exports.last else { return }
        let outcome = try ExportAudit().run(folder)
        for finding in outcome.report.findings {
            if case .incident = finding.rule { continue }
            problems.append("what others hold: \(finding)")
        }
        if outcome.state?.encoded != state {
            problems.append("what others hold leads to another state")
        }
        tally.count(replica == nil ? "exports compared" : "replicas compared")
    }
}
