public import Bitcoin
public import Bytes
public import Events
public import State
internal import TestSigning
internal import TestSupport

/// The ledger that most tests start from: alice, bob and carol hold a 2-of-3 wallet and approve by
/// two; olga operates, walt watches the chain, audrey audits.
public enum Treasury {
    public static let roles: [MemberName: [RoleName]] = [
        "alice": ["executive"], "bob": ["executive"], "carol": ["executive"],
        "olga": [.operator], "walt": [.watcher], "audrey": [.auditor],
    ]
    public static let quorum: Quorum = "2 of (alice, bob, carol)"
    public static let holders: [MemberName] = ["alice", "bob", "carol"]

    /// The seed of acts that precede whatever happens on a staged ledger; nil for none.
    @TaskLocal public static var prelude: UInt64?

    /// The ledger without a wallet, as a stage for what is to be refused.
    public static func staged(limits: Limits = Limits()) throws -> MemoryLedger {
        var ledger = try MemoryLedger(roles, policy: quorum, limits: limits)
        if let prelude { try ledger.fill(seed: prelude) }
        return ledger
    }

    /// The ledger with its wallet `main`, as a stage.
    static func stagedFunds(
        _ amounts: Amount..., limits: Limits = Limits(), minimumDepth: UInt32 = 1
    ) throws -> (MemoryLedger, [OutPoint]) {
        var ledger = try staged(limits: limits)
        let coins = try ledger.fund(amounts, minimumDepth: minimumDepth)
        return (ledger, coins)
    }
}

extension MemoryLedger {
    /// Gives a treasury its wallet `main`, in which each amount is a coin of one confirmation.
    public mutating func fund(
        _ amounts: [Amount], kind: Descriptor.Kind = .witnessMultisig(.sorted),
        minimumDepth: UInt32 = 1
    ) throws -> [OutPoint] {
        let wallet = try TestWallet(kind, threshold: 2, of: 3, seed: "main")
        try create(
            MemoryLedger.proposal(
                "main", wallet, holders: Treasury.holders, quorum: Treasury.quorum,
                minimumDepth: minimumDepth, gap: UInt32(max(3, amounts.count))),
            wallet, by: ["alice", "bob"])
        let funding = try funding("main", amounts)
        try mine([funding], watchedBy: "walt")
        return amounts.indices.map { OutPoint(txid: funding.txid, index: UInt32($0)) }
    }

    /// Has those act who decide nothing, in a way that follows from the seed.
    mutating func fill(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<Int.random(in: 0...40, using: &generator) {
            clock += UInt64.random(in: 0...7_200_000, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0:
                let bytes = (0..<64).map { _ in UInt8.random(in: 0...255, using: &generator) }
                keep(bytes)
                let fact = Attached(document: BlobReference(bytes), label: nil, request: nil)
                let member: MemberName = Bool.random(using: &generator) ? "olga" : "audrey"
                _ = try refusal(.attached(fact), by: member)
            case 1:
                chain.mine()
                _ = try refusal(.observed(try observation()), by: "walt")
            default:
                let fact = Attested(head: head, state: state.digest, findings: 0)
                _ = try refusal(.attested(fact), by: "audrey")
            }
        }
    }

    /// Makes a transfer of coins of `main` by alice.
    public mutating func send(
        _ coins: [OutPoint], paying amount: Amount, fee: Amount = 1_000,
        replaces: Digest32? = nil, by member: MemberName = "alice", expires: UInt64? = nil
    ) throws -> Digest32 {
        let transfer = try transfer(
            coins, from: "main", paying: amount, fee: fee, replaces: replaces)
        return try initiate(.transfer(transfer), by: member, expires: expires)
    }

    /// Makes a transfer that alice and bob approve.
    public mutating func sendAuthorised(
        _ coins: [OutPoint], paying amount: Amount, fee: Amount = 1_000, replaces: Digest32? = nil
    ) throws -> Digest32 {
        let id = try send(coins, paying: amount, fee: fee, replaces: replaces)
        try approve(id, by: "alice", "bob")
        return id
    }

    /// Makes a transfer, has it approved, signed by alice and bob, and broadcast by olga.
    public mutating func sendBroadcast(
        _ coins: [OutPoint], paying amount: Amount, fee: Amount = 1_000, replaces: Digest32? = nil
    ) throws -> (id: Digest32, transaction: Transaction) {
        let id = try sendAuthorised(coins, paying: amount, fee: fee, replaces: replaces)
        try sign(id, key: 0, by: "alice")
        try sign(id, key: 1, by: "bob")
        return (id, try broadcast(id, by: "olga"))
    }

    /// Where a request stands, live or ended.
    public func status(_ id: Digest32) -> RequestStatus? {
        state.requests[id]?.status ?? effects.outcomes.last { $0.id == id }?.status
    }

    /// What a wallet holds: its unspent coins on the active branch.
    public func balance(_ wallet: WalletName) -> Amount {
        Amount.sum(
            state.coins.values.filter {
                $0.owner.wallet == wallet && $0.height != nil && $0.spent == nil
            }.map(\.amount)) ?? .zero
    }
}
