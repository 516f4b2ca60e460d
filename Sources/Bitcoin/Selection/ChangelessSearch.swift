/// Depth-first search over including or omitting each coin, the most valuable first (Core's
/// `SelectCoinsBnB`).
struct ChangelessSearch {
    let payment: Payment
    let coins: [SelectableCoin]
    let values: [Int]
    private var included: [Int] = []
    private var sum = 0
    private var best: (left: UInt64, positions: [Int])?

    init(payment: Payment, coins: [SelectableCoin], values: [Int]) {
        self.payment = payment
        self.coins = coins
        self.values = values
    }

    mutating func run() -> [Int]? {
        let target = payment.target
        let ceiling = target + payment.tolerance
        var rest = values.reduce(0, +)
        var next = 0
        for _ in 0..<CoinSelection.triesMax {
            if sum >= target, sum <= ceiling { judge() }
            if best?.left == 0 { break }
            let isHopeless =
                sum >= target || sum + rest < target || next == coins.count
                || included.count == CoinSelection.inputsMax
            if isHopeless {
                guard let last = included.popLast() else { break }
                // Back to the last coin included: the branch without it is next.
                while next > last + 1 {
                    next -= 1
                    rest += values[next]
                }
                sum -= values[last]
                // Coins of the same value would only repeat what this branch has shown.
                while next < coins.count, values[next] == values[last],
                    coins[next].inputWeight == coins[last].inputWeight
                {
                    rest -= values[next]
                    next += 1
                }
            } else {
                sum += values[next]
                rest -= values[next]
                included.append(next)
                next += 1
            }
        }
        return best?.positions
    }

    /// Keeps the coins included now when they pay exactly and leave less over than the best so far.
    private mutating func judge() {
        var amount: UInt64 = 0
        var weight = 0
        for position in included {
            amount += coins[position].amount.satoshis
            weight += coins[position].inputWeight
        }
        let cost = payment.cost(inputs: included.count, inputWeight: weight, hasChange: false)
        guard cost.weight <= CoinSelection.weightMax, amount >= payment.satoshis + cost.fee else {
            return
        }
        let left = amount - payment.satoshis - cost.fee
        guard left <= payment.toleranceSatoshis, left < best?.left ?? .max else { return }
        best = (left, included)
    }
}
