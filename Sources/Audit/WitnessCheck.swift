internal import Events
package import Merkle
package import State

extension AuditReport {
    /// How far a time may lie ahead of the auditor's clock: as far as an event's ahead of the
    /// log's.
    static let skewSecondsMax = LedgerState.clockTolerance / 1_000

    /// Judges the newest checkpoint by the auditor's policy, and its age by his clock.
    ///
    /// - Parameter newest: the notes of the newest checkpoint that the entries bear out.
    package mutating func checkWitnesses(
        _ terms: AuditTerms, _ newest: [SignedCheckpoint], _ state: LedgerState?
    ) {
        var verdict: PolicyVerdict?
        if let policy = terms.policy {
            verdict = judge(newest, policy)
        } else {
            notChecked.append(
                .other("cosignatures: give the witnesses that you know with --policy"))
        }
        guard let limit = terms.maximumAgeSeconds else { return }
        let needsWitnesses = terms.policy?.quorum != nil
        let entrySeconds = state.map { $0.recorded / 1_000 }
        guard let seconds = needsWitnesses ? verdict?.quorumSeconds : entrySeconds else {
            return add(
                Finding(
                    position: nil, rule: .age,
                    expected: "a checkpoint that was cosigned within \(limit) s",
                    found: "none that the policy accepts"))
        }
        if seconds > terms.nowSeconds, seconds - terms.nowSeconds > Self.skewSecondsMax {
            add(
                Finding(
                    position: nil, rule: .age,
                    expected: "a time at most \(Self.skewSecondsMax) s ahead of this clock",
                    found: "one \(seconds - terms.nowSeconds) s ahead, which says nothing of age"))
            return
        }
        let age = terms.nowSeconds - min(seconds, terms.nowSeconds)
        guard age > limit else { return }
        let what = needsWitnesses ? "cosignatures" : "a newest entry"
        add(
            Finding(
                position: nil, rule: .age, expected: "\(what) at most \(limit) s old",
                found: "\(age) s old"))
    }

    private mutating func judge(
        _ newest: [SignedCheckpoint], _ policy: WitnessPolicy
    ) -> PolicyVerdict? {
        var found = "no checkpoint that the entries bear out"
        for signed in newest {
            do throws(MerkleError) {
                let verdict = try policy.judge(signed)
                let names = verdict.cosignatures.map { "\($0.witness.name)" }
                let cosigned = names.isEmpty ? "nobody" : names.joined(separator: ", ")
                guard verdict.isSatisfied else {
                    found = "size \(signed.checkpoint.size), cosigned by \(cosigned)"
                    continue
                }
                notes.append(
                    "the checkpoint of size \(signed.checkpoint.size) meets the policy; cosigned "
                        + "by \(cosigned)")
                return verdict
            } catch { found = "\(error)" }
        }
        let (needed, of) = policy.quorumCounts
        add(
            Finding(
                position: nil, rule: .witness,
                expected: "a checkpoint signed by the log and \(needed) of \(of) witnesses, as the "
                    + "policy demands", found: found))
        return nil
    }
}
