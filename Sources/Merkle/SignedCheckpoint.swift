/// A checkpoint with signature lines that nobody has verified yet.
public struct SignedCheckpoint: Sendable, Hashable {
    /// The signed note.
    public let note: Note
    /// What its text says.
    public let checkpoint: Checkpoint

    /// Parses a signed note whose text is a checkpoint.
    public init(parsing bytes: [UInt8]) throws(MerkleError) {
        try self.init(Note(parsing: bytes))
    }

    /// Reads the checkpoint in a note's text.
    public init(_ note: Note) throws(MerkleError) {
        self.note = note
        checkpoint = try Checkpoint(parsing: note.text)
    }

    /// Verifies the log's signature: a line of `key`, whose name must be the checkpoint's origin.
    ///
    /// Lines of other keys are left alone; two lines of `key` must both verify.
    public func verified(with key: NoteVerifierKey) throws(MerkleError) -> VerifiedCheckpoint {
        guard key.kind == .ed25519, key.name.utf8.elementsEqual(checkpoint.origin.utf8) else {
            throw .unsigned(name: checkpoint.origin, id: key.id)
        }
        _ = try verifiedLines(of: key)
        return VerifiedCheckpoint(unchecked: self)
    }

    /// Verifies the cosignature of `key` and returns its time in seconds since 1970; of several,
    /// the latest.
    public func verifiedCosignatureSeconds(
        with key: NoteVerifierKey
    ) throws(MerkleError) -> UInt64 {
        guard key.kind == .cosignature else { throw .unsigned(name: key.name, id: key.id) }
        let times = try verifiedLines(of: key).compactMap { cosignatureSeconds($0.bytes) }
        guard let latest = times.max() else { throw .unsigned(name: key.name, id: key.id) }
        return latest
    }

    /// The same checkpoint with one more line; a line of the same key is replaced.
    public func adding(_ signature: NoteSignature) throws(MerkleError) -> SignedCheckpoint {
        let others = note.signatures.filter {
            $0.keyID != signature.keyID || !$0.name.utf8.elementsEqual(signature.name.utf8)
        }
        return try SignedCheckpoint(Note(text: note.text, signatures: others + [signature]))
    }

    /// The same checkpoint with none but the lines that verify under one of `keys`; at least one
    /// must.
    public func keepingLines(of keys: [NoteVerifierKey]) throws(MerkleError) -> SignedCheckpoint {
        let lines = note.signatures.filter { line in
            keys.contains { key in
                key.id == line.keyID && key.name.utf8.elementsEqual(line.name.utf8)
                    && key.isValid(line.bytes, for: note.text)
            }
        }
        return try SignedCheckpoint(Note(text: note.text, signatures: lines))
    }

    /// Whether a line names this key; says nothing about whether it verifies.
    public func hasLine(of key: NoteVerifierKey) -> Bool { !lines(of: key).isEmpty }

    private func lines(of key: NoteVerifierKey) -> [NoteSignature] {
        // Names are compared by their bytes: Swift takes differently composed letters for equal.
        note.signatures.filter {
            $0.keyID == key.id && $0.name.utf8.elementsEqual(key.name.utf8)
        }
    }

    private func verifiedLines(of key: NoteVerifierKey) throws(MerkleError) -> [NoteSignature] {
        let lines = lines(of: key)
        guard !lines.isEmpty else { throw .unsigned(name: key.name, id: key.id) }
        for line in lines where !key.isValid(line.bytes, for: note.text) {
            throw .signature(name: key.name, id: key.id)
        }
        return lines
    }
}

/// A checkpoint whose log signature has been verified; only verification and signing make one.
public struct VerifiedCheckpoint: Sendable, Hashable {
    /// The note it came in.
    public let signed: SignedCheckpoint

    init(unchecked signed: SignedCheckpoint) { self.signed = signed }

    /// What was signed.
    public var checkpoint: Checkpoint { signed.checkpoint }
}
