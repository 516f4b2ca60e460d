import Bitcoin
import Bytes
import TestSupport
import Testing

@Suite struct `Coin selection` {
    static let script = Script.witnessProgram(version: 1, [UInt8](repeating: 7, count: 32))
    static let change = ChangeTemplate(scriptPubKey: script, inputWeight: 230)

    static func coin(_ number: Int, _ satoshis: UInt64, weight: Int = 230) throws -> SelectableCoin
    {
        SelectableCoin(
            outPoint: OutPoint(txid: sha256([UInt8(number / 256), UInt8(number % 256)]), index: 0),
            amount: try #require(Amount(satoshis: satoshis)), inputWeight: weight)
    }

    static func pay(_ satoshis: UInt64...) throws -> [TransactionOutput] {
        try satoshis.map {
            TransactionOutput(amount: try #require(Amount(satoshis: $0)), scriptPubKey: script)
        }
    }

    static func rate(_ satoshisPerVbyte: String) throws -> FeeRate {
        try #require(FeeRate(satoshisPerVbyte: satoshisPerVbyte))
    }

    /// What every selection must be, whichever coins it took.
    static func expectSound(
        _ selection: CoinSelection, _ coins: [SelectableCoin], _ recipients: [TransactionOutput],
        _ rate: FeeRate
    ) throws {
        let offered = Set(coins)
        #expect(selection.coins.allSatisfy { offered.contains($0) })
        #expect(Set(selection.coins.map(\.outPoint)).count == selection.coins.count)
        #expect(selection.coins == selection.coins.sorted { $0.outPoint < $1.outPoint })
        let sum = try #require(Amount.sum(selection.coins.map(\.amount)))
        let paid = try #require(Amount.sum(recipients.map(\.amount)))
        let spent = paid.satoshis + (selection.change?.satoshis ?? 0) + selection.fee.satoshis
        #expect(sum.satoshis == spent)
        let required = try #require(rate.fee(vsize: selection.vsize))
        #expect(selection.fee >= required)
        if let amount = selection.change {
            #expect(selection.fee == required)
            #expect(amount >= Self.script.dustThreshold() ?? .maximum)
        }
        let outputs =
            recipients
            + (selection.change.map {
                [TransactionOutput(amount: $0, scriptPubKey: Self.script)]
            } ?? [])
        let transaction = Transaction(
            inputs: selection.coins.map {
                TransactionInput(previousOutput: $0.outPoint, sequence: 0)
            }, outputs: outputs)
        let witnesses = selection.coins.reduce(2) { $0 + $1.inputWeight - 164 }
        #expect(selection.vsize == (transaction.weight + witnesses + 3) / 4)
    }

    @Test func `coins that fit exactly are preferred to a larger one with change`() throws {
        let rate = try Self.rate("10")
        // 57.5 vB each: 12 frame and marker, 43 for the recipient.
        let coins = [
            try Self.coin(0, 500_000), try Self.coin(1, 60_000), try Self.coin(2, 41_700),
        ]
        let recipients = try Self.pay(100_000)
        let selection = try CoinSelection(
            from: coins, paying: recipients, change: Self.change, at: rate)
        #expect(selection.change == nil)
        #expect(Set(selection.coins) == Set(coins[1...]))
        #expect(selection.fee.satoshis == 1_700)
        try Self.expectSound(selection, coins, recipients, rate)
    }

    @Test func `one satoshi too little for an exact match is change or refused`() throws {
        let rate = try Self.rate("1")
        let recipients = try Self.pay(50_000)
        let exact = [try Self.coin(0, 50_111)]
        let selection = try CoinSelection(
            from: exact, paying: recipients, change: Self.change, at: rate)
        #expect(selection.vsize == 111)
        #expect(selection.fee.satoshis == 111)
        let refusal = SelectionRefusal.insufficientFunds(
            needed: try #require(Amount(satoshis: 50_111)),
            available: try #require(Amount(satoshis: 50_110)))
        let short = [try Self.coin(0, 50_110)]
        #expect(throws: refusal) {
            try CoinSelection(from: short, paying: recipients, change: Self.change, at: rate)
        }
    }

    @Test func `what is left over within the tolerance becomes fee, beyond it change`() throws {
        let rate = try Self.rate("10")
        let recipients = try Self.pay(50_000)
        // One input and one output are 111 vB; change costs 43 now and 57.5 later.
        let tolerance = UInt64(10 * 101)
        for (left, hasChange) in [(0, false), (tolerance, false), (tolerance + 1, true)] {
            let coins = [try Self.coin(0, 50_000 + 1_110 + left)]
            let selection = try CoinSelection(
                from: coins, paying: recipients, change: Self.change, at: rate)
            #expect((selection.change != nil) == hasChange, "\(left)")
            try Self.expectSound(selection, coins, recipients, rate)
        }
    }

    @Test func `change at the dust threshold is paid, below it becomes fee`() throws {
        let rate = try Self.rate("0.1")
        let recipients = try Self.pay(50_000)
        let dust = try #require(Self.script.dustThreshold()).satoshis
        for (left, hasChange) in [(dust - 1, false), (dust, true)] {
            // With change: 154 vB, 16 satoshis.
            let coins = [try Self.coin(0, 50_000 + 16 + left)]
            let selection = try CoinSelection(
                from: coins, paying: recipients, change: Self.change, at: rate)
            #expect(selection.change?.satoshis == (hasChange ? dust : nil))
            #expect(selection.fee.satoshis == (hasChange ? 16 : 16 + dust - 1))
            try Self.expectSound(selection, coins, recipients, rate)
        }
    }

    @Test func `with change the fewest coins are taken`() throws {
        let rate = try Self.rate("5")
        let coins = try (1...30).map { try Self.coin($0, UInt64($0) * 100_000) }
        for needed in 1...10 {
            let most = (0..<needed).reduce(0) { $0 + UInt64(30 - $1) * 100_000 }
            let recipients = try Self.pay(most - 40_000)
            let selection = try CoinSelection(
                from: coins, paying: recipients, change: Self.change, at: rate)
            #expect(selection.coins.count == needed)
            #expect(selection.change != nil)
            try Self.expectSound(selection, coins, recipients, rate)
        }
    }

    @Test func `coins that cost more than they hold are never taken`() throws {
        let rate = try Self.rate("100")
        let coins = [try Self.coin(0, 5_749), try Self.coin(1, 5_750), try Self.coin(2, 40_000)]
        let recipients = try Self.pay(30_000)
        let refusal = SelectionRefusal.insufficientFunds(
            needed: try #require(Amount(satoshis: 41_100)),
            available: try #require(Amount(satoshis: 40_000)))
        #expect(throws: refusal) {
            try CoinSelection(from: coins, paying: recipients, change: Self.change, at: rate)
        }
    }

    @Test func `the same coins in another order give the same selection`() throws {
        for seed in UInt64(0)..<300 {
            var generator = SeededGenerator(seed: seed)
            let coins = try (0..<Int.random(in: 1...40, using: &generator)).map {
                try Self.coin($0, UInt64.random(in: 400...200_000, using: &generator))
            }
            let recipients = try Self.pay(UInt64.random(in: 330...500_000, using: &generator))
            let rate = try #require(
                FeeRate(satoshisPerKilovbyte: UInt64.random(in: 100...50_000, using: &generator)))
            func select(_ coins: [SelectableCoin]) -> Result<CoinSelection, SelectionRefusal> {
                Result { () throws(SelectionRefusal) in
                    try CoinSelection(
                        from: coins, paying: recipients, change: Self.change, at: rate)
                }
            }
            let result = select(coins)
            #expect(select(coins.shuffled(using: &generator)) == result, "seed \(seed)")
            if case .success(let selection) = result {
                try Self.expectSound(selection, coins, recipients, rate)
            }
        }
    }

    @Test func `branch and bound finds what trying every subset finds`() throws {
        for seed in UInt64(0)..<200 {
            var generator = SeededGenerator(seed: seed)
            let coins = try (0..<10).map {
                try Self.coin($0, UInt64.random(in: 1_000...100_000, using: &generator))
            }
            let recipients = try Self.pay(UInt64.random(in: 5_000...300_000, using: &generator))
            let rate = try Self.rate("10")
            var least: UInt64?
            for subset in 1..<1 << coins.count {
                let taken = coins.indices.filter { subset >> $0 & 1 == 1 }
                let sum = taken.reduce(0) { $0 + coins[$1].amount.satoshis }
                let weight = (8 + 1 + 1) * 4 + 2 + taken.count * 230 + 43 * 4
                let needed = recipients[0].amount.satoshis + UInt64((weight + 3) / 4 * 10)
                guard sum >= needed, sum - needed <= 1_010 else { continue }
                least = min(least ?? .max, sum - needed)
            }
            let selection = try? CoinSelection(
                from: coins, paying: recipients, change: Self.change, at: rate)
            guard let least else { continue }
            let found = try #require(selection)
            #expect(found.change == nil, "seed \(seed)")
            #expect(found.fee.satoshis == UInt64(found.vsize * 10) + least, "seed \(seed)")
        }
    }
}
