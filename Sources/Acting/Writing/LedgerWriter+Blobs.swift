internal import Bytes
internal import Events
internal import Ledger
internal import State

extension LedgerWriter {
    /// The blobs of a submission that its event names, each once. Others are nobody's: no limit
    /// counts them, and a verifier finds them.
    static func namedBlobs(of submission: Submission) -> [LogRecord.Blob] {
        let fact = submission.event.event.fact
        var named = Set(fact.blobDigests)
        return submission.blobs.compactMap { bytes in
            let digest = sha256(bytes)
            return named.remove(digest).map { LogRecord.Blob(digest: $0, bytes: bytes) }
        }
    }

    /// Why an event is refused whose documents do not come with it and are not stored: `decide`
    /// does not read them, but a log without them does not verify.
    func missingAttachment(
        of submission: Submission, _ view: borrowing LogView
    ) throws(SubmissionError) -> Refusal? {
        for reference in submission.event.event.fact.attachments {
            var found = submission.blobs.first { sha256($0) == reference.digest }?.count
            if found == nil {
                do { found = try view.blob(reference.digest)?.count } catch {
                    throw .ledger(error)
                }
            }
            guard found != reference.size else { continue }
            return Refusal(
                .blobMissing,
                "the document \(reference.digest.hex) of \(reference.size) bytes, which the event "
                    + "attaches, \(found.map { "has \($0) bytes" } ?? "is missing"); submit it "
                    + "with the event")
        }
        return nil
    }

    /// Why an event is refused that comes with a name which is none: no rule reads names, and no
    /// limit but this counts them.
    static func faultyName(of submission: Submission) -> Refusal? {
        let persons = Set(submission.event.event.fact.persons)
        guard !persons.isEmpty else { return nil }
        for blob in submission.blobs where persons.contains(sha256(blob)) {
            guard SaltedValue(blob: blob)?.name == nil else { continue }
            return Refusal(
                .blobLimit,
                "the \(blob.count) bytes behind the commitment \(sha256(blob).hex) are no name: a "
                    + "salt of \(SaltedValue.saltBytes) bytes and one line of 1 to "
                    + "\(SaltedValue.nameLimit) bytes are accepted")
        }
        return nil
    }
}
