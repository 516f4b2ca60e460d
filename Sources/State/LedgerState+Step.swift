public import Bytes
public import Events

extension LedgerState {
    /// The first half of a step: lets time pass up to the entry, gathers what the rules read, and
    /// decides. Whoever appends does so between the halves.
    ///
    /// Time that passes ends requests also when the event is then refused; ``hasDue(by:)`` tells
    /// beforehand whether it will.
    ///
    /// - Parameters:
    ///   - recorded: the entry's time in milliseconds since 1970; no earlier than the last entry's.
    ///   - seenRoot: the log's own root at the size that the event has `seen`; nil when it is not
    ///     known.
    ///   - carried: blobs that come with the event and are not stored yet.
    /// - Throws: when `evidence` can not be read; a refusal is a verdict.
    public mutating func judge<Source: Evidence & ~Copyable & ~Escapable>(
        _ event: SignedEvent, recorded: UInt64, seenRoot: Digest32?,
        carrying carried: [[UInt8]] = [],
        _ evidence: borrowing Source
    ) throws(Source.Failure) -> Judgement {
        // First of all, as when it was recorded: the time alone ends requests.
        advance(to: recorded)
        let context = try context(
            of: event.event.fact, recorded: recorded, seenRoot: seenRoot, carrying: carried,
            evidence)
        do throws(Refusal) {
            return Judgement(
                verdict: .admitted(try decide(event, in: context)), context: context)
        } catch {
            return Judgement(verdict: .refused(error), context: context)
        }
    }

    /// The second half of a step: an admitted event is carried out; a refused one that stands in
    /// the log all the same takes its place and its number, and has no other effect.
    ///
    /// - Returns: what followed from the event, and from the time before it.
    public mutating func take(_ event: SignedEvent, _ judgement: Judgement) -> Effects {
        switch judgement.verdict {
        case .admitted(let admission): apply(event, admission, in: judgement.context)
        case .refused: skip(event, recorded: judgement.recorded)
        }
        return takeEffects()
    }

    /// One step of the fold, both halves at once: ``judge(_:recorded:seenRoot:carrying:_:)`` and
    /// ``take(_:_:)``.
    public mutating func step<Source: Evidence & ~Copyable & ~Escapable>(
        _ event: SignedEvent, recorded: UInt64, seenRoot: Digest32?, _ evidence: borrowing Source
    ) throws(Source.Failure) -> (judgement: Judgement, effects: Effects) {
        let judgement = try judge(event, recorded: recorded, seenRoot: seenRoot, evidence)
        return (judgement, take(event, judgement))
    }

    /// Steps over an entry that holds no event, as a verifier does that goes on behind a finding.
    ///
    /// - Returns: what followed; nothing, but for what happened before.
    public mutating func step(overUndecodableAt recorded: UInt64) -> Effects {
        skip(nil, recorded: recorded)
        return takeEffects()
    }

    /// Gathers what the rules read to judge a fact: the blobs that it refers to, each checked
    /// against its digest, and the request that it names, when that has left the live state.
    ///
    /// Allocates nothing for the many events that refer to neither.
    private func context<Source: Evidence & ~Copyable & ~Escapable>(
        of fact: Fact, recorded: UInt64, seenRoot: Digest32?, carrying carried: [[UInt8]],
        _ evidence: borrowing Source
    ) throws(Source.Failure) -> Context {
        var references = fact.evidence
        var archived: ArchivedRequest?
        if let id = fact.namedRequest, requests[id] == nil {
            archived = try self.archived(id, evidence)
            if let archived { references += archived.initiated.request.evidence }
        }
        guard !references.isEmpty else {
            return Context(
                position: size, recorded: recorded, seenRoot: seenRoot, archived: archived)
        }
        var blobs: [Digest32: [UInt8]] = [:]
        for bytes in carried { blobs[sha256(bytes)] = bytes }
        for reference in references where blobs[reference.digest] == nil {
            // rules.md 14
            guard let bytes = try evidence.bytes(behind: reference.digest),
                sha256(bytes) == reference.digest
            else { continue }
            blobs[reference.digest] = bytes
        }
        return Context(
            position: size, recorded: recorded, seenRoot: seenRoot, blobs: blobs,
            archived: archived)
    }

    private func archived<Source: Evidence & ~Copyable & ~Escapable>(
        _ id: Digest32, _ evidence: borrowing Source
    ) throws(Source.Failure) -> ArchivedRequest? {
        guard let (place, entry) = try evidence.initiation(of: id) else { return nil }
        return ArchivedRequest(id, in: entry.span, at: place, before: size, ledger: ledger)
    }
}
