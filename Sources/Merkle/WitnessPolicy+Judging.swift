/// What a policy says about a checkpoint whose signatures have been verified.
public struct PolicyVerdict: Sendable, Hashable {
    /// A witness and when it cosigned.
    public struct Cosignature: Sendable, Hashable {
        /// Who cosigned.
        public let witness: WitnessPolicy.Witness
        /// The time that it signed, in seconds since 1970.
        public let seconds: UInt64
    }

    /// The checkpoint, signed by the log.
    public let checkpoint: VerifiedCheckpoint
    /// The log's key.
    public let logKey: NoteVerifierKey
    /// Who cosigned, in the order of the policy.
    public let cosignatures: [Cosignature]
    /// The witnesses of the policy that did not.
    public let missing: [WitnessPolicy.Witness]
    /// Whether the quorum is met.
    public let isSatisfied: Bool
    /// The latest time T for which the cosignatures from T on meet the quorum: how fresh the
    /// checkpoint is. Nil when the quorum is not met or needs nobody.
    public let quorumSeconds: UInt64?
}

extension WitnessPolicy {
    /// Verifies the log's signature and every known cosignature of a checkpoint, and says whether
    /// the quorum is met.
    ///
    /// With `logKey` that very key must have signed, and be among ``logs`` unless there are none;
    /// without it any of them may be the checkpoint's. Lines of unknown keys are left alone; one of
    /// a known key that does not verify throws ``MerkleError/signature(name:id:)``.
    public func judge(
        _ signed: SignedCheckpoint, logKey: NoteVerifierKey? = nil
    ) throws(MerkleError) -> PolicyVerdict {
        let (checkpoint, key) = try verifyLog(signed, logKey)
        var cosignatures: [PolicyVerdict.Cosignature] = []
        var missing: [Witness] = []
        var times: [UInt64?] = []
        for witness in witnesses {
            guard signed.hasLine(of: witness.key) else {
                missing.append(witness)
                times.append(nil)
                continue
            }
            let seconds = try signed.verifiedCosignatureSeconds(with: witness.key)
            cosignatures.append(.init(witness: witness, seconds: seconds))
            times.append(seconds)
        }
        let time = quorum.flatMap { groupTimes(times)($0) }
        return PolicyVerdict(
            checkpoint: checkpoint, logKey: key, cosignatures: cosignatures, missing: missing,
            isSatisfied: quorum == nil || time != nil, quorumSeconds: time)
    }

    private func verifyLog(
        _ signed: SignedCheckpoint, _ logKey: NoteVerifierKey?
    ) throws(MerkleError) -> (VerifiedCheckpoint, NoteVerifierKey) {
        let origin = signed.checkpoint.origin
        if let logKey {
            guard logs.isEmpty || logs.contains(where: { $0.key == logKey }) else {
                throw .unlistedLog(origin: logKey.name)
            }
            return (try signed.verified(with: logKey), logKey)
        }
        let named = logs.filter { $0.key.name.utf8.elementsEqual(origin.utf8) }
        guard let first = named.first else { throw .unlistedLog(origin: origin) }
        // A log may have several keys: the one that signed counts.
        let signer = named.first { signed.hasLine(of: $0.key) } ?? first
        return (try signed.verified(with: signer.key), signer.key)
    }

    /// Since when each member has witnessed: a witness at its time, a group at the k-th latest of
    /// its members.
    private func groupTimes(_ witnessTimes: [UInt64?]) -> (Member) -> UInt64? {
        var groupTimes: [UInt64?] = []
        func time(_ member: Member) -> UInt64? {
            switch member {
            case .witness(let index): witnessTimes[index]
            case .group(let index): groupTimes[index]
            }
        }
        for group in groups {
            let times = group.members.compactMap(time).sorted(by: >)
            groupTimes.append(
                times.count >= group.threshold ? times[group.threshold - 1] : nil)
        }
        return { [groupTimes] member in
            switch member {
            case .witness(let index): witnessTimes[index]
            case .group(let index): groupTimes[index]
            }
        }
    }
}
