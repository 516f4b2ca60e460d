internal import Events

/// The bars of a chart: spans of equal length that cover a period.
struct TimeBuckets: Sendable {
    let milliseconds: UInt64
    private(set) var buckets: [PeriodReport.Timeline.Bucket]

    /// The lengths that people know, from a second to a year.
    private static let lengths: [UInt64] = [
        1, 5, 15, 60, 300, 900, 3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600, 86_400, 7 * 86_400,
        14 * 86_400, 30 * 86_400, 91 * 86_400, 365 * 86_400,
    ].map { $0 * 1_000 }

    init(from: Instant, to: Instant) {
        let limit = UInt64(PeriodReport.Limit.buckets)
        let span = to.milliseconds - from.milliseconds
        // Bars begin at full units, so the first may begin before the period.
        let length =
            Self.lengths.first { span / $0 + 2 <= limit }
            ?? (span / (limit - 1) + 1)
        let first = from.milliseconds / length * length
        milliseconds = length
        buckets = (0...(to.milliseconds - first) / length).map {
            PeriodReport.Timeline.Bucket(start: Instant(first + $0 * length))
        }
    }

    private func index(_ time: Instant) -> Int {
        guard let first = buckets.first?.start.milliseconds else { return 0 }
        let bounded = max(time.milliseconds, first)
        return min(Int((bounded - first) / milliseconds), buckets.count - 1)
    }

    mutating func count(_ fact: Fact, isTransfer: Bool, at time: Instant) {
        let index = index(time)
        switch fact {
        case .observed, .relayed: buckets[index].chain += 1
        case .attested, .attached, .issued: buckets[index].other += 1
        case .founded, .accepted: buckets[index].governance += 1
        case .initiated, .approved, .aborted, .signed, .exported, .broadcast:
            if isTransfer { buckets[index].transfers += 1 } else { buckets[index].governance += 1 }
        }
    }

    private var filled = -1
    private var last: [WalletName: Int64] = [:]

    /// Notes the balances after an entry; bars without entries keep those before.
    mutating func setBalances(at time: Instant, _ balances: [WalletName: Int64]) {
        let index = index(time)
        fill(to: index - 1)
        last = balances
        set(index)
        filled = max(filled, index)
    }

    /// The balances with which the period begins.
    mutating func begin(with balances: [WalletName: Int64]) { last = balances }

    /// Gives the last bars the balances that nothing has changed since.
    mutating func fill() { fill(to: buckets.count - 1) }

    private mutating func fill(to index: Int) {
        guard filled < index else { return }
        for next in filled + 1...index { set(next) }
        filled = index
    }

    private mutating func set(_ index: Int) {
        buckets[index].wallets = Dictionary(
            uniqueKeysWithValues: last.map { ($0.key.text, Money(satoshis: $0.value)) })
        buckets[index].total = Money(satoshis: last.values.reduce(0, +))
    }
}
