import Bitcoin
import Bytes
import Events
import State
import StateTestSupport
import TestSigning

/// The ledger that most tests start from: alice, bob and carol hold a 2-of-3 wallet and approve by
/// two; olga operates, walt watches the chain, audrey audits.
enum Treasury {
    static let roles: [MemberName: [RoleName]] = [
        "alice": ["executive"], "bob": ["executive"], "carol": ["executive"],
        "olga": [.operator], "walt": [.watcher], "audrey": [.auditor],
    ]
    static let quorum: Quorum = "2 of (alice, bob, carol)"
    static let holders: [MemberName] = ["alice", "bob", "carol"]

    /// The ledger without a wallet.
    static func founded(limits: Limits = Limits()) throws -> MemoryLedger {
        var ledger = try MemoryLedger(roles, policy: quorum, limits: limits)
        ledger.observe = checkSnapshot
        return ledger
    }

    /// The ledger with its wallet `main`, in which each amount is a coin of one confirmation.
    static func funded(
        _ amounts: Amount..., kind: Descriptor.Kind = .witnessMultisig(.sorted),
        limits: Limits = Limits(), minimumDepth: UInt32 = 1
    ) throws -> (MemoryLedger, [OutPoint]) {
        var ledger = try founded(limits: limits)
        let wallet = try TestWallet(kind, threshold: 2, of: 3, seed: "main")
        try ledger.create(
            MemoryLedger.proposal(
                "main", wallet, holders: holders, quorum: quorum, minimumDepth: minimumDepth,
                gap: UInt32(max(3, amounts.count))),
            wallet, by: ["alice", "bob"])
        let funding = try ledger.funding("main", amounts)
        try ledger.mine([funding], watchedBy: "walt")
        return (ledger, amounts.indices.map { OutPoint(txid: funding.txid, index: UInt32($0)) })
    }
}

extension MemoryLedger {
    /// Makes a transfer of coins of `main` by alice.
    mutating func send(
        _ coins: [OutPoint], paying amount: Amount, fee: Amount = 1_000,
        replaces: Digest32? = nil, by member: MemberName = "alice", expires: UInt64? = nil
    ) throws -> Digest32 {
        let transfer = try transfer(
            coins, from: "main", paying: amount, fee: fee, replaces: replaces)
        return try initiate(.transfer(transfer), by: member, expires: expires)
    }

    /// Makes a transfer that alice and bob approve.
    mutating func sendAuthorised(
        _ coins: [OutPoint], paying amount: Amount, fee: Amount = 1_000, replaces: Digest32? = nil
    ) throws -> Digest32 {
        let id = try send(coins, paying: amount, fee: fee, replaces: replaces)
        try approve(id, by: "alice", "bob")
        return id
    }

    /// Makes a transfer, has it approved, signed by alice and bob, and broadcast by olga.
    mutating func sendBroadcast(
        _ coins: [OutPoint], paying amount: Amount, fee: Amount = 1_000, replaces: Digest32? = nil
    ) throws -> (id: Digest32, transaction: Transaction) {
        let id = try sendAuthorised(coins, paying: amount, fee: fee, replaces: replaces)
        try sign(id, key: 0, by: "alice")
        try sign(id, key: 1, by: "bob")
        return (id, try broadcast(id, by: "olga"))
    }

    /// Where a request stands, live or ended.
    func status(_ id: Digest32) -> RequestStatus? {
        state.requests[id]?.status ?? effects.outcomes.last { $0.id == id }?.status
    }

    /// What a wallet holds: its unspent coins on the active branch.
    func balance(_ wallet: WalletName) -> Amount {
        Amount.sum(
            state.coins.values.filter {
                $0.owner.wallet == wallet && $0.height != nil && $0.spent == nil
            }.map(\.amount)) ?? .zero
    }
}
