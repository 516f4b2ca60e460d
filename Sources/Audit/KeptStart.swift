public import Bytes
public import Events
public import Keys
internal import Merkle
internal import State

/// What a verification took from a kept result instead of checking it.
public struct KeptStart: Sendable, Hashable {
    /// The head that it started from.
    public let head: TreeHead
    /// The digest of the state that it started from.
    public let state: Digest32
    /// How many findings the verification had that the result was kept from.
    public let findings: UInt64
    /// The auditor's key and the position of his `attested` event, when the result was accepted on
    /// his word.
    public let attestedBy: KeyID?
    public let attestedAt: UInt64?
}

extension AuditTerms {
    /// Begins the replay of `source`: before the founding event, or where the kept result ends.
    ///
    /// - Throws: ``AuditError`` when the kept result is of another ledger, damaged, or not vouched
    ///   for by the auditor it should be.
    package func startingReplay(
        of source: some EventSource, _ report: inout AuditReport
    ) throws(AuditError) -> Replay {
        guard let kept else { return Replay() }
        if let ledgerID, ledgerID != kept.ledger {
            throw .otherLedger(expected: ledgerID, found: kept.ledger)
        }
        // A state from other hands is not even parsed before it is vouched for.
        let attestedAt = try attestedBy.map { (key) throws(AuditError) in
            try kept.attestation(by: key, in: source)
        }
        let state = try kept.state()
        let start = KeptStart(
            head: kept.head, state: kept.stateDigest, findings: kept.findings,
            attestedBy: attestedBy, attestedAt: attestedAt)
        report.kept = start
        report.name = state.founding.name.text
        report.notes.append(start.note)
        report.notChecked.append(
            .other(
                "the first \(start.head.size) entries, and the blobs that they name: the state "
                    + "after them is taken from the kept result"))
        if start.findings > 0 {
            report.add(
                Finding(
                    position: nil, rule: .kept,
                    expected: "a kept result of a verification without findings",
                    found: "\(start.findings) in the first \(start.head.size) entries, which stand")
            )
        }
        return Replay(from: state, frontier: kept.frontier)
    }
}

extension KeptStart {
    fileprivate var note: String {
        let whose: String
        if let attestedBy, let attestedAt {
            whose =
                "accepted because the key \(attestedBy.hex) attested it at position \(attestedAt)"
        } else {
            whose = "accepted as your own"
        }
        return "started from a kept result: size \(head.size), root \(head.root.hex), state "
            + "\(state.hex), \(findings) findings; \(whose)"
    }
}

extension KeptResult {
    /// Finds the `attested` event by which the auditor of `key` vouches for this result.
    fileprivate func attestation(
        by key: KeyID, in source: some EventSource
    ) throws(AuditError) -> UInt64 {
        guard let publicKey = PublicKey(key) else {
            throw .unvouched("\(key.hex) is no public key")
        }
        let wanted = Attested(head: head, state: stateDigest, findings: findings)
        // An auditor attests a head that he has seen, and so after it.
        for start in stride(from: head.size, to: source.size, by: 512) {
            let entries = try source.entries(start..<min(start + 512, source.size))
            for (offset, bytes) in entries.enumerated() {
                guard let entry = try? Entry(decoding: bytes.span),
                    let event = try? SignedEvent(decoding: entry.event, ledger: ledger),
                    event.author == key, case .attested(let attested) = event.event.fact,
                    attested == wanted, publicKey.isValid(event.signature, for: event.id)
                else { continue }
                return start + UInt64(offset)
            }
        }
        throw .unvouched(
            "no `attested` event of the key \(key.hex) names the kept result: size \(head.size), "
                + "root \(head.root.hex), state \(stateDigest.hex), \(findings) findings")
    }
}
