internal import Files
internal import Merkle
internal import Storage

/// The newest checkpoint of one log that the witness has cosigned, in a file kept apart from the
/// database: what a restored older copy of the database is recognised by.
struct WitnessHeadFile: Sendable {
    let path: String

    func read() throws(WitnessError) -> SignedCheckpoint? {
        let bytes = try filed { () throws(FileError) in
            try readFile(path, maximumBytes: Note.maximumBytes)
        }
        guard let bytes else { return nil }
        do throws(MerkleError) { return try SignedCheckpoint(parsing: bytes) } catch {
            throw .storage(.corrupted(path: path, reason: "\(error)"))
        }
    }

    /// Runs `body` while nobody else, in this process or another, changes this log's head.
    func locked<Result>(_ body: () throws(WitnessError) -> Result) throws(WitnessError) -> Result {
        try withFileLock(path + ".lock", body)
    }

    /// Replaces the checkpoint, durably, by a larger one, or by one of the same head with other
    /// signatures; every other is refused and changes nothing. The lock must be held.
    func advance(to checkpoint: SignedCheckpoint) throws(WitnessError) {
        if let known = try read()?.checkpoint {
            let new = checkpoint.checkpoint
            guard known.size <= new.size else {
                throw .behindHead(head: known, database: new.size)
            }
            guard known.size < new.size || known.root == new.root else {
                throw .contradictsHead(head: known, database: new)
            }
        }
        try filed { () throws(FileError) in
            try replaceFile(path, with: Array(checkpoint.note.encodedText.utf8))
        }
    }
}
