internal import Bytes
internal import Events
internal import Export
internal import Foundation
internal import Keys
internal import Merkle
internal import Report
internal import Terminal

/// Checks one proof file and says what it shows.
enum ProofExamination {
    /// Checks the file's bytes by what their first line says they are.
    static func examine(_ bytes: [UInt8], file: String, _ terms: ProofTerms) -> ProofReport {
        let head = String(decoding: bytes.prefix(64), as: UTF8.self)
        let first = head.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
        switch first {
        case ConsistencyProof.header: return consistency(bytes, file, terms)
        case ForkProof.header: return fork(bytes, file, terms)
        default: return entry(bytes, file, terms)
        }
    }

    // MARK: An entry

    private static func entry(
        _ bytes: [UInt8], _ file: String, _ terms: ProofTerms
    ) -> ProofReport {
        var report = ProofReport(file: file, kind: "that an entry stands in a log")
        do {
            let proof = try LogProof(parsing: bytes)
            let head = proof.checkpoint.checkpoint
            report.add("ledger", "Log", head.origin)
            report.add("position", "Position", "\(proof.index), of \(head.size) entries")
            report.add("root", "Root", head.root.hex)
            let carried = try EntryProof(proof, entry: terms.entry)
            try proof.check(leaf: leafHash(carried.entry))
            report.add("leaf", "Leaf", leafHash(carried.entry).hex)
            let founding = founding(of: carried, terms, &report)
            show(carried, founding, &report)
            judge(proof.checkpoint, founding, terms, &report)
        } catch ExportedProofError.noEntry {
            report.addUnchecked("\(ExportedProofError.noEntry)")
        } catch { report.addProblem("\(error)") }
        report.addNotProven(
            "that it was authorised: whether its author might do this there is for the replay of "
                + "all entries before it to decide (strongroom-verify)")
        report.addNotProven("that nothing followed it: an abort, a voiding, a later head")
        return report
    }

    private static func founding(
        of carried: EntryProof, _ terms: ProofTerms, _ report: inout ProofReport
    ) -> FoundingFacts? {
        let head = carried.proof.checkpoint.checkpoint
        // Without anything known beforehand, the proof is still read by what it says itself.
        guard let ledger = terms.trustedLedger(head) ?? ProofTerms.ledger(in: head.origin),
            carried.founding != nil
        else { return nil }
        do { return try carried.founded(ledger) } catch {
            report.addProblem("\(error)")
            return nil
        }
    }

    private static func show(
        _ carried: EntryProof, _ founding: FoundingFacts?, _ report: inout ProofReport
    ) {
        let origin = carried.proof.checkpoint.checkpoint.origin
        guard let ledger = ProofTerms.ledger(in: origin) else {
            report.add("entry", "Entry", "\(carried.entry.count) bytes of a log that is no ledger")
            return
        }
        do {
            let (recorded, event) = try carried.event(of: ledger)
            let member = founding?.founded.members.first { $0.key == event.author }?.member.text
            report.add("event", "Event", event.event.fact.type.rawValue)
            report.add("id", "Id", event.id.hex)
            if let request = event.event.fact.namedRequest {
                report.add("request", "Request", request.hex)
            }
            report.add(
                "author", "Author",
                member.map { "\($0), a founding member" } ?? "not a founding member")
            report.add("key", "Key", "\(event.author.hex), whose signature verifies")
            report.add("signed", "Signed at", CalendarTime.text(event.event.time))
            report.add("recorded", "Recorded", CalendarTime.text(recorded))
            report.add("body", "Body", event.event.fact.cbor.description)
            if member == nil {
                report.addNotProven("whose key it is: the founding event does not name it")
            }
        } catch { report.addProblem("\(error)") }
    }

    // MARK: Two checkpoints

    private static func consistency(
        _ bytes: [UInt8], _ file: String, _ terms: ProofTerms
    ) -> ProofReport {
        var report = ProofReport(file: file, kind: "that one checkpoint extends another")
        do {
            let proof = try ConsistencyProof(parsing: bytes)
            let (old, new) = (proof.older.checkpoint, proof.newer.checkpoint)
            report.add("ledger", "Log", new.origin)
            report.add("older", "Older", "\(old)")
            report.add("newer", "Newer", "\(new)")
            try checkConsistency(
                proof.hashes, from: old.size, oldRoot: old.root, to: new.size, newRoot: new.root)
            requireLedger(new, terms, &report)
            guard let (key, source) = try terms.trustedKey(for: proof.newer, nil) else {
                report.addUnchecked(noLogKey)
                return report
            }
            try proof.verify(with: key)
            report.add("signed", "Signed", "both by \(source)")
            try judgeWitnesses(proof.newer, key, terms, &report)
        } catch { report.addProblem("\(error)") }
        report.addNotProven("what the entries say, or that they were authorised")
        return report
    }

