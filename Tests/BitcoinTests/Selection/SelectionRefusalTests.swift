import Bitcoin
import TestSupport
import Testing

private typealias Selecting = `Coin selection`

@Suite struct `Selection refusals and limits` {
    @Test func `a dust recipient is named with its threshold`() throws {
        let coins = [try Selecting.coin(0, 1_000_000)]
        let threshold = try #require(Selecting.script.dustThreshold())
        #expect(threshold.satoshis == 330)
        let rate = try Selecting.rate("1")
        #expect(throws: Never.self) {
            try CoinSelection(
                from: coins, paying: Selecting.pay(50_000, 330), change: Selecting.change, at: rate)
        }
        let refusal = SelectionRefusal.dustRecipient(
            position: 1, amount: try #require(Amount(satoshis: 329)), threshold: threshold)
        #expect(throws: refusal) {
            try CoinSelection(
                from: coins, paying: Selecting.pay(50_000, 329), change: Selecting.change, at: rate)
        }
    }

    @Test func `limits hold at their edge and not one past it`() throws {
        let rate = try Selecting.rate("1")
        let coins = try (0..<201).map { try Selecting.coin($0, 10_000) }
        let each = UInt64(10_000 * 200)
        let most = try CoinSelection(
            from: coins, paying: Selecting.pay(each - 20_000), change: Selecting.change, at: rate)
        #expect(most.coins.count == CoinSelection.inputsMax)
        #expect(throws: SelectionRefusal.tooManyInputs(maximum: 200)) {
            try CoinSelection(
                from: coins, paying: Selecting.pay(each - 5_000), change: Selecting.change, at: rate
            )
        }
        let many = try (0...CoinSelection.candidatesMax).map { try Selecting.coin($0, 10_000) }
        #expect(throws: Never.self) {
            try CoinSelection(
                from: Array(many.dropLast()), paying: Selecting.pay(5_000),
                change: Selecting.change, at: rate)
        }
        #expect(throws: SelectionRefusal.tooManyCandidates(found: 10_001, maximum: 10_000)) {
            try CoinSelection(
                from: many, paying: Selecting.pay(5_000), change: Selecting.change, at: rate)
        }
        let heavy = try (0..<3).map { try Selecting.coin($0, 1_000_000, weight: 199_900) }
        #expect(throws: SelectionRefusal.self) {
            try CoinSelection(
                from: heavy, paying: Selecting.pay(2_000_000), change: Selecting.change, at: rate)
        }
    }

    @Test func `what makes no sense is refused by name`() throws {
        let rate = try Selecting.rate("1")
        let coin = try Selecting.coin(0, 100_000)
        func select(
            _ coins: [SelectableCoin], _ recipients: [TransactionOutput],
            _ change: ChangeTemplate = Selecting.change
        ) -> SelectionRefusal? {
            do {
                _ = try CoinSelection(from: coins, paying: recipients, change: change, at: rate)
                return nil
            } catch { return error }
        }
        let one = try Selecting.pay(50_000)
        #expect(select([coin], []) == .noRecipients)
        #expect(select([coin, coin], one) == .duplicateCandidate(coin.outPoint))
        let light = try Selecting.coin(1, 1, weight: 163)
        #expect(select([light], one) == .inputWeight(light.outPoint, weight: 163))
        let vast = try Selecting.coin(1, 1, weight: .max)
        #expect(select([vast], one) == .inputWeight(vast.outPoint, weight: .max))
        let maximum = Amount.maximum.satoshis
        #expect(select([coin, try Selecting.coin(1, maximum)], one) == .outOfRange)
        #expect(select([coin], try Selecting.pay(maximum, 330)) == .outOfRange)
        let odd = ChangeTemplate(scriptPubKey: Selecting.script, inputWeight: 0)
        #expect(select([coin], one, odd) == .changeInputWeight(0))
        let long = ChangeTemplate(
            scriptPubKey: Script([UInt8](repeating: 0, count: 100_001)), inputWeight: 230)
        if case .overweight = select([coin], one, long) {} else { Issue.record("too long") }
        let all = [try Selecting.coin(1, maximum)]
        if case .insufficientFunds = select(all, try Selecting.pay(maximum)) {
        } else {
            // Recipients and fee together are more than there are bitcoins.
            #expect(select(all, try Selecting.pay(maximum)) == .outOfRange)
        }
    }

    @Test func `the greatest rates and amounts do not overflow`() throws {
        let coins = try (0..<50).map { try Selecting.coin($0, Amount.maximum.satoshis / 50) }
        for rate in [FeeRate.maximum, try #require(FeeRate(satoshisPerKilovbyte: 0))] {
            let recipients = try Selecting.pay(Amount.maximum.satoshis / 3)
            let selection = try CoinSelection(
                from: coins, paying: recipients, change: Selecting.change, at: rate)
            try Selecting.expectSound(selection, coins, recipients, rate)
        }
    }
}
