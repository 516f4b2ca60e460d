internal import Files
internal import Merkle

/// The newest signed checkpoint, in a file beside the database: what an older database that was put
/// in its place is recognised by. When the whole folder was put back it says nothing; the memories
/// beside the keys do.
struct HeadFile: Sendable {
    let path: String

    /// Reads the checkpoint; nil when the file is not there yet.
    func read() throws(LedgerError) -> SignedCheckpoint? {
        let bytes = try filed { () throws(FileError) in
            try readFile(path, maximumBytes: Note.maximumBytes)
        }
        guard let bytes else { return nil }
        do { return try SignedCheckpoint(parsing: bytes) } catch { throw .merkle(error) }
    }

    /// Runs `body` while no other process may advance the head.
    func locked<Result, Failure: LedgerFailure>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withFileLock(path + ".lock", body)
    }

    /// Replaces the checkpoint by a larger one, or by one of the same head with other signatures. A
    /// smaller one changes nothing; another root at the same size is refused. The lock must be
    /// held.
    func advance(to checkpoint: SignedCheckpoint) throws(LedgerError) {
        let new = checkpoint.checkpoint
        if let known = try read() {
            let old = known.checkpoint
            guard old.origin.utf8.elementsEqual(new.origin.utf8) else {
                throw .foreignOrigin(expected: old.origin, found: new.origin)
            }
            if old.size > new.size || known == checkpoint { return }
            guard old.size < new.size || old.root == new.root else {
                throw .forkedFromHead(head: old, database: new)
            }
        }
        try filed { () throws(FileError) in
            try replaceFile(path, with: Array(checkpoint.note.encodedText.utf8))
        }
    }
}
