internal import Bytes
internal import Events
internal import Policy

extension LedgerState {
    /// How long a request may stay open: 30 days, in milliseconds.
    public static let longestExpiry: UInt64 = 30 * 24 * 3_600_000

    // rules.md 7.1
    func checkInitiation(
        _ fact: Initiated, by member: Member, _ event: Event, in context: Context
    ) throws(Refusal) -> Admission.Finding {
        guard fact.expires > context.recorded,
            fact.expires <= context.recorded + Self.longestExpiry
        else {
            throw Refusal(
                .expiry,
                "the request would expire \(Self.distance(fact.expires, context.recorded))"
                    + "; an expiry within 30 days from now is accepted")
        }
        let finding = try check(fact.request, by: member.name, in: context)
        for named in [fact.request.cancelled, fact.request.replaced] {
            guard let request = named.flatMap({ requests[$0] }) else { continue }
            try requireSeen(event, covers: request.position, "request \(request.number)")
        }
        guard
            let rule = ruling(on: fact.request, by: member.name, at: context.recorded)?.quorum
        else { preconditionFailure("a checked request has a rule") }
        let approvers = rule.approvers(in: roster)
        guard
            approvers.contains(member.name) || member.roles.contains(.operator)
                || holdsKey(member.name, for: fact.request)
        else {
            throw Refusal(
                .role,
                "\(member.name) may not initiate this: the rule \(rule) names "
                    + approvers.sorted().map(\.text).joined(separator: ", ")
                    + "; key holders and operators may too")
        }
        if case .transfer = fact.request {
            let open = requests.values.count {
                $0.initiator == member.name && $0.transfer != nil && $0.ending == nil
                    && $0.mined == nil
            }
            guard open < founding.limits.openTransfers else {
                throw Refusal(
                    .openTransfers,
                    "\(member.name) has \(open) open transfers; the limit is "
                        + "\(founding.limits.openTransfers)")
            }
        }
        return finding
    }

    private func holdsKey(_ member: MemberName, for request: Request) -> Bool {
        switch request {
        case .transfer, .retireWallet:
            request.wallet.flatMap { wallets[$0] }?.holders.contains(member) ?? false
        default: false
        }
    }

    private static func distance(_ time: UInt64, _ now: UInt64) -> String {
        time <= now ? "at once" : "in \((time - now + 86_399_999) / 86_400_000) days"
    }

    /// Judges an intent as it stands: when it is initiated, and again when its quorum is complete.
    // rules.md 7.4
    func check(
        _ request: Request, by initiator: MemberName, in context: Context
    ) throws(Refusal) -> Admission.Finding {
        switch request {
        case .transfer(let transfer):
            return .transfer(try checkTransfer(transfer, by: initiator, in: context))
        case .createWallet(let proposal): return .descriptor(try checkWallet(proposal))
        case .retireWallet(let name):
            let wallet = try requireWallet(name)
            guard !wallet.isRetired else {
                throw Refusal(.walletRetired, "the wallet \(name) is retired already")
            }
        case .enrolMember(let enrolment): try checkEnrolment(enrolment)
        case .suspendMember(let name): try checkSuspension(of: name)
        case .rotateKey(let name, let key): try checkRotation(of: name, to: key)
        case .replacePolicy(let scope, let quorum): try checkPolicy(scope, quorum)
        case .cancel(let target): try checkCancellation(of: target, in: context)
        }
        return .nothing
    }

    func unknownRequest(_ id: Digest32) -> Refusal {
        Refusal(.unknownRequest, "no request of this ledger has the id \(id.hex)")
    }

    private func notLive(_ id: Digest32, in context: Context) -> Refusal {
        guard archived(id, context) != nil else { return unknownRequest(id) }
        return Refusal(
            .requestEnded, "the request \(id.hex) has ended; only an open one is accepted")
    }

    /// The live request with this id, or the refusal that says that it has ended or never was.
    func requireLive(
        _ id: Digest32, in context: Context, _ event: Event
    ) throws(Refusal) -> OpenRequest {
        guard let request = requests[id] else { throw notLive(id, in: context) }
        try requireSeen(event, covers: request.position, "request \(request.number)")
        return request
    }

