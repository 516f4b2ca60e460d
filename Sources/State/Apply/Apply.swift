internal import Bitcoin
internal import Bytes
internal import Events
internal import Keys
internal import Policy

extension LedgerState {
    /// Lets recorded time pass: requests whose expiry has come end. Changes nothing when called
    /// again with an earlier or the same time.
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
        case .relayed(let fact):
            requests[fact.request]?.relay = OpenRequest.Relay(
                isAccepted: fact.accepted, message: fact.message)
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

    private mutating func applyMembership(of name: MemberName) {
        guard let key = members[name]?.key else { return }
        members[name]?.status = .active
        authors[key]?.status = .inForce
        isFounded = isFounded || !members.values.contains { $0.status == .awaitingAcceptance }
        updateRoster()
    }

    private mutating func applyWalletAcceptance(of name: WalletName, by author: KeyID) {
        guard let member = authors[author]?.member else { return }
        wallets[name]?.awaiting.remove(member)
    }

    // MARK: Requests

    private mutating func applyInitiation(
        _ fact: Initiated, _ event: SignedEvent, _ admission: Admission, in context: Context
    ) {
        guard let initiator = authors[event.author]?.member else { return }
        var transfer: FrozenTransfer?
        if case .transfer(let frozen) = admission.finding { transfer = frozen }
        requests[event.id] = OpenRequest(
            id: event.id, number: nextNumber, position: context.position,
            recorded: context.recorded, initiator: initiator, initiated: fact, transfer: transfer,
            root: transfer?.replaces.flatMap { requests[$0]?.root } ?? event.id)
        nextNumber += 1
        nextExpiry = min(nextExpiry, fact.expires)
        guard let transfer else { return }
        for outPoint in transfer.outPoints { reservations[outPoint, default: []].append(event.id) }
        guard let change = transfer.change else { return }
        use(.change, change.index, of: transfer.wallet)
        updateWatchedScripts()
    }

    private mutating func applyApproval(
        _ fact: Approved, by author: KeyID, in context: Context
    ) {
        guard let member = authors[author]?.member else { return }
        requests[fact.request]?.approvals.append(
            OpenRequest.Approval(
                member: member, key: author, position: context.position,
                recorded: context.recorded))
        guard let request = requests[fact.request], progress(of: request)?.isComplete == true
        else { return }
        requests[fact.request]?.authorisedAt = context.position
        guard request.transfer == nil else {
            supersedeReplaced(by: request, in: context)
            return
        }
        execute(request, in: context)
    }

    /// Ends the requests that an authorised transfer replaces, unless they are on their way.
    private mutating func supersedeReplaced(by request: OpenRequest, in context: Context) {
        for replaced in replacementChain(of: request.id)
        where replaced.number < request.number && replaced.isChangeable {
            end(replaced.id, as: .superseded, at: context.position)
        }
    }

    private mutating func applySignatures(
        _ fact: Signed, _ admission: Admission, in context: Context
    ) {
        guard case .signatures(let signatures, _, let authorised) = admission.finding
        else { return }
        requests[fact.request]?.signatures.append(contentsOf: signatures)
        requests[fact.request]?.isReleased = true
        guard !authorised else { return }
        let what =
            requests[fact.request].map { "request \($0.number) (\($0.status.rawValue))" }
            ?? "the ended request \(fact.request.hex.prefix(16))…"
        record(
            .unauthorisedSignature, at: context.position,
            "\(signatures.count) valid signature\(signatures.count == 1 ? "" : "s") exist for "
                + "\(what), which was not authorised to be signed")
    }

    private mutating func applyBroadcast(_ fact: Broadcast, in context: Context) {
        requests[fact.request]?.broadcastAt = context.position
        requests[fact.request]?.relay = nil
    }

    mutating func record(_ kind: Incident.Kind, at position: UInt64, _ description: String) {
        let incident = Incident(position: position, kind: kind, description: description)
        incidentCount += 1
        incidents.append(incident)
        if incidents.count > Self.incidentLimit { incidents.removeFirst() }
        effects.incidents.append(incident)
    }

    /// Ends a request. It leaves the live state unless signatures of it are out.
    mutating func end(_ id: Digest32, as ending: Ending, at position: UInt64) {
        requests[id]?.ending = ending
        guard let request = requests[id], !request.isReleased else { return }
        remove(request, as: RequestStatus(ending), at: position)
    }

    mutating func remove(_ request: OpenRequest, as status: RequestStatus, at position: UInt64) {
        requests[request.id] = nil
        for outPoint in request.transfer?.outPoints ?? [] {
            reservations[outPoint]?.removeAll { $0 == request.id }
            if reservations[outPoint]?.isEmpty == true { reservations[outPoint] = nil }
            forgetUnmade(outPoint)
        }
        effects.outcomes.append(
            RequestOutcome(
                id: request.id, number: request.number, status: status, position: position))
    }

    mutating func updateNextExpiry() {
        nextExpiry = requests.values.filter(\.canExpire).map(\.initiated.expires).min() ?? .max
    }

    mutating func updateRoster() {
        roster = Roster()
        for member in members.values where member.status == .active {
            roster.roles[member.name] = Set(member.roles)
        }
    }
}

extension Author {
    /// Counts an event of the key and returns the member whose it is.
    fileprivate mutating func count(_ event: Event) -> MemberName {
        nextSequence += 1
        seenSize = event.seen.size
        return member
    }
}

extension Member {
    fileprivate mutating func count(hour: UInt64, day: UInt64, blobBytes: UInt64) {
        if self.hour != hour {
            self.hour = hour
            eventsInHour = 0
        }
        eventsInHour += 1
        if self.day != day {
            self.day = day
            blobBytesInDay = 0
        }
        blobBytesInDay += blobBytes
    }
}

extension OpenRequest {
    /// Whether the passing of time ends the request: until it is broadcast or the chain decides it.
    var canExpire: Bool { isChangeable && mined == nil }

    /// Whether changes around the request still end it: until it is broadcast or confirmed. A
    /// conflict may be reorganised away, and then the request must not be back as if nothing was.
    var isChangeable: Bool {
        if case .confirmed = mined { return false }
        return ending == nil && broadcastAt == nil
    }
}