    private static func fork(
        _ bytes: [UInt8], _ file: String, _ terms: ProofTerms
    ) -> ProofReport {
        var report = ProofReport(file: file, kind: "that a log was forked")
        do {
            let proof = try ForkProof(parsing: bytes)
            let (one, two) = (proof.smaller.checkpoint, proof.larger.checkpoint)
            report.add("ledger", "Log", one.origin)
            report.add("one", "One head", "\(one)")
            report.add("other", "The other", "\(two)")
            if let prefix = proof.prefix {
                report.add(
                    "contradiction", "Contradict",
                    "the tree of \(two.size) entries had the root \(prefix.hex) at size "
                        + "\(one.size)")
            } else {
                report.add("contradiction", "Contradict", "one size has two roots")
            }
            requireLedger(one, terms, &report)
            guard let (key, source) = try terms.trustedKey(for: proof.smaller, nil) else {
                report.addUnchecked(noLogKey)
                return report
            }
            try proof.verify(with: key)
            report.add(
                "signed", "Signed", "both by \(source): the log's owner signed two histories")
        } catch { report.addProblem("\(error)") }
        report.addNotProven("which of the two is the right one")
        return report
    }

    // MARK: Signatures

    /// A proof without an entry does not hold the founding event, which would lead to the log's
    /// key.
    private static let noLogKey =
        "who signed the checkpoints: give --log-key or --policy, from elsewhere than this file; "
        + "the ledger's id does not tell the key of its log"

    private static let noKey =
        "who signed the checkpoint: give --ledger-id, --log-key or --policy, from elsewhere than "
        + "this file"

    private static func requireLedger(
        _ checkpoint: Checkpoint, _ terms: ProofTerms, _ report: inout ProofReport
    ) {
        guard let ledger = terms.ledger, ledger != ProofTerms.ledger(in: checkpoint.origin) else {
            return
        }
        report.addProblem("the checkpoint is of \(checkpoint.origin), not of \(ledger.hex)")
    }

    private static func judge(
        _ checkpoint: SignedCheckpoint, _ founding: FoundingFacts?, _ terms: ProofTerms,
        _ report: inout ProofReport
    ) {
        requireLedger(checkpoint.checkpoint, terms, &report)
        do {
            guard let (key, source) = try terms.trustedKey(for: checkpoint, founding) else {
                return report.addUnchecked(noKey)
            }
            _ = try checkpoint.verified(with: key)
            if let founding, founding.logKey != key {
                report.addProblem("the log's key is not the one that the founding event names")
            }
            // Witnesses sign what any log shows them: a policy without a log trusts none.
            let isListed = terms.policy.map { !$0.logs.isEmpty } ?? false
            let isTrusted = terms.ledger != nil || terms.logKey != nil || isListed
            guard isTrusted else { return report.addUnchecked(noKey) }
            report.add("signed", "Signed", "by \(source)")
            try judgeWitnesses(checkpoint, key, terms, &report)
        } catch { report.addProblem("\(error)") }
    }

    private static func judgeWitnesses(
        _ checkpoint: SignedCheckpoint, _ key: NoteVerifierKey, _ terms: ProofTerms,
        _ report: inout ProofReport
    ) throws(MerkleError) {
        guard let policy = terms.policy else {
            report.addNotProven("that others saw the same log: no --policy names witnesses")
            return
        }
        let verdict = try policy.judge(checkpoint, logKey: key)
        for cosignature in verdict.cosignatures {
            let time = cosignature.seconds.multipliedReportingOverflow(by: 1_000)
            report.add(
                "witness", "Witnessed",
                "by \(cosignature.witness.name), "
                    + CalendarTime.text(time.overflow ? .max : time.partialValue))
        }
        for witness in verdict.missing {
            report.add("missing", "Missing", "the witness \(witness.name)")
        }
        guard verdict.isSatisfied else {
            return report.addProblem("the policy's quorum of witnesses is not met")
        }
        report.add("quorum", "Quorum", "met")
    }
}
