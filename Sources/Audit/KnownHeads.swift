package import Bytes
internal import Dispatch
internal import Events
package import Merkle
package import State
internal import Synchronization

/// The signed checkpoints that somebody knows of a log, each compared with the tree as soon as the
/// replay has come to its size.
package struct KnownHeads: Sendable {
    /// The key that the log's checkpoints are signed with.
    package let key: NoteVerifierKey
    /// How many entries the newest checkpoint covers that the tree bears out.
    package private(set) var checkpointed: UInt64 = 0
    /// The notes of that size.
    package private(set) var newest: [SignedCheckpoint] = []
    private var waiting: [KnownHead] = []

    /// Witnesses whose cosignatures must verify where they are.
    private let witnesses: [NoteVerifierKey]

    /// Starts with the key that the founding event names, and the witnesses that are known.
    package init(
        _ state: LedgerState, witnesses: [NoteVerifierKey] = []
    ) throws(MerkleError) {
        self.witnesses = witnesses
        key = try state.logKey
    }

    /// Takes in checkpoints whose signatures hold; what is said of the others is returned.
    package mutating func add(_ heads: [KnownHead]) -> [Finding] {
        let errors = Mutex<[Int: MerkleError]>([:])
        let forged = Mutex<[Int: [Finding]]>([:])
        DispatchQueue.concurrentPerform(iterations: heads.count) { [key, witnesses] index in
            do throws(MerkleError) {
                _ = try heads[index].signed.verified(with: key)
                let found = witnesses.compactMap { heads[index].forgery(of: $0) }
                if !found.isEmpty { forged.withLock { $0[index] = found } }
            } catch {
                errors.withLock { $0[index] = error }
            }
        }
        let forgeries = forged.withLock { $0 }
        var findings: [Finding] = []
        let found = errors.withLock { $0 }
        for (index, head) in heads.enumerated() {
            if let error = found[index] {
                findings.append(head.unsigned(by: key, error))
            } else {
                waiting.append(head)
                findings += forgeries[index] ?? []
            }
        }
        waiting.sort { $0.signed.checkpoint.size > $1.signed.checkpoint.size }
        return findings
    }

    /// Compares the roots of the heads that the replay has passed.
    ///
    /// - Parameter older: answers for sizes from before the replay's start; nil passes over them.
    package mutating func compare(
        _ replay: Replay, older: (UInt64) throws(AuditError) -> Digest32?
    ) throws(AuditError) -> [Finding] {
        var tree = replay.tree
        var findings: [Finding] = []
        while let head = waiting.last, head.signed.checkpoint.size <= tree.size {
            waiting.removeLast()
            let checkpoint = head.signed.checkpoint
            var root = tree.root(at: checkpoint.size)
            if root == nil { root = try older(checkpoint.size) }
            guard let root else { continue }
            if root == checkpoint.root {
                take(head.signed)
            } else {
                findings.append(head.contradicted(by: root))
            }
        }
        return findings
    }

    private mutating func take(_ signed: SignedCheckpoint) {
        let size = signed.checkpoint.size
        if size > checkpointed || newest.isEmpty { newest = [] }
        guard size >= checkpointed else { return }
        checkpointed = size
        newest.append(signed)
    }

    /// What is said of heads beyond the log's `size`.
    package func beyond(_ size: UInt64) -> [Finding] {
        waiting.filter { $0.signed.checkpoint.size > size }.map { head in
            Finding(
                position: nil, rule: .rollback, place: head.place,
                expected: "\(head.signed.checkpoint.size) entries, which \(head.label) has signed",
                found: "\(size): an older copy, or entries were removed")
        }
    }
}

/// A checkpoint that somebody knows of, and where from.
package struct KnownHead: Sendable {
    package let label: String
    package let signed: SignedCheckpoint
    package let place: EvidencePlace?

    /// Names a checkpoint.
    package init(_ label: String, _ signed: SignedCheckpoint, place: EvidencePlace? = nil) {
        self.label = label
        self.signed = signed
        self.place = place
    }

    fileprivate func unsigned(by key: NoteVerifierKey, _ error: MerkleError) -> Finding {
        Finding(
            position: nil, rule: .checkpoint, place: place,
            expected: "the signature of \(key.name) under \(label)", found: "\(error)")
    }

    /// What is wrong with a witness's line, when it has one.
    package func forgery(of witness: NoteVerifierKey) -> Finding? {
        do throws(MerkleError) {
            _ = try signed.verifiedCosignatureSeconds(with: witness)
            return nil
        } catch {
            guard case .signature = error else { return nil }
            return Finding(
                position: nil, rule: .checkpoint, place: place,
                expected: "a cosignature of \(witness.name) under \(label)", found: "\(error)")
        }
    }

    fileprivate func contradicted(by root: Digest32) -> Finding {
        let checkpoint = signed.checkpoint
        return Finding(
            position: checkpoint.size == 0 ? nil : checkpoint.size - 1, rule: .rollback,
            place: place,
            expected: "the root \(checkpoint.root.hex) at size \(checkpoint.size), which \(label) "
                + "has signed",
            found: "\(root.hex): there are two histories, keep both as evidence")
    }
}
