import Bitcoin
import Bytes
import TestSupport
import Testing

@Suite struct `A sweep` {
    typealias Selecting = `Coin selection`

    @Test(arguments: [1, 2, 3, 7, 40], ["1", "2.5", "10", "99.001"])
    func `spends every coin, at the rate exactly, without change`(
        _ count: Int, _ rate: String
    ) throws {
        let rate = try Selecting.rate(rate)
        let coins = try (0..<count).map { try Selecting.coin($0, 100_000 + UInt64($0) * 77) }
        for paid in [[], try Selecting.pay(20_000), try Selecting.pay(1_000, 2_000)] {
            let sweep = try Sweep(
                of: coins.shuffled(), paying: paid, rest: Selecting.script, at: rate)
            let outputs =
                paid + [TransactionOutput(amount: sweep.rest, scriptPubKey: Selecting.script)]
            try Selecting.expectSound(sweep.selection, coins, outputs, rate)
            #expect(sweep.selection.coins.count == count)
            #expect(sweep.selection.change == nil)
            #expect(sweep.selection.fee == rate.fee(vsize: sweep.selection.vsize))
        }
    }

    @Test func `coins that are not worth their input stay`() throws {
        let rate = try Selecting.rate("10")
        // 57.5 vB at 10 sat/vB.
        let coins = [
            try Selecting.coin(0, 90_000), try Selecting.coin(1, 575), try Selecting.coin(2, 576),
        ]
        let sweep = try Sweep(of: coins, rest: Selecting.script, at: rate)
        #expect(Set(sweep.selection.coins) == [coins[0], coins[2]])
    }

    @Test func `the rest is what nodes relay, and a satoshi less is refused`() throws {
        let rate = try Selecting.rate("1")
        let dust = try #require(Selecting.script.dustThreshold())
        // One input and one output are 111 vB.
        let sweep = try Sweep(
            of: [try Selecting.coin(0, 111 + dust.satoshis)], rest: Selecting.script, at: rate)
        #expect(sweep.rest == dust)
        let refusal = SelectionRefusal.insufficientFunds(
            needed: try #require(Amount(satoshis: 111 + dust.satoshis)),
            available: try #require(Amount(satoshis: 110 + dust.satoshis)))
        let short = [try Selecting.coin(0, 110 + dust.satoshis)]
        #expect(throws: refusal) { try Sweep(of: short, rest: Selecting.script, at: rate) }
        #expect(throws: SelectionRefusal.self) {
            try Sweep(of: [], rest: Selecting.script, at: rate)
        }
    }

    @Test func `no more coins than one transaction may spend, those of most worth`() throws {
        let rate = try Selecting.rate("1")
        let coins = try (0...CoinSelection.inputsMax).map {
            try Selecting.coin($0, 10_000 + UInt64($0))
        }
        let sweep = try Sweep(of: coins, rest: Selecting.script, at: rate)
        #expect(Set(sweep.selection.coins) == Set(coins[1...]))
        // Of the heaviest inputs fewer fit: 400,000 weight units are relayed.
        let heavy = try (0..<CoinSelection.inputsMax).map {
            try Selecting.coin($0, 1_000_000, weight: 4_000)
        }
        let fit = try Sweep(of: heavy, rest: Selecting.script, at: rate)
        #expect(fit.selection.coins.count == 99)
        #expect(fit.selection.vsize * 4 <= CoinSelection.weightMax)
    }
}