    func requireOpen(_ request: OpenRequest) throws(Refusal) {
        if let ending = request.ending {
            throw Refusal(
                .requestEnded,
                "request \(request.number) is \(ending.rawValue)"
                    + (request.isReleased ? ", though signatures of it are outstanding" : ""))
        }
        guard request.mined == nil else {
            throw Refusal(
                .requestEnded, "request \(request.number) is \(request.status.rawValue)")
        }
    }

    /// The live request with this id, which still awaits approvals; `refusal` says to what end one
    /// whose quorum is complete, of which it is given the number, is refused.
    private func requirePending(
        _ id: Digest32, in context: Context, _ event: Event, _ refusal: (UInt64) -> String
    ) throws(Refusal) -> OpenRequest {
        let request = try requireLive(id, in: context, event)
        try requireOpen(request)
        guard request.authorisedAt == nil else {
            throw Refusal(.quorumComplete, refusal(request.number))
        }
        return request
    }

    // rules.md 7.2
    func checkApproval(
        _ fact: Approved, by member: Member, _ event: Event, in context: Context
    ) throws(Refusal) {
        let request = try requirePending(fact.request, in: context, event) { number in
            "request \(number) has its approvals already; nothing more is needed"
        }
        guard !request.approvers.contains(member.name) else {
            throw Refusal(
                .alreadyApproved,
                "\(member.name) has approved request \(request.number) already; "
                    + "each member's approval counts once")
        }
        try requireSay(of: member, on: request, to: "approve")
    }

    // rules.md 7.3
    func checkAbort(
        _ fact: Aborted, by member: Member, _ event: Event, in context: Context
    ) throws(Refusal) {
        let request = try requirePending(fact.request, in: context, event) { number in
            "the quorum of request \(number) is complete; one member can no longer abort it. A "
                + "`cancel` request under the same rule can"
        }
        guard member.name != request.initiator || request.subject == member.name else { return }
        try requireSay(of: member, on: request, to: "abort")
    }

    /// Requires that the rule names `member` as an approver and that the request is not about him.
    private func requireSay(
        of member: Member, on request: OpenRequest, to act: String
    ) throws(Refusal) {
        guard request.subject != member.name else {
            throw Refusal(
                .subject,
                "request \(request.number) is about \(member.name), who can therefore "
                    + "not \(act) it")
        }
        guard let rule = ruling(on: request)?.quorum else {
            throw Refusal(.requestEnded, "what request \(request.number) is about is no more")
        }
        let approvers = rule.approvers(in: roster).subtracting([request.subject].compactMap(\.self))
        guard approvers.contains(member.name) else {
            throw Refusal(
                .notApprover,
                "\(member.name) may not \(act) request \(request.number): the rule "
                    + "\(rule) names " + approvers.sorted().map(\.text).joined(separator: ", "))
        }
    }

    func checkAttachment(
        _ fact: Attached, _ event: Event, in context: Context
    ) throws(Refusal) {
        guard let request = fact.request else { return }
        guard let position = requests[request]?.position ?? archived(request, context)?.position
        else { throw unknownRequest(request) }
        try requireSeen(event, covers: position, "the request")
    }

    private func checkCancellation(
        of target: Digest32, in context: Context
    ) throws(Refusal) {
        guard let request = requests[target] else { throw notLive(target, in: context) }
        try requireOpen(request)
        guard request.transfer != nil, request.authorisedAt != nil else {
            throw Refusal(
                .notCancellable,
                "request \(request.number) is not an authorised transfer; a "
                    + "request whose quorum is incomplete is aborted instead")
        }
        guard request.broadcastAt == nil else {
            throw Refusal(
                .notCancellable,
                "request \(request.number) has been broadcast; only a transfer "
                    + "that replaces it can stop it")
        }
    }
}

extension Request {
    fileprivate var replaced: Digest32? {
        if case .transfer(let transfer) = self { transfer.replaces } else { nil }
    }
}
