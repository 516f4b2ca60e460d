internal import Bitcoin
public import Bytes
public import Events
internal import Keys
internal import Policy
internal import State
internal import TestSigning

extension RandomHistory {
    /// Asks for a change of the ledger, or accepts one.
    mutating func govern() throws {
        try acceptMemberships()
        guard chance(70) else { return }
        let member = randomMember()
        let request: Request
        switch Int.random(in: 0..<12, using: &generator) {
        case 0: request = .suspendMember(randomMember())
        case 1, 2: request = .rotateKey(member, to: try newKey(member.text).publicKey.key.id)
        case 3, 4: request = try enrolment()
        case 5: request = .replacePolicy(.ledger, with: policies[0])
        case 6: request = .replacePolicy(.ledger, with: policies[1])
        case 7: request = .replacePolicy(.wallet("main"), with: policies[2])
        case 8: request = .replacePolicy(.wallet("vault"), with: policies[3])
        case 9 where chance(15): request = .retireWallet(chance(50) ? "main" : "vault")
        default:
            let authorised = ledger.state.requests.values.filter { $0.authorisedAt != nil }
            guard let target = pick(authorised.sorted { $0.number < $1.number }) else { return }
            request = .cancel(request: target.id)
        }
        let fact = Initiated(
            request: request, expires: ledger.clock + 5 * MemoryLedger.day, reference: nil)
        let maker = chance(80) ? pick(["alice", "bob", "carol", "olga"]) : randomMember()
        guard let id = try offer(.initiated(fact), by: maker ?? "olga"), chance(60) else { return }
        for name in ledger.state.roster.members.sorted().shuffled(using: &generator) {
            try offer(.approved(Approved(request: id)), by: name)
        }
        try acceptMemberships()
    }

    private var policies: [Quorum] {
        [
            "2 of (alice, bob, carol, dave)", "2 of (2 of executive, erin, olga)",
            "2 of (alice, bob, carol, 1 of (erin, dave))", "2 of (erin, alice, bob, dave)",
        ]
    }

    private mutating func enrolment() throws -> Request {
        names += 1
        let name = MemberName(stringLiteral: chance(10) ? "alice" : "member\(names)")
        let roles: [RoleName] = chance(50) ? ["executive"] : [.watcher]
        let key = chance(10) ? ledger.key(of: randomMember()) : try newKey(name.text)
        return .enrolMember(
            Enrolment(member: name, key: key.publicKey.key.id, roles: roles, person: nil))
    }

    /// Every key has a number of its own, by which whoever accepts finds it again.
    private func newKey(_ name: String) throws -> TestKey {
        try MemoryLedger.key("\(name) \(ledger.state.size)")
    }

    /// Has those accept whose keys are awaited, most of the time.
    private mutating func acceptMemberships() throws {
        let awaited = ledger.state.members.values.filter { $0.status == .awaitingAcceptance }
        for member in awaited.sorted(by: { $0.name < $1.name }) where chance(80) {
            let made = (0..<ledger.state.size).lazy.reversed()
                .compactMap { try? MemoryLedger.key("\(member.name) \($0)") }
                .first { $0.publicKey.key.id == member.key }
            guard let key = made else { continue }
            ledger.keys[member.name] = key
            try offer(.accepted(.membership(member.name)), by: member.name)
        }
    }

    /// One of the facts that change little.
    mutating func small() throws {
        switch Int.random(in: 0..<3, using: &generator) {
        case 0:
            try offer(
                MemoryLedger.attachment(to: chance(50) ? randomRequest() : nil), by: randomMember())
        case 1:
            guard let wallet = pick(ledger.state.wallets.values.sorted { $0.name < $1.name })
            else { return }
            let index = chance(80) ? wallet.nextReceive : wallet.nextReceive + 1
            try offer(.issued(Issued(wallet: wallet.name, index: index)), by: randomMember())
        default:
            try offer(
                .attested(
                    Attested(head: ledger.head, state: ledger.state.digest, findings: 0)),
                by: chance(50) ? "wendy" : randomMember())
        }
    }

    /// Breaks the bookkeeping that each event obeys.
    mutating func misuse() throws {
        let fact = MemoryLedger.attachment(to: nil)
        let key = ledger.key(of: randomMember())
        let next = ledger.state.authors[key.publicKey.key.id]?.nextSequence ?? 0
        let event =
            switch Int.random(in: 0..<7, using: &generator) {
            case 0: try ledger.sign(fact, with: key, sequence: next + 1)
            case 1: try ledger.sign(fact, with: key, sequence: next > 0 ? next - 1 : 5)
            case 2: try ledger.sign(fact, with: key, time: ledger.clock - LedgerState.oldestAge - 1)
            case 3:
                try ledger.sign(
                    fact, with: key, time: ledger.clock + LedgerState.clockTolerance + 1)
            case 4: try ledger.sign(fact, with: key, seen: TreeHead(size: 2, root: .zero))
            case 5: try ledger.sign(fact, with: try MemoryLedger.key("stranger \(next)"))
            default: try forged(fact, of: key)
            }
        _ = try offer(event)
    }

    private func forged(_ fact: Fact, of key: TestKey) throws -> SignedEvent {
        let honest = try ledger.sign(fact, with: key)
        let forger = try MemoryLedger.key("forger")
        return try SignedEvent(honest.event, by: honest.author, ledger: ledger.state.ledger) {
            try forger.ecdsa($0)
        }
    }
}

extension MemoryLedger {
    /// The document that ``attachment(to:)`` attaches.
    public static let document = [UInt8](repeating: 7, count: 40)

    /// A small document attached to the ledger or to a request.
    public static func attachment(to request: Digest32?) -> Fact {
        .attached(Attached(document: BlobReference(document), label: nil, request: request))
    }
}
