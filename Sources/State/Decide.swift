internal import Bytes
package import Events
internal import Keys

extension LedgerState {
    /// How far an event's time may lie behind its recording: 30 days, in milliseconds.
    public static let oldestAge: UInt64 = 30 * 24 * 3_600_000
    /// How far an event's time may lie ahead of the ledger's clock: ten minutes, in milliseconds.
    public static let clockTolerance: UInt64 = 600_000
    /// How many entries `seen` may trail the head.
    public static let seenDistanceLimit: UInt64 = 1_048_576

    /// Judges whether `event` may be recorded at the context's place, without changing anything.
    ///
    /// Admission is complete when every signature check of the result holds too. Requires that time
    /// has passed up to the context's; ``judge(_:recorded:seenRoot:carrying:_:)`` sees to it.
    ///
    /// - Throws: the refusal, with its rule.
    package func decide(
        _ event: SignedEvent, in context: Context
    ) throws(Refusal) -> Admission {
        guard let author = authors[event.author] else {
            throw Refusal(
                .unknownKey, "the key \(event.author.hex) belongs to no member of this ledger")
        }
        guard let member = members[author.member] else {
            preconditionFailure("every author is a member")
        }
        try checkBookkeeping(of: event.event, by: author, member, in: context)
        let finding = try judge(event, by: author, member, in: context)
        return Admission(
            envelope: .ecdsa(event.id, author.key, event.signature), finding: finding)
    }

    // rules.md 5.2
    private func judge(
        _ event: SignedEvent, by author: Author, _ member: Member, in context: Context
    ) throws(Refusal) -> Admission.Finding {
        if case .accepted(.membership(let name)) = event.event.fact {
            try checkMembershipAcceptance(of: name, by: author)
            return .nothing
        }
        try checkStanding(of: author, member)
        switch event.event.fact {
        case .founded:
            throw Refusal(.founding, "`founded` stands at position 0 only")
        case .accepted(.membership): return .nothing
        case .accepted(.wallet(let wallet, let descriptor)):
            try checkWalletAcceptance(of: wallet, descriptor, by: member)
            return .nothing
        case .initiated(let fact):
            return try checkInitiation(fact, by: member, event.event, in: context)
        case .approved(let fact): try checkApproval(fact, by: member, event.event, in: context)
        case .aborted(let fact): try checkAbort(fact, by: member, event.event, in: context)
        case .signed(let fact): return try checkSigned(fact, event.event, in: context)
        case .exported(let fact): try checkExport(fact, by: member, event.event, in: context)
        case .broadcast(let fact):
            return try checkBroadcast(fact, by: member, event.event, in: context)
        case .relayed(let fact): try checkRelay(fact, by: member, event.event)
        case .observed(let fact): return try checkObservation(fact, by: member, in: context)
        case .issued(let fact): try checkIssue(fact, by: member)
        case .attested(let fact): try checkAttestation(fact, by: member, event.event)
        case .attached(let fact): try checkAttachment(fact, event.event, in: context)
        }
        return .nothing
    }

    // MARK: Bookkeeping that every event obeys

    // rules.md 4.1
    private func checkBookkeeping(
        of event: Event, by author: Author, _ member: Member, in context: Context
    ) throws(Refusal) {
        guard event.sequence >= author.nextSequence else {
            // The writer answers the very bytes of a recorded event with its position, so what
            // comes here is another event.
            throw Refusal(
                .equivocation,
                "the key has another event \(event.sequence) on record; event "
                    + "\(author.nextSequence) is next, and two of one number are kept as "
                    + "evidence")
        }
        guard event.sequence == author.nextSequence else {
            throw Refusal(
                .sequence,
                "this is event \(event.sequence) of its key; event "
                    + "\(author.nextSequence) is next")
        }
        try Self.checkAge(of: event, recorded: context.recorded)
        try checkSeen(event.seen, by: author, in: context)
        let thisHour =
            member.hour == context.recorded / 3_600_000 ? member.eventsInHour : 0
        guard thisHour < founding.limits.hourlyEvents else {
            throw Refusal(
                .hourlyLimit,
                "\(member.name) has recorded \(thisHour) events in this hour; the limit is "
                    + "\(founding.limits.hourlyEvents)")
        }
        try checkBlobs(of: event.fact, by: member, in: context)
    }

