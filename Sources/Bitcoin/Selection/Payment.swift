internal import Bytes

/// What coins are selected for, in numbers.
///
/// Effective values are exact: four thousandths of a satoshi are the unit in which the fee of one
/// weight unit at one satoshi per kilo-vbyte is whole. All sums stay below 2⁶³, since the amounts
/// together are checked to be at most 21 million bitcoins (8.4 · 10¹⁸ units) and a rate times the
/// greatest weight is at most 4 · 10¹⁶.
struct Payment {
    private static let scale = 4_000

    let rate: FeeRate
    let satoshis: UInt64
    let changeDust: UInt64
    private let outputCount: Int
    private let outputWeight: Int
    private let changeWeight: Int
    private let changeInputWeight: Int

    init(
        _ recipients: [TransactionOutput], change: ChangeTemplate, at rate: FeeRate
    ) throws(SelectionRefusal) {
        guard !recipients.isEmpty else { throw .noRecipients }
        for (position, recipient) in recipients.enumerated() {
            guard let threshold = recipient.scriptPubKey.dustThreshold() else { throw .outOfRange }
            guard recipient.amount >= threshold else {
                throw .dustRecipient(
                    position: position, amount: recipient.amount, threshold: threshold)
            }
        }
        guard let sum = Amount.sum(recipients.lazy.map(\.amount)),
            let dust = change.scriptPubKey.dustThreshold()
        else { throw .outOfRange }
        self.rate = rate
        satoshis = sum.satoshis
        changeDust = dust.satoshis
        outputCount = recipients.count
        outputWeight = recipients.reduce(0) { $0 + Self.weight(of: $1.scriptPubKey) }
        changeWeight = Self.weight(of: change.scriptPubKey)
        changeInputWeight = change.inputWeight
        let weight = outputWeight + changeWeight
        guard weight <= CoinSelection.weightMax else {
            throw .overweight(weight: weight, maximum: CoinSelection.weightMax)
        }
        guard Self.inputWeights.contains(changeInputWeight) else {
            throw .changeInputWeight(changeInputWeight)
        }
    }

    /// Weight and required fee of a transaction with these inputs.
    func cost(inputs: Int, inputWeight: Int, hasChange: Bool) -> (weight: Int, fee: UInt64) {
        let outputs = outputCount + (hasChange ? 1 : 0)
        // Version, lock time, and both counts; marker and flag weigh one each.
        let frame = (8 + compactSizeLength(inputs) + compactSizeLength(outputs)) * 4 + 2
        let weight = frame + inputWeight + outputWeight + (hasChange ? changeWeight : 0)
        return (weight, fee(weight: weight))
    }

    /// Checks the candidates and returns those worth spending, the most valuable first.
    func usable(_ candidates: [SelectableCoin]) throws(SelectionRefusal) -> [SelectableCoin] {
        guard candidates.count <= CoinSelection.candidatesMax else {
            throw .tooManyCandidates(
                found: candidates.count, maximum: CoinSelection.candidatesMax)
        }
        var seen: Set<OutPoint> = []
        for coin in candidates {
            guard seen.insert(coin.outPoint).inserted else {
                throw .duplicateCandidate(coin.outPoint)
            }
            guard Self.inputWeights.contains(coin.inputWeight) else {
                throw .inputWeight(coin.outPoint, weight: coin.inputWeight)
            }
        }
        guard Amount.sum(candidates.lazy.map(\.amount)) != nil else { throw .outOfRange }
        return candidates.filter { value($0) > 0 }.sorted {
            let (left, right) = (value($0), value($1))
            return left != right ? left > right : $0.outPoint < $1.outPoint
        }
    }

    /// The fewest coins that pay recipients and fee: the first ones of `usable` that suffice.
    func fewest(_ usable: [SelectableCoin]) throws(SelectionRefusal) -> [SelectableCoin] {
        var sum: UInt64 = 0
        var weight = 0
        var needed = satoshis + cost(inputs: 0, inputWeight: 0, hasChange: false).fee
        for (position, coin) in usable.enumerated() {
            sum += coin.amount.satoshis
            weight += coin.inputWeight
            let fee = cost(inputs: position + 1, inputWeight: weight, hasChange: false).fee
            needed = satoshis + fee
            guard sum < needed else {
                guard position < CoinSelection.inputsMax else {
                    throw .tooManyInputs(maximum: CoinSelection.inputsMax)
                }
                return Array(usable[...position])
            }
        }
        guard let needed = Amount(satoshis: needed), let available = Amount(satoshis: sum) else {
            throw .outOfRange
        }
        throw .insufficientFunds(needed: needed, available: available)
    }

    private static let inputWeights = 164...CoinSelection.weightMax

    private static func weight(of script: Script) -> Int {
        (8 + compactSizeLength(script.bytes.count) + script.bytes.count) * 4
    }

    private func fee(weight: Int) -> UInt64 {
        // Usable coins hold more than their inputs cost, so this is at most a quarter of 8.4 ·
        // 10¹⁸.
        let product = rate.satoshisPerKilovbyte * UInt64((weight + 3) / 4)
        return (product + 999) / 1_000
    }

    /// What a coin adds beyond the fee of its own input.
    private func value(_ coin: SelectableCoin) -> Int {
        Int(coin.amount.satoshis) * Self.scale
            - Int(rate.satoshisPerKilovbyte) * coin.inputWeight
    }
}

extension Payment {
    /// Searches for coins that need no change; nil when there are none or the steps run out first.
    func withoutChange(_ usable: [SelectableCoin]) -> [SelectableCoin]? {
        let values = usable.map(value)
        var search = ChangelessSearch(payment: self, coins: usable, values: values)
        return search.run().map { positions in positions.map { usable[$0] } }
    }

    /// The least sum of effective values that can pay, before the rounding of size and fee.
    var target: Int {
        let frame = (8 + 1 + compactSizeLength(outputCount)) * 4 + 2
        return Int(satoshis) * Self.scale
            + Int(rate.satoshisPerKilovbyte) * (frame + outputWeight)
    }

    /// How much may be left over: creating a change output and spending it later.
    var toleranceSatoshis: UInt64 { fee(weight: changeWeight + changeInputWeight) }

    /// The tolerance, and what rounding the size up by three weight units and the fee to a satoshi
    /// can add.
    var tolerance: Int {
        (Int(toleranceSatoshis) + 1) * Self.scale + Int(rate.satoshisPerKilovbyte) * 3
    }
}
