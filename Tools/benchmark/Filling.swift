internal import Acting
internal import Events
internal import Keys
internal import Ledger
internal import Merkle
internal import SampleLedger
internal import Secrets
internal import State

/// Makes the ledger that is measured, through the same writer as any other.
enum Filling {
    static let members = 64

    /// Founds a ledger in `folder` and appends one-signature events until it has `count` entries;
    /// each has seen the head before its batch.
    static func fill(_ folder: String, to count: Int) throws {
        let sample = try SampleLedger(members: members)
        let writer = try sample.found(in: folder) { SampleLedger.epoch }
        var sequences = (0..<members).map { sample.firstSequence(of: $0) }
        while true {
            let head = try writer.log.treeHead()
            let size = min(LedgerWriter.batchLimit, count - Int(head.size))
            guard size > 0 else { break }
            let first = sequences
            let batch = try parallelMap(size) { index in
                let author = index % members
                let event = try sample.signers[author].attest(
                    sequence: first[author] + UInt64(index / members), seen: head,
                    ledger: sample.id)
                guard let checked = CheckedSubmission(Submission(event), keys: writer.keys) else {
                    preconditionFailure("a signature that was just made verifies")
                }
                return checked
            }
            for answer in try writer.append(batch) { _ = try answer.get() }
            for index in 0..<size { sequences[index % members] += 1 }
        }
        let signer = try SampleLedger.checkpointKey(name: writer.log.origin)
        _ = try writer.log.signCheckpoint(with: signer)
    }

    /// Signs `each` more events of every member, which have seen the head.
    static func sign(each: Int, for writer: LedgerWriter) throws -> [[Submission]] {
        let sample = try SampleLedger(members: members)
        let state = try writer.state()
        let head = try writer.log.treeHead()
        let events = try parallelMap(members * each) { index in
            let signer = sample.signers[index / each]
            let next = state.authors[signer.key.publicKey.id]?.nextSequence ?? 0
            return Submission(
                try signer.attest(
                    sequence: next + UInt64(index % each), seen: head, ledger: sample.id))
        }
        return (0..<members).map { Array(events[$0 * each..<($0 + 1) * each]) }
    }
}
