import Acting
import Auditing
import Bytes
import Events
import Export
import Ledger
import Merkle
import State
import Terminal

/// Makes proofs from a ledger.
struct Prover {
    let open: OpenLedger
    let logKey: NoteVerifierKey
    private let founding: [UInt8]
    private let policy: WitnessPolicy?

    init(_ options: LedgerOptions) throws {
        open = try options.read()
        let first = try open.entry(0)
        founding = first.entry
        logKey = try FoundingFacts(entry: first.entry, ledger: open.log.ledgerID).logKey
        policy = try PolicyFile(ledger: open.log.folder).read()
    }

    /// The position that a person names: a number, or an event's id.
    func position(_ text: String) throws -> UInt64 {
        if text.utf8.count <= 16, let position = UInt64(text) {
            _ = try open.entry(position)
            return position
        }
        guard let id = Digest32(hex: text) else {
            throw CommandError.usage(
                "\(text.plain) is neither a position nor an event's id of 64 hexadecimal digits")
        }
        let position = try open.log.read { (view) throws(LedgerError) in
            try view.position(ofEvent: id)
        }
        guard let position else { throw CommandError.refused("no event has the id \(id.hex)") }
        return position
    }

    /// Proves that the entry at `position` is in the newest checkpoint that the policy accepts, or
    /// in the newest of all.
    func proof(of position: UInt64) throws -> EntryProof {
        let entry = try open.entry(position).entry
        let (checkpoint, hashes) = try open.log.read { (view) throws(LedgerError) in
            var newest = try view.newestCheckpoint(covering: position + 1, where: isWitnessed)
            if newest == nil { newest = try view.latestCheckpoint() }
            guard let newest, newest.checkpoint.size > position else {
                return (SignedCheckpoint?.none, [Digest32]())
            }
            return (
                newest, try view.inclusionProof(position, size: newest.checkpoint.size)
            )
        }
        guard let checkpoint else {
            throw CommandError.refused(
                "the entry \(position) is appended, but no signed checkpoint covers it yet; sign "
                    + "one with `strongroom checkpoint`")
        }
        return try EntryProof(
            index: position, hashes: hashes, checkpoint: checkpoint, entry: entry,
            founding: founding)
    }

    private func isWitnessed(_ checkpoint: SignedCheckpoint) -> Bool {
        (try? policy?.judge(checkpoint, logKey: logKey))?.isSatisfied == true
    }

    /// The signed checkpoint that a person names: a size, or a file.
    func checkpoint(_ text: String) throws -> SignedCheckpoint {
        guard text.utf8.count <= 16, let size = UInt64(text) else {
            return try InputFile.checkpoint(text)
        }
        let (found, below, above) = try open.log.read { (view) throws(LedgerError) in
            var below: UInt64?
            var above: UInt64?
            try view.forEachCheckpoint { (other) throws(LedgerError) in
                if other.checkpoint.size < size { below = other.checkpoint.size }
                if other.checkpoint.size > size { above = other.checkpoint.size }
                return above == nil
            }
            return (try view.checkpoint(size: size), below, above)
        }
        guard let found else {
            let near = [below, above].compactMap { $0.map { "\($0)" } }.joined(separator: " and ")
            throw CommandError.refused(
                "no checkpoint of size \(size) was signed"
                    + (near.isEmpty ? "" : "; the nearest are of size \(near)"))
        }
        return found
    }

    /// Proves that one checkpoint extends the other, both of which must be of this very log.
    func consistency(
        from old: SignedCheckpoint, to new: SignedCheckpoint
    ) throws -> ConsistencyProof {
        for checkpoint in [old, new] { try requireOurs(checkpoint) }
        let (from, to) = (old.checkpoint.size, new.checkpoint.size)
        guard from <= to else {
            throw CommandError.usage("the older checkpoint has \(from) entries, the newer \(to)")
        }
        let hashes = try open.log.read { (view) throws(LedgerError) in
            try view.consistencyProof(from: from, to: to)
        }
        let proof = try ConsistencyProof(hashes: hashes, older: old, newer: new)
        try proof.verify(with: logKey)
        return proof
    }

    private func requireOurs(_ signed: SignedCheckpoint) throws {
        let checkpoint = try signed.verified(with: logKey).checkpoint
        let root = try open.log.read { (view) throws(LedgerError) -> Digest32? in
            checkpoint.size <= view.size ? try view.root(at: checkpoint.size) : nil
        }
        guard let root else {
            throw CommandError.refused(
                "the checkpoint of size \(checkpoint.size) is ahead of this ledger, which has "
                    + "\(try open.size()) entries: an older copy?")
        }
        guard root == checkpoint.root else {
            throw CommandError.refused(
                "the checkpoint of size \(checkpoint.size) contradicts this ledger: there are two "
                    + "histories; `strongroom compare` writes the proof")
        }
    }

    /// Writes a proof to a new file, whole or not at all.
    func write(_ text: String, to path: String) throws {
        try OutputFile.write(Array(text.utf8), to: path)
    }

    /// How the recipient checks it.
    func hint(_ path: String) -> String {
        "Check it: strongroom-verify check-proof \(path) --ledger-id \(open.log.ledgerID.hex)"
    }
}
