internal import Bitcoin
internal import Bytes
internal import Events
internal import Keys
internal import Policy

extension LedgerState {
    /// Lets recorded time pass: requests whose expiry has come end. Changes nothing when called
    /// again with an earlier or the same time.
    // rules.md 8
    public mutating func advance(to recorded: UInt64) {
        guard recorded >= nextExpiry else { return }
        let due = requests.values.filter { $0.canExpire && $0.initiated.expires <= recorded }
        for request in due.sorted(by: { $0.number < $1.number }) {
            end(request.id, as: .expired, at: size)
        }
        updateNextExpiry()
    }

    /// Whether ``advance(to:)`` would end a request.
    public func hasDue(by recorded: UInt64) -> Bool { recorded >= nextExpiry }

    /// Carries out an admitted event. Can not fail: `decide` has refused whatever could be refused.
    // rules.md 4.2
    mutating func apply(
        _ event: SignedEvent, _ admission: Admission, in context: Context
    ) {
        precondition(context.position == size, "events are applied in order")
        size += 1
        recorded = context.recorded
        count(event, in: context)
        switch event.event.fact {
        case .founded: break
        case .accepted(.membership(let name)): applyMembership(of: name)
        case .accepted(.wallet(let name, _)): applyWalletAcceptance(of: name, by: event.author)
        case .initiated(let fact): applyInitiation(fact, event, admission, in: context)
        case .approved(let fact): applyApproval(fact, by: event.author, in: context)
        case .aborted(let fact): end(fact.request, as: .aborted, at: context.position)
        case .signed(let fact): applySignatures(fact, admission, in: context)
        case .exported(let fact): requests[fact.request]?.isReleased = true
        case .broadcast(let fact): applyBroadcast(fact, in: context)
        case .relayed(let fact): applyRelay(fact)
        case .observed:
            if case .chain(let update) = admission.finding { apply(update, at: context.position) }
        case .issued(let fact):
            use(.receive, fact.index, of: fact.wallet)
            updateWatchedScripts()
        case .attested, .attached: break
        }
    }

    /// Steps over an entry that was not to be admitted, as a verifier does that goes on behind a
    /// finding: it takes its place and its number, and has no other effect.
    // rules.md 4.3
    mutating func skip(_ event: SignedEvent?, recorded: UInt64) {
        size += 1
        self.recorded = max(self.recorded, recorded)
        guard let event, authors[event.author]?.nextSequence == event.event.sequence else { return }
        authors[event.author]?.nextSequence += 1
    }

    /// Counts the event against its key's sequence and its member's limits.
    private mutating func count(_ event: SignedEvent, in context: Context) {
        // Each table is searched once: this runs for every event of a replay.
        guard let member = authors[event.author]?.count(event.event) else {
            preconditionFailure("an admitted event has a known author")
        }
        let hour = context.recorded / 3_600_000
        let day = context.recorded / 86_400_000
        members[member]?.count(hour: hour, day: day, blobBytes: event.event.fact.blobBytes)
    }

    mutating func record(_ kind: Incident.Kind, at position: UInt64, _ description: String) {
        let incident = Incident(position: position, kind: kind, description: description)
        incidentCount += 1
        incidents.append(incident)
        if incidents.count > Self.incidentLimit { incidents.removeFirst() }
        effects.incidents.append(incident)
    }
}
