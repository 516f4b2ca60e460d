import Bitcoin
import Bytes
import Events
import State
import StateTestSupport
import Testing

@Suite struct TransferFormTests {
    /// Alterations of a transfer of two coins with change, each of which its rule refuses.
    static let alterations: [(Refusal.Rule, @Sendable (Transfer) throws -> Transfer)] = [
        (.transaction, { try $0.with(transaction: { $0.lockTime = 1 }) }),
        (.transaction, { try $0.with(transaction: { $0.version = 3 }) }),
        (.transaction, { try $0.with(transaction: { $0.inputs[1].sequence = .max }) }),
        (.transaction, { try $0.with(transaction: { $0.inputs[0].scriptSig = Script([1]) }) }),
        (.transaction, { try $0.with(transaction: { $0.inputs[1] = $0.inputs[0] }) }),
        (.transaction, { try $0.with(transaction: { $0.inputs.removeLast() }) }),
        (.transaction, { try $0.with(coins: Array($0.coins.prefix(1))) }),
        (.transaction, { try $0.with(transaction: { $0.outputs = [] }, change: .some(nil)) }),
        (
            .transaction,
            { try $0.with(transaction: { $0.outputs[0].scriptPubKey = Script([0x6a, 1, 7]) }) }
        ),
        (
            .transaction,
            { try $0.with(transaction: { $0.outputs[0].scriptPubKey = Script([0x51]) }) }
        ),
        (.unknownCoin, { try $0.with(coins: [$0.coins[0], $0.coins[1].paying(Script([0x51]))]) }),
        (.coinMismatch, { try $0.with(coins: [$0.coins[1], $0.coins[0]]) }),
        (.change, { try $0.with(change: ChangeOutput(output: 2, index: 0)) }),
        (.change, { try $0.with(change: ChangeOutput(output: .max, index: 0)) }),
        (.change, { try $0.with(change: ChangeOutput(output: 0, index: 0)) }),
        (.addressIndex, { try $0.with(change: ChangeOutput(output: 1, index: 1)) }),
        (.fee, { try $0.with(fee: 1_001) }),
        (.fee, { try $0.with(transaction: { $0.outputs[0].amount = 200_000 }) }),
        (.dust, { try $0.with(transaction: { $0.outputs[0].amount = 0 }) }),
    ]

    @Test(arguments: alterations.indices)
    func `a transfer has one form`(_ alteration: Int) throws {
        let (rule, alter) = Self.alterations[alteration]
        var (ledger, coins) = try Treasury.funded(100_000, 60_000)
        let transfer = try ledger.transfer(coins, from: "main", paying: 120_000)
        let refusal = try ledger.refusal(of: .transfer(try alter(transfer)))
        #expect(refusal?.rule == rule, "\(refusal?.reason ?? "admitted")")
        try ledger.initiate(.transfer(transfer), by: "alice")
    }

    @Test func `no change index is used twice`() throws {
        var (ledger, coins) = try Treasury.funded(100_000, 100_000)
        let first = try ledger.transfer([coins[0]], from: "main", paying: 50_000)
        let second = try ledger.transfer([coins[1]], from: "main", paying: 50_000)
        let id = try ledger.initiate(.transfer(first), by: "alice")
        try ledger.record(.aborted(Aborted(request: id, reason: nil)), by: "alice")
        #expect(try ledger.refusal(of: .transfer(second))?.rule == .addressIndex)
        #expect(ledger.state.wallets["main"]?.nextChange == 1)
        #expect(ledger.state.wallets["main"]?.watchedChange == 4)
    }

    @Test func `coins of two wallets do not mix`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let cold = try Provocation.proposal()
        try ledger.create(cold, try Provocation.coldWallet(), by: ["alice", "bob"])
        let others = try ledger.deposit(100_000, to: "cold", watchedBy: "walt")
        let transfer = try ledger.transfer(coins + others, from: "main", paying: 150_000)
        #expect(try ledger.refusal(of: .transfer(transfer))?.rule == .unknownCoin)
    }

    @Test func `operators and holders make transfers, others do not`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let transfer = try ledger.transfer(coins, from: "main", paying: 50_000)
        let request = Request.transfer(transfer)
        #expect(try ledger.refusal(of: request, by: "walt")?.rule == .role)
        #expect(try ledger.refusal(of: request, by: "olga") == nil)
    }
}

extension SpentCoin {
    fileprivate func paying(_ script: Script) -> SpentCoin {
        SpentCoin(amount: amount, script: script.bytes, previous: previous)
    }
}
