/// A fee per size, exact to a thousandth of a satoshi per virtual byte.
public struct FeeRate: Sendable, Hashable {
    /// The rate in satoshis per 1,000 virtual bytes, Core's own unit; at most ``maximum``'s.
    public let satoshisPerKilovbyte: UInt64

    /// One bitcoin per virtual byte: above every fee ever meant, and low enough that no product of
    /// a rate and a size overflows.
    public static let maximum = FeeRate(unchecked: Amount.satoshisPerBitcoin * 1_000)

    /// The rate below which an output's own spending makes it dust (Core's `DUST_RELAY_TX_FEE`).
    public static let dust = FeeRate(unchecked: 3_000)

    /// Creates a rate, or returns nil over ``maximum``.
    public init?(satoshisPerKilovbyte: UInt64) {
        guard satoshisPerKilovbyte <= Self.maximum.satoshisPerKilovbyte else { return nil }
        self.satoshisPerKilovbyte = satoshisPerKilovbyte
    }

    /// Parses a decimal number of satoshis per virtual byte such as `1.5`, at most 3 decimals; nil
    /// for any other form.
    public init?(satoshisPerVbyte text: String) {
        guard let rate = parseDecimal(text, decimals: 3) else { return nil }
        self.init(satoshisPerKilovbyte: rate)
    }

    private init(unchecked rate: UInt64) { satoshisPerKilovbyte = rate }

    /// The rate in satoshis per virtual byte with all 3 decimals: `1.500`.
    public var satoshisPerVbyte: String { formatDecimal(satoshisPerKilovbyte, decimals: 3) }

    /// The fee for `vsize` virtual bytes, rounded up to whole satoshis; nil when `vsize` is
    /// negative or the fee over ``Amount/maximum``.
    public func fee(vsize: Int) -> Amount? {
        guard let size = UInt64(exactly: vsize) else { return nil }
        let (product, overflow) = satoshisPerKilovbyte.multipliedReportingOverflow(by: size)
        guard !overflow else { return nil }
        return Amount(satoshis: product / 1_000 + (product % 1_000 == 0 ? 0 : 1))
    }
}

extension FeeRate: Comparable {
    public static func < (left: FeeRate, right: FeeRate) -> Bool {
        left.satoshisPerKilovbyte < right.satoshisPerKilovbyte
    }
}

extension FeeRate: CustomStringConvertible {
    public var description: String { "\(satoshisPerVbyte) sat/vB" }
}
