internal import Bitcoin
internal import Bytes
internal import Events
internal import Keys
internal import Policy

extension LedgerState {
    mutating func applyInitiation(
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

    mutating func applyApproval(
        _ fact: Approved, by author: KeyID, in context: Context
    ) {
        guard let member = authors[author]?.member else { return }
        requests[fact.request]?.approvals.append(
            OpenRequest.Approval(
                member: member, key: author, position: context.position,
                recorded: context.recorded))
        guard let request = requests[fact.request], progress(of: request)?.isComplete == true
        else { return }
        requests[fact.request]?.phase = .authorised(at: context.position)
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

    /// Brings a request of governance into force, at the event that completed its quorum. What has
    /// become impossible since it was initiated is voided instead.
    // rules.md 7.5
    private mutating func execute(_ request: OpenRequest, in context: Context) {
        let finding: Admission.Finding
        do {
            finding = try check(request.initiated.request, by: request.initiator, in: context)
        } catch {
            end(request.id, as: .voided, at: context.position)
            return
        }
        switch request.initiated.request {
        case .transfer: preconditionFailure("transfers are not executed but signed")
        case .createWallet(let proposal):
            if case .descriptor(let descriptor) = finding {
                create(proposal, descriptor, at: context.position)
            }
        case .retireWallet(let name):
            wallets[name]?.isRetired = true
            void(at: context.position, except: request.id) {
                $0.initiated.request.scope == .wallet(name)
            }
        case .enrolMember(let enrolment):
            if let key = PublicKey(enrolment.key) {
                enrol(enrolment, key: key, at: context.position)
            }
        case .suspendMember(let name):
            members[name]?.status = .suspended
            updateRoster()
            void(at: context.position, except: request.id) { $0.isActedOn(by: name) }
        case .rotateKey(let name, let key):
            rotate(name, to: key)
            void(at: context.position, except: request.id) { $0.isActedOn(by: name) }
        case .replacePolicy(let scope, let quorum):
            replace(scope, quorum, in: context)
            // A cancellation is decided as its target is, which is voided itself.
            void(at: context.position, except: request.id) { $0.initiated.request.scope == scope }
        case .cancel(let target):
            end(target, as: .cancelled, at: context.position)
        }
        end(request.id, as: .executed, at: context.position)
        updateNextExpiry()
    }

    private mutating func replace(
        _ scope: PolicyScope, _ quorum: Quorum, in context: Context
    ) {
        switch scope {
        case .ledger:
            policy = quorum
            policySince = context.position
        case .wallet(let name): wallets[name]?.quorum = quorum
        }
    }

    /// Voids the requests that a change touches, and cancellations of what it voids, which nothing
    /// is left of. What has been broadcast, and what is outstanding, is untouched.
    private mutating func void(
        at position: UInt64, except own: Digest32, where isTouched: (OpenRequest) -> Bool
    ) {
        let changeable = requests.values.filter { $0.id != own && $0.isChangeable }
        let changed = Set(changeable.filter(isTouched).map(\.id))
        let touched = changeable.filter { changed.contains($0.id) || $0.cancels(oneOf: changed) }
        for request in touched.sorted(by: { $0.number < $1.number }) {
            end(request.id, as: .voided, at: position)
        }
    }

    /// Ends a request. It leaves the live state unless signatures of it are out.
    mutating func end(_ id: Digest32, as ending: Ending, at position: UInt64) {
        let authorisedAt = requests[id]?.authorisedAt
        requests[id]?.phase = .ended(ending, authorisedAt: authorisedAt)
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
}

extension OpenRequest {
    fileprivate func cancels(oneOf targets: Set<Digest32>) -> Bool {
        initiated.request.cancelled.map(targets.contains) ?? false
    }

    fileprivate func isActedOn(by member: MemberName) -> Bool {
        initiator == member || approvers.contains(member) || subject == member
    }
}

extension OpenRequest {
    /// Whether the passing of time ends the request: until it is broadcast or the chain decides it.
    var canExpire: Bool { isChangeable && mined == nil }

    /// Whether changes around the request still end it: until it is broadcast or confirmed. A
    /// conflict may be reorganised away, and then the request must not be back as if nothing was.
    var isChangeable: Bool {
        if case .confirmed = mined { return false }
        switch phase {
        case .pending, .authorised: return true
        case .broadcast, .ended: return false
        }
    }
}
