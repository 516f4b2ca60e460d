internal import Bytes
internal import Ledger
public import Merkle
internal import Web
internal import Witness

/// Takes a checkpoint to the witnesses of the ledger's policy, and keeps what they cosign.
public struct Cosigning: Sendable {
    /// What came of asking the witnesses at one address.
    public struct Outcome: Sendable {
        /// The witnesses, by their names in the policy.
        public let witnesses: [WitnessPolicy.Witness]
        /// Why there is no cosignature of theirs; nil when there is.
        public let failure: Failure?
    }

    /// Why a witness has not cosigned.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// It has cosigned another root at this size.
        case twoHistories(size: UInt64)
        /// It could not be asked, or its answer is not usable; the sentence says what it said.
        case other(String)

        public var description: String {
            switch self {
            case .twoHistories(let size):
                "it has cosigned another root at size \(size): there are two histories; keep both"
            case .other(let reason): reason
            }
        }
    }

    private let ledger: OpenLedger
    private let policy: WitnessPolicy
    private let logKey: NoteVerifierKey
    private let client: WebClient

    /// The longest answer of a witness, in bytes.
    static let answerBytesMax = 65_536

    /// Prepares to ask the witnesses of `policy`, each for at most `secondsMax` seconds.
    public init(
        _ ledger: OpenLedger, _ policy: WitnessPolicy, logKey: NoteVerifierKey, secondsMax: Int = 10
    ) {
        self.ledger = ledger
        self.policy = policy
        self.logKey = logKey
        client = WebClient(
            WebLimits(
                bodyBytesMax: Self.answerBytesMax, secondsMax: secondsMax, redirectsMax: 0))
    }

    /// Asks all witnesses that have a URL at once, verifies each line, and records those that hold.
    public func gather(_ checkpoint: VerifiedCheckpoint) async throws -> [Outcome] {
        // A witness that makes two statements has two keys at one address.
        var places: [(url: String, witnesses: [WitnessPolicy.Witness])] = []
        for witness in policy.witnesses {
            guard let url = witness.url else { continue }
            if let index = places.firstIndex(where: { $0.url == url }) {
                places[index].witnesses.append(witness)
            } else {
                places.append((url, [witness]))
            }
        }
        let answers = await withTaskGroup(of: Answer.self) { group in
            for place in places {
                group.addTask { await ask(place.url, place.witnesses, checkpoint) }
            }
            var answers: [Answer] = []
            for await answer in group { answers.append(answer) }
            return answers
        }
        var outcomes: [Outcome] = []
        for place in places {
            guard let answer = answers.first(where: { $0.url == place.url }) else { continue }
            var failure = answer.failure
            if let cosigned = answer.cosigned {
                try ledger.log.record(
                    cosigned, logKey: logKey, cosigners: place.witnesses.map(\.key))
                let silent = place.witnesses.filter { !cosigned.hasLine(of: $0.key) }
                if !silent.isEmpty {
                    let names = silent.map { "\($0.name)" }.joined(separator: ", ")
                    failure = .other("it cosigned, but not as \(names)")
                }
            }
            outcomes.append(Outcome(witnesses: place.witnesses, failure: failure))
        }
        return outcomes
    }

    private struct Answer: Sendable {
        let url: String
        var cosigned: SignedCheckpoint?
        var failure: Failure?
    }

    private func ask(
        _ url: String, _ witnesses: [WitnessPolicy.Witness], _ checkpoint: VerifiedCheckpoint
    ) async -> Answer {
        do {
            var oldSize = try lastCosigned(by: witnesses, upTo: checkpoint.checkpoint.size)
            var answer = try await post(url, oldSize, checkpoint)
            if answer.status == 409 {
                oldSize = try knownSize(answer, sent: oldSize, checkpoint.checkpoint)
                answer = try await post(url, oldSize, checkpoint)
            }
            if answer.status == 409 {
                // Another was quicker, or the witness is of version 1.0.0 and the roots differ.
                _ = try knownSize(answer, sent: oldSize, checkpoint.checkpoint)
            }
            if answer.status == 422, oldSize == checkpoint.checkpoint.size {
                throw Failure.twoHistories(size: oldSize)
            }
            guard answer.status == 200 else { throw Failure.other(said(by: answer)) }
            return Answer(
                url: url, cosigned: try cosigned(answer.body, witnesses, checkpoint.signed))
        } catch let failure as Failure {
            return Answer(url: url, failure: failure)
        } catch { return Answer(url: url, failure: .other("\(error)")) }
    }

    /// The size at which one of these witnesses cosigned last, as far as we keep it.
    private func lastCosigned(
        by witnesses: [WitnessPolicy.Witness], upTo size: UInt64
    ) throws -> UInt64 {
        try ledger.log.read { (view) throws(LedgerError) in
            let last = try view.newestCheckpoint { checkpoint in
                checkpoint.checkpoint.size <= size
                    && witnesses.contains { checkpoint.hasLine(of: $0.key) }
            }
            return last?.checkpoint.size ?? 0
        }
    }

    private func post(
        _ url: String, _ oldSize: UInt64, _ checkpoint: VerifiedCheckpoint
    ) async throws -> WebAnswer {
        let size = checkpoint.checkpoint.size
        let proof = try ledger.log.read { (view) throws(LedgerError) in
            try view.consistencyProof(from: oldSize, to: size)
        }
        let request = try AddCheckpoint(
            oldSize: oldSize, proof: proof, checkpoint: checkpoint.signed)
        let path = url.hasSuffix("/") ? "\(url)add-checkpoint" : "\(url)/add-checkpoint"
        return try await client.post(path, Array(request.encodedText.utf8))
    }

    /// The size that a witness says it has cosigned, which must be one that we can go on from.
    private func knownSize(
        _ answer: WebAnswer, sent: UInt64, _ checkpoint: Checkpoint
    ) throws -> UInt64 {
        let isSize = answer.headers["content-type"]?.hasPrefix(WitnessAnswer.sizeType) == true
        let text = String(decoding: answer.body, as: UTF8.self)
        guard isSize, text.hasSuffix("\n"), let size = UInt64(text.dropLast()),
            "\(size)\n" == text
        else { throw Failure.other("its answer 409 does not hold the size that it knows") }
        guard size <= checkpoint.size else {
            throw Failure.other(
                "it has cosigned \(size) entries, which is more than the \(checkpoint.size) here: "
                    + "is this a restored older copy?")
        }
        guard size != sent else {
            throw Failure.twoHistories(size: size)
        }
        return size
    }

    private func said(by answer: WebAnswer) -> String {
        let text = String(decoding: answer.body.prefix(300), as: UTF8.self)
        var sentence = text.drop(while: \.isWhitespace)
        while sentence.last?.isWhitespace == true { sentence.removeLast() }
        return "it answers \(answer.status)"
            + (sentence.isEmpty ? "" : ": \(String(sentence).escapedForDisplay)")
    }

    /// The checkpoint with the lines that verify; lines of unknown keys are dropped.
    private func cosigned(
        _ lines: [UInt8], _ witnesses: [WitnessPolicy.Witness], _ signed: SignedCheckpoint
    ) throws -> SignedCheckpoint {
        let received = try SignedCheckpoint(
            parsing: Array(signed.note.encodedText.utf8) + lines)
        guard received.checkpoint == signed.checkpoint else {
            throw Failure.other("its answer changes the checkpoint")
        }
        var verified = signed
        for witness in witnesses where received.hasLine(of: witness.key) {
            _ = try received.verifiedCosignatureSeconds(with: witness.key)
            for line in try received.keepingLines(of: [witness.key]).note.signatures {
                verified = try verified.adding(line)
            }
        }
        guard witnesses.contains(where: { verified.hasLine(of: $0.key) }) else {
            throw Failure.other("its answer holds no cosignature of a key that the policy names")
        }
        return verified
    }
}
