internal import Bitcoin
public import Bytes
public import Events
public import State
public import TestSigning
internal import TestSupport

/// A ledger whose members act at random, rightly and wrongly; all of it follows from the seed.
///
/// Two wallets, P2WSH and taproot, and as many acts as a test asks for. What was refused is kept
/// with its place, to be refused again.
public struct RandomHistory: Sendable {
    public internal(set) var ledger: MemoryLedger
    /// The refused events: where and when each was offered, and why it was refused.
    public internal(set) var refused:
        [(position: UInt64, clock: UInt64, event: SignedEvent, Refusal)]
    /// Requests that were in conflict once.
    public internal(set) var returned: Set<Digest32> = []
    /// How many acts of each kind were admitted.
    public internal(set) var counts: [FactType: Int] = [:]
    /// How many of a hundred refused events are recorded all the same.
    public var forcedPercent = 0
    /// Before how many of a hundred events another one of the same key is recorded, changed.
    public var changedPercent = 0

    var generator: SeededGenerator
    var transfers: [Digest32: FrozenTransfer] = [:]
    var mempool: [Transaction] = []
    var names = 0

    /// Founds the ledger of a seed, with funded wallets: `main`, which alice, bob and carol hold,
    /// and `vault`, which alice, dave and erin hold.
    public init(
        seed: UInt64, main: TestWallet? = nil, vault: TestWallet? = nil
    ) throws {
        generator = SeededGenerator(seed: seed)
        refused = []
        ledger = try MemoryLedger(
            [
                "alice": ["executive"], "bob": ["executive"], "carol": ["executive", .operator],
                "dave": ["executive"], "erin": [], "olga": [.operator], "walt": [.watcher],
                "wendy": [.watcher, .auditor],
            ], policy: "2 of (alice, bob, carol, dave)", limits: Limits(openTransfers: 4))
        let main =
            try main
            ?? TestWallet(.witnessMultisig(.sorted), threshold: 2, of: 3, seed: "main")
        try ledger.create(
            MemoryLedger.proposal(
                "main", main, holders: Self.holders(["alice", "bob", "carol"], of: main),
                quorum: "2 of (alice, bob, carol, erin)", gap: 8,
                declaresShortcut: main.descriptor.threshold < 2),
            main, by: ["alice", "bob"])
        let vault =
            try vault
            ?? TestWallet(
                .taprootMultisig(UnspendableKey(), .given), threshold: 2, of: 3, seed: "vault")
        try ledger.create(
            MemoryLedger.proposal(
                "vault", vault, holders: Self.holders(["alice", "dave", "erin"], of: vault),
                quorum: "2 of (erin, 2 of (alice, bob, dave))", gap: 8, declaresShortcut: true),
            vault, by: ["alice", "dave"])
        for _ in 0..<4 {
            try ledger.deposit(90_000, 70_000, to: "main", watchedBy: "walt")
            try ledger.deposit(80_000, to: "vault", watchedBy: "walt")
        }
    }

    /// One holder for each key, in turn.
    private static func holders(_ members: [MemberName], of wallet: TestWallet) -> [MemberName] {
        wallet.roots.indices.map { members[$0 % members.count] }
    }

    /// Acts once.
    public mutating func step() throws {
        switch Int.random(in: 0..<100, using: &generator) {
        case ..<20: try transfer()
        case ..<42: try approve()
        case ..<44: try abort()
        case ..<60: try sign()
        case ..<71: try broadcast()
        case ..<73: try relay()
        case ..<80: try mine()
        case ..<83: try reorganise()
        case ..<92: try govern()
        case ..<94: try small()
        case ..<97: try misuse()
        default: ledger.clock += UInt64.random(in: 1...MemoryLedger.day, using: &generator)
        }
        for request in ledger.state.requests.values where request.status == .conflicted {
            returned.insert(request.id)
        }
    }

    /// Offers a fact of a member to the ledger. Returns its id, or nil when it was refused.
    @discardableResult
    mutating func offer(_ fact: Fact, by member: MemberName) throws -> Digest32? {
        let event = try ledger.sign(fact, with: ledger.key(of: member))
        return try offer(event) ? event.id : nil
    }

    mutating func offer(_ event: SignedEvent) throws -> Bool {
        if changedPercent > 0, chance(changedPercent), try change(event) { return false }
        if let refusal = try ledger.refusal(event) {
            refused.append((ledger.state.size, ledger.clock, event, refusal))
            if forcedPercent > 0, chance(forcedPercent) { ledger.force(event) }
            return false
        }
        counts[event.event.fact.type, default: 0] += 1
        return true
    }

    /// Records a changed event in place of `event`, which its number is lost to.
    private mutating func change(_ event: SignedEvent) throws -> Bool {
        guard let member = ledger.state.authors[event.author]?.member,
            let key = ledger.keys[member],
            let changed = try ChangedEvent(
                event, key: key, ledger: ledger.state.ledger,
                names: ledger.keys.keys.map(\.text).sorted() + ["main", "vault", "executive"],
                digests: ledger.initiated.keys.sorted(), using: &generator)
        else { return false }
        guard let other = changed.event else {
            ledger.force(undecodable: changed.bytes)
            return true
        }
        if try ledger.refusal(other) != nil { ledger.force(other) }
        return true
    }

    mutating func randomMember() -> MemberName {
        let names = ledger.keys.keys.sorted()
        return names[Int.random(in: names.indices, using: &generator)]
    }

    mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &generator) < percent
    }

    mutating func pick<Item>(_ items: [Item]) -> Item? { items.randomElement(using: &generator) }

    /// A live request, oldest first in the draw; now and then one that has ended.
    mutating func randomRequest() -> Digest32? {
        if chance(5) { return pick(ledger.initiated.keys.sorted()) }
        let live = ledger.state.requests.values.sorted { $0.number < $1.number }
        return pick(live.map(\.id))
    }

    // MARK: Judging

    /// What is wrong with the present state; its coins are compared with the chain when nothing of
    /// ours is left to observe in the known blocks.
    public var violations: [String] {
        get throws {
            var ledger = ledger
            let isWhole = try ledger.omission() == nil
            return StateTestSupport.violations(
                of: ledger.state, returned: returned, chain: isWhole ? ledger.chain : nil)
        }
    }

    /// Replays the history from its bytes, and offers what was refused again at its place. Returns
    /// the state, and the sentences of what was judged otherwise.
    public func replayed() throws -> (state: LedgerState, differences: [String]) {
        var differences: [String] = []
        let refused = Dictionary(grouping: refused, by: \.position)
        let state = try ledger.replayed { state, judge in
            for (position, clock, event, refusal) in refused[state.size] ?? [] {
                do throws(Refusal) {
                    try judge(event, clock).admission().verify()
                    differences.append("at \(position) \(event.event.fact.type) is admitted")
                } catch {
                    guard error != refusal else { continue }
                    differences.append("at \(position): \(error), not \(refusal)")
                }
            }
        }
        return (state, differences)
    }
}