    static func checkAge(of event: Event, recorded: UInt64) throws(Refusal) {
        if event.time + oldestAge < recorded {
            throw Refusal(
                .tooOld,
                "the event was signed \((recorded - event.time) / 86_400_000) days ago; "
                    + "events are recorded within 30 days. Sign it anew")
        }
        if event.time > recorded + clockTolerance {
            throw Refusal(
                .fromTheFuture,
                "the event's time is \((event.time - recorded) / 1_000) seconds "
                    + "ahead of the ledger's clock; at most 600 are accepted. Set the author's "
                    + "clock")
        }
    }

    private func checkSeen(
        _ seen: TreeHead, by author: Author, in context: Context
    ) throws(Refusal) {
        guard seen.size <= context.position else {
            throw Refusal(
                .seenBeyondEntry,
                "the event has seen \(seen.size) entries, but stands at "
                    + "position \(context.position)")
        }
        guard seen.size >= author.seenSize else {
            throw Refusal(
                .seenShrank,
                "the event has seen \(seen.size) entries; its key had seen "
                    + "\(author.seenSize) before")
        }
        guard context.position - seen.size <= Self.seenDistanceLimit else {
            throw Refusal(
                .seenTooFarBehind,
                "the event has seen \(seen.size) of \(context.position) entries;"
                    + " it may trail by \(Self.seenDistanceLimit). Verify a newer head and sign "
                    + "anew")
        }
        guard context.seenRoot == seen.root else {
            throw Refusal(
                .seenForeign,
                "the event has seen root \(seen.root.hex) at size \(seen.size); this "
                    + "log's root there is \(context.seenRoot?.hex ?? "unknown"). Its author was "
                    + "shown another log")
        }
    }

    private func checkBlobs(
        of fact: Fact, by member: Member, in context: Context
    ) throws(Refusal) {
        for reference in fact.evidence {
            guard let blob = context.blobs[reference.digest], blob.count == reference.size else {
                throw Refusal(
                    .blobMissing,
                    "the blob \(reference.digest.hex) of \(reference.size) bytes, "
                        + "which the event refers to, is missing")
            }
        }
        let bytes = fact.blobBytes
        guard bytes > 0 else { return }
        let today = member.day == context.recorded / 86_400_000 ? member.blobBytesInDay : 0
        guard today + bytes <= founding.limits.dailyBlobBytes else {
            throw Refusal(
                .blobLimit,
                "\(member.name) would store \(today + bytes) bytes of blobs today; the "
                    + "limit is \(founding.limits.dailyBlobBytes)")
        }
    }

    // MARK: Who may act

    private func checkStanding(of author: Author, _ member: Member) throws(Refusal) {
        switch author.status {
        case .retired:
            throw Refusal(
                .keyRetired,
                "the key \(author.key.id.hex) of \(member.name) was replaced; his "
                    + "key in force is \(member.key.hex)")
        case .awaitingAcceptance:
            throw Refusal(
                .keyNotAccepted,
                "\(member.name) has not yet accepted with the key "
                    + "\(author.key.id.hex); that must come first")
        case .inForce: break
        }
        guard member.status == .active else {
            throw Refusal(.memberSuspended, "\(member.name) is suspended and may not act")
        }
        guard isFounded else {
            let missing = members.values.filter { $0.status == .awaitingAcceptance }
                .map(\.name.text).sorted()
            throw Refusal(
                .founding,
                "the founding is not complete: \(missing.joined(separator: ", ")) must "
                    + "accept before anything else can happen")
        }
    }

    func requireRole(
        _ role: RoleName, of member: Member, to act: String
    ) throws(Refusal) {
        guard member.roles.contains(role) else {
            throw Refusal(
                .role,
                "\(member.name) may not \(act): that takes the role \(role); his roles are: "
                    + (member.roles.isEmpty
                        ? "none" : member.roles.map(\.text).joined(separator: ", ")))
        }
    }

    func requireSeen(_ event: Event, covers position: UInt64, _ what: String) throws(Refusal) {
        guard event.seen.size > position else {
            throw Refusal(
                .seenDoesNotCover,
                "the event has seen \(event.seen.size) entries, but \(what) "
                    + "stands at position \(position)")
        }
    }

    func archived(_ id: Digest32, _ context: Context) -> ArchivedRequest? {
        context.archived.flatMap { $0.id == id ? $0 : nil }
    }
}
