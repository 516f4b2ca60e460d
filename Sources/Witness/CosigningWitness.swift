public import Merkle

/// The rules by which a witness cosigns (C2SP tlog-witness), without sockets and clocks.
///
/// A cosignature leaves only after its checkpoint is stored, and a checkpoint is stored only if it
/// extends the one stored before: of two histories one is ever cosigned.
public struct CosigningWitness: Sendable {
    private let store: WitnessStore
    private let signer: CheckpointSigner
    private let full: FullReplay?
    private let seconds: @Sendable () -> UInt64

    /// A second statement, by a key of its own: that every entry was replayed.
    public struct FullReplay: Sendable {
        let signer: CheckpointSigner
        let replay: @Sendable (WitnessStore.KnownLog, VerifiedCheckpoint) -> Bool

        /// Creates the statement; `replay` says whether all of the checkpoint's entries were
        /// replayed without a finding. It is called from several threads at once.
        public init(
            signer: CheckpointSigner,
            replay: @escaping @Sendable (WitnessStore.KnownLog, VerifiedCheckpoint) -> Bool
        ) {
            self.signer = signer
            self.replay = replay
        }
    }

    /// Creates a witness; the signers' keys must be those of the store, `seconds` tells the time
    /// since 1970.
    public init(
        _ store: WitnessStore, signer: CheckpointSigner, full: FullReplay? = nil,
        seconds: @escaping @Sendable () -> UInt64
    ) throws(WitnessError) {
        guard try store.key() == signer.key else {
            throw .configuration("the key is not the one that this witness was made with")
        }
        let fullKey = try store.fullKey()
        guard full == nil || fullKey == full?.signer.key else {
            throw .configuration("the key for full replays is not the one it was made with")
        }
        self.store = store
        self.signer = signer
        self.full = full
        self.seconds = seconds
    }

    /// Answers the body of an `add-checkpoint` request.
    ///
    /// - Parameter report: told what is wrong when the answer is 500 or the log contradicts itself.
    public func answer(_ body: [UInt8], report: (String) -> Void = { _ in }) -> WitnessAnswer {
        do throws(WitnessError) {
            let lines = try cosign(AddCheckpoint(parsing: body))
            return WitnessAnswer(lines: lines.map { .init(text: $0.line) })
        } catch {
            let answer = WitnessAnswer(error)
            switch error {
            case .otherRoot, .inconsistent: report("\(error)")
            default: if answer.status == 500 { report("\(error)") }
            }
            return answer
        }
    }

    /// Checks a request in the order that the protocol gives, stores its checkpoint, and cosigns
    /// it.
    public func cosign(_ request: AddCheckpoint) throws(WitnessError) -> [NoteSignature] {
        let new = request.checkpoint.checkpoint
        guard let log = try store.log(new.origin) else { throw .unknownLog(origin: new.origin) }
        let verified: VerifiedCheckpoint
        let kept: SignedCheckpoint
        do throws(MerkleError) {
            verified = try request.checkpoint.verified(with: log.key)
            // Lines of others are nothing that this witness vouches for.
            kept = try request.checkpoint.keepingLines(of: [log.key])
        } catch { throw .unsigned(error) }
        guard request.oldSize <= new.size else {
            throw .shrinking(old: request.oldSize, new: new.size)
        }
        // The line is made when the checks have passed, and leaves when it is stored.
        var line: NoteSignature?
        try store.advance(new.origin) { known throws(WitnessError) in
            try Self.check(request, known?.checkpoint)
            let made = try cosigned(verified, by: signer)
            line = made
            if let known, known.checkpoint == new, isFresh(known, beside: made) { return nil }
            return try Self.adding(made, to: kept)
        }
        guard let line else { preconditionFailure("what is stored has been cosigned") }
        guard let full, full.replay(log, verified) else { return [line] }
        let fullLine = try cosigned(verified, by: full.signer)
        try store.amend(new.origin, with: fullLine, to: new)
        return [line, fullLine]
    }

    /// How long a stored line stands for those made after it for the same checkpoint, in seconds.
    private static let freshSeconds: UInt64 = 60

    private func isFresh(_ stored: SignedCheckpoint, beside made: NoteSignature) -> Bool {
        guard let time = try? stored.verifiedCosignatureSeconds(with: signer.key),
            let now = cosignatureSeconds(made.bytes)
        else { return false }
        return time <= now && now - time < Self.freshSeconds
    }

    private func cosigned(
        _ checkpoint: VerifiedCheckpoint, by signer: CheckpointSigner
    ) throws(WitnessError) -> NoteSignature {
        do throws(MerkleError) { return try signer.cosign(checkpoint, atSeconds: seconds()) } catch
        {
            throw .signing(error)
        }
    }

    private static func adding(
        _ line: NoteSignature, to checkpoint: SignedCheckpoint
    ) throws(WitnessError) -> SignedCheckpoint {
        do throws(MerkleError) { return try checkpoint.adding(line) } catch {
            throw .signing(error)
        }
    }

    /// Answers a monitor that asks for the newest cosigned checkpoint of the log whose origin has
    /// this SHA-256, in lower-case hexadecimal.
    public func newest(
        _ originHash: String, report: (String) -> Void = { _ in }
    ) -> WitnessAnswer {
        do throws(WitnessError) {
            guard let head = try store.cosigned(originHash) else { return .noCheckpoint }
            return WitnessAnswer(status: 200, head.note.encodedText)
        } catch {
            report("\(error)")
            return WitnessAnswer(error)
        }
    }

    /// Checks that a request goes on from the newest checkpoint that was cosigned.
    private static func check(
        _ request: AddCheckpoint, _ known: Checkpoint?
    ) throws(WitnessError) {
        let new = request.checkpoint.checkpoint
        let oldSize = known?.size ?? 0
        guard request.oldSize == oldSize else { throw .otherSize(known: oldSize) }
        let oldRoot = known?.root ?? emptyTreeRoot
        guard oldSize < new.size || oldRoot == new.root else {
            throw .otherRoot(known: known ?? new, offered: new)
        }
        do throws(MerkleError) {
            try checkConsistency(
                request.proof, from: oldSize, oldRoot: oldRoot, to: new.size, newRoot: new.root)
        } catch { throw .inconsistent(error) }
    }
}
