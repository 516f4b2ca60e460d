internal import Bytes
public import Ledger
public import Merkle
internal import Schemas

/// Some events of a log, each with the proof that it stands in it, and nothing of the others
/// (`Schemas/export.md`).
public struct DisclosureExport {
    /// Who vouches for the files.
    public var signer: ExportSigner
    /// Which events.
    public var choice: DisclosedChoice
    /// Whose signatures a checkpoint needs, for `tlog-policy`; nil for one that names the log's key
    /// alone.
    public var policy: WitnessPolicy?

    /// Creates a disclosure of these events.
    public init(_ choice: DisclosedChoice, signer: ExportSigner) {
        self.choice = choice
        self.signer = signer
    }

    /// What was written.
    public struct Summary: Sendable, Hashable {
        /// The head that the proofs lead to.
        public let checkpoint: Checkpoint
        /// How many events are disclosed, the founding one among them.
        public let events: UInt64
        /// How many documents of theirs stay closed.
        public let closedDocuments: UInt64
        /// How many names of people that they commit to stay closed.
        public let closedNames: UInt64
        /// How many files there are.
        public let files: UInt64
    }

    /// Writes the disclosure; under its name it appears whole and durable, or not at all.
    public func write(_ log: Log, to target: ExportTarget) throws(ExportError) -> Summary {
        try log.read { (view) throws(ExportError) in
            let exported = try ExportedLog(log, view)
            let events = try DisclosedEvents(choice, exported, view)
            let files = try ExportFiles(target)
            let text = DisclosureText(exported, events, signer: signer.key)
            try files.write(.readme, Array(text.readme.utf8).span)
            for digest in events.blobs.sorted() { try write(digest, view, files) }
            let head = exported.head.signed
            try files.write(.checkpoint, Array(head.note.encodedText.utf8).span)
            for position in events.positions {
                try write(position, head, view, files)
            }
            for schema in EmbeddedSchemas.files {
                try files.write(.schema(schema.name), Array(schema.text.utf8).span)
            }
            let policy = policy ?? WitnessPolicy(log: exported.key)
            try files.write(.policy, policy.encoded.span)
            try files.finish(exported.checkpoint, by: signer)
            return Summary(
                checkpoint: exported.checkpoint, events: UInt64(events.positions.count),
                closedDocuments: UInt64(events.closed.count),
                closedNames: UInt64(events.closedNames.count), files: files.count)
        }
    }

    private func write(
        _ digest: Digest32, _ view: borrowing LogView, _ files: ExportFiles
    ) throws(ExportError) {
        let blob = try logged { () throws(LedgerError) -> [UInt8]? in
            guard let blob = try view.blob(digest) else { return nil }
            return [UInt8](capacity: blob.count) { $0.append(blob) }
        }
        guard let blob else {
            throw .notDisclosed(
                "the bytes behind \(digest.hex) are not in the ledger: they were erased, or never "
                    + "came")
        }
        guard try files.write(.blob(digest), blob.span) == digest else {
            throw .ledger(.damagedBlob(digest))
        }
    }

    /// Writes an entry with its proof, which is checked before it is handed over.
    private func write(
        _ position: UInt64, _ head: SignedCheckpoint, _ view: borrowing LogView,
        _ files: ExportFiles
    ) throws(ExportError) {
        let entry: [UInt8]
        let hashes: [Digest32]
        do throws(LedgerError) {
            let lent = try view.entry(position)
            entry = [UInt8](capacity: lent.count) { $0.append(lent) }
            hashes = try view.inclusionProof(position, size: head.checkpoint.size)
        } catch { throw .ledger(error) }
        let proof: LogProof
        do throws(MerkleError) {
            proof = try LogProof(index: position, hashes: hashes, checkpoint: head)
            try proof.check(leaf: leafHash(entry))
        } catch {
            throw .damaged("the entry at position \(position) is not proven: \(error)")
        }
        try files.write(.disclosedEntry(position), entry.span)
        try files.write(.disclosedProof(position), Array(proof.encodedText.utf8).span)
    }
}
