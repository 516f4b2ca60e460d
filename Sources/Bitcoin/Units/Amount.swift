/// An amount of bitcoin: 0 to 21,000,000 BTC, in whole satoshis.
///
/// No value outside this range can be made, and every sum is checked.
public struct Amount: Sendable, Hashable {
    /// The amount in satoshis, at most 2,100,000,000,000,000.
    public let satoshis: UInt64

    /// Satoshis in one bitcoin (Core's `COIN`).
    public static let satoshisPerBitcoin: UInt64 = 100_000_000

    /// No bitcoin.
    public static let zero = Amount(unchecked: 0)

    /// 21,000,000 BTC (Core's `MAX_MONEY`).
    public static let maximum = Amount(unchecked: 21_000_000 * satoshisPerBitcoin)

    /// Creates an amount, or returns nil over ``maximum``.
    public init?(satoshis: UInt64) {
        guard satoshis <= Self.maximum.satoshis else { return nil }
        self.satoshis = satoshis
    }

    /// Parses a decimal number of bitcoins such as `0.5` or `1.00000000`, exactly; nil for any
    /// other form: a sign, an exponent, a missing digit beside the point, more than 8 decimals, a
    /// leading zero before another digit, or a value over ``maximum``.
    public init?(bitcoin text: String) {
        guard let satoshis = parseDecimal(text, decimals: 8) else { return nil }
        self.init(satoshis: satoshis)
    }

    private init(unchecked satoshis: UInt64) { self.satoshis = satoshis }

    /// The amount in bitcoins with all 8 decimals, as Core prints it: `0.50000000`.
    public var bitcoin: String { formatDecimal(satoshis, decimals: 8) }

    /// The sum, or nil over ``maximum``.
    public func adding(_ other: Amount) -> Amount? { Amount(satoshis: satoshis + other.satoshis) }

    /// The difference, or nil below zero.
    public func subtracting(_ other: Amount) -> Amount? {
        satoshis < other.satoshis ? nil : Amount(unchecked: satoshis - other.satoshis)
    }

    /// The sum of all amounts, or nil over ``maximum``.
    public static func sum(_ amounts: some Sequence<Amount>) -> Amount? {
        var total = zero
        for amount in amounts {
            guard let next = total.adding(amount) else { return nil }
            total = next
        }
        return total
    }
}

extension Amount: Comparable {
    public static func < (left: Amount, right: Amount) -> Bool { left.satoshis < right.satoshis }
}

extension Amount: CustomStringConvertible {
    public var description: String { "\(bitcoin) BTC" }
}
