import Acting
import Bitcoin
import Bytes
import Events
import Ledger
import State
import StateTestSupport
import Testing

/// Which coins a transfer spends, what returns, and what is refused before anything is frozen.
@Suite struct TransferPlanTests {
    private let treasury: TreasuryFolder
    private let brief: Brief
    private static let rate = rate(2_000)

    init() throws {
        var memory = try Treasury.staged()
        _ = try memory.fund([100_000, 50_000, 20_000])
        treasury = try TreasuryFolder(memory)
        brief = try treasury.brief()
    }

    private static func rate(_ satoshisPerKilovbyte: UInt64) -> FeeRate {
        guard let rate = FeeRate(satoshisPerKilovbyte: satoshisPerKilovbyte) else {
            preconditionFailure("\(satoshisPerKilovbyte) is a rate")
        }
        return rate
    }

    private func payment(_ amount: Amount, to name: String = "payee") -> TransactionOutput {
        TransactionOutput(amount: amount, scriptPubKey: MemoryLedger.payee(name))
    }

    private func plan(
        _ recipients: [TransactionOutput], rest: Script? = nil, at rate: FeeRate = rate,
        replacing replaced: OpenRequest? = nil, in brief: Brief? = nil
    ) throws -> TransferPlan {
        try TransferPlan(
            from: "main", to: recipients, rest: rest, at: rate, replacing: replaced,
            in: brief ?? self.brief)
    }

    private func frozen(_ plan: TransferPlan, in brief: Brief? = nil) throws -> FrozenTransfer {
        try plan.frozen(in: (brief ?? self.brief).state)
    }

    @Test func `the fewest coins pay, and the rest returns to the next change address`() throws {
        let transfer = try frozen(try plan([payment(60_000)]))
        #expect(transfer.outPoints.count == 1)
        #expect(transfer.change?.index == 0)
        let change = try #require(transfer.changeAmount)
        #expect(change.satoshis == 100_000 - 60_000 - transfer.fee.satoshis)
        // Two satoshis for each virtual byte, and no more than the estimate of its size allows.
        #expect(transfer.fee.satoshis >= UInt64(transfer.vsize) * 2)
        #expect(transfer.fee.satoshis <= UInt64(transfer.vsize) * 2 + 20)
    }

    @Test func `an exact match needs no change, and what is dust becomes fee`() throws {
        let fee = try frozen(try plan([payment(1_000)], rest: MemoryLedger.payee())).fee
        // What one input and one output cost, to the satoshi, and a few satoshis above.
        let single = try frozen(try plan([payment(60_000)])).fee.satoshis
        for over in [0, 100, 300] as [UInt64] {
            let amount = try #require(Amount(satoshis: 100_000 - single - over))
            let transfer = try frozen(try plan([payment(amount)]))
            #expect(transfer.change == nil && transfer.outPoints.count == 1)
            #expect(transfer.fee.satoshis == single + over)
        }
        #expect(fee.satoshis > single, "three inputs weigh more than one")
    }

    @Test func `whatever is free leaves with the rest, and a retired wallet pays no other way`()
        throws
    {
        let all = try frozen(try plan([payment(30_000)], rest: MemoryLedger.payee("rest")))
        #expect(all.outPoints.count == 3 && all.change == nil)
        #expect(all.sent.satoshis == 170_000 - all.fee.satoshis)

        var memory = treasury.memory
        try memory.carry(.retireWallet("main"), by: "alice", "bob")
        let retired = try TreasuryFolder(memory).brief()
        #expect(throws: ActingError.transfer(.walletRetired("main"))) {
            _ = try plan([payment(1_000)], in: retired)
        }
        let swept = try plan([], rest: MemoryLedger.payee(), in: retired)
        #expect(try frozen(swept, in: retired).outPoints.count == 3)
    }

    @Test func `a replacement spends the coins of what it replaces, and no others`() throws {
        var memory = treasury.memory
        let coins = memory.state.coins.values.sorted { $0.amount < $1.amount }.map(\.outPoint)
        let first = try memory.send([coins[1]], paying: 10_000)
        let brief = try TreasuryFolder(memory).brief()
        let replaced = try brief.request(2)
        let higher = Self.rate(20_000)
        let transfer = try frozen(
            try plan([payment(10_000)], at: higher, replacing: replaced, in: brief), in: brief)
        #expect(transfer.outPoints == [coins[1]] && transfer.replaces == first)
        // 50,000 satoshis do not pay 60,000, although others are free.
        guard
            case .transfer(.funds(let funds)) = actingError({
                _ = try plan([payment(60_000)], replacing: replaced, in: brief)
            })
        else {
            Issue.record("other coins were spent")
            return
        }
        #expect(funds.available == 50_000)
        // Reserved coins are not free for others.
        guard
            case .transfer(.funds(let others)) = actingError({
                _ = try plan([payment(130_000)], in: brief)
            })
        else {
            Issue.record("reserved coins were spent")
            return
        }
        #expect(others.available == 120_000 && others.reserved == 50_000)
    }

    @Test func `too little is told with what is there and what it would take`() throws {
        guard
            case .transfer(.funds(let funds)) = actingError({
                _ = try plan([payment(170_000)])
            })
        else {
            Issue.record("170,000 satoshis paid 170,000 and a fee")
            return
        }
        #expect(funds.available == 170_000 && funds.sent == 170_000)
        #expect(funds.needed > 170_000)
        #expect("\(ActingError.transfer(.funds(funds)))".contains("has 0.00170000 BTC free"))
    }

    @Test(arguments: [0, 200, 201]) func `1 to 200 are paid`(count: Int) throws {
        let recipients = (0..<count).map { payment(600, to: "payee \($0)") }
        guard (1...TransferPlan.recipientLimit).contains(count) else {
            #expect(throws: ActingError.transfer(.recipients(count))) { _ = try plan(recipients) }
            return
        }
        // They are paid, as far as the coins go.
        let rate = Self.rate(1_000)
        #expect(try plan(recipients, at: rate).transfer.coins.count >= 2)
    }

    @Test func `a rate over the ceiling is named before the wallet seems empty`() throws {
        let ceiling = try #require(brief.state.wallets["main"]).ceilings.satoshisPerVirtualByte
        let rate = Self.rate(ceiling * 1_000 + 1)
        #expect(throws: ActingError.transfer(.feeRate(rate, "main", ceiling: ceiling))) {
            _ = try plan([payment(1_000)], at: rate)
        }
        guard
            case .transfer(.funds) = actingError({
                _ = try plan(
                    [payment(1_000)], at: Self.rate(ceiling * 1_000))
            })
        else {
            Issue.record("the ceiling itself was refused")
            return
        }
    }

    @Test func `a wallet that is none, or is not accepted, pays nothing`() throws {
        guard
            case .refused(let refusal) = actingError({
                _ = try TransferPlan(
                    from: "other", to: [payment(1_000)], at: Self.rate, in: brief)
            })
        else {
            Issue.record("an unknown wallet pays")
            return
        }
        #expect(refusal.rule == .unknownWallet)
    }
}
