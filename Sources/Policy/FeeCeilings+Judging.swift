public import Bitcoin
public import Events

/// Why a fee is over a ceiling of its wallet.
public enum FeeRefusal: Error, Equatable {
    case fee(Amount, ceiling: Amount)
    /// Satoshis per virtual byte, rounded up.
    case rate(UInt64, ceiling: UInt64)
    /// Percent of the amount that is sent to others, rounded up.
    case share(UInt64, ceiling: UInt64)
}

extension FeeRefusal: CustomStringConvertible {
    public var description: String {
        switch self {
        case .fee(let fee, let ceiling):
            "the fee of \(fee) is over the wallet's ceiling of \(ceiling)"
        case .rate(let rate, let ceiling):
            "the fee rate of \(rate) sat/vB is over the wallet's ceiling of \(ceiling) sat/vB"
        case .share(let share, let ceiling):
            "the fee is \(share) % of the amount sent; the wallet's ceiling is \(ceiling) %"
        }
    }
}

extension FeeCeilings {
    /// Judges a fee: nil when all ceilings hold, otherwise the first that does not.
    ///
    /// - Parameters:
    ///   - vsize: the largest virtual size that the signed transaction can have, so that a
    ///     signature shorter by a byte does not make the same fee too high.
    ///   - sent: what goes to others; a share of nothing is not judged.
    // rules.md 9.4
    public func refusal(of paid: Amount, vsize: Int, sent: Amount) -> FeeRefusal? {
        if paid > fee { return .fee(paid, ceiling: fee) }
        let size = UInt64(max(vsize, 1))
        let rate = (paid.satoshis + size - 1) / size
        if rate > satoshisPerVirtualByte { return .rate(rate, ceiling: satoshisPerVirtualByte) }
        guard sent.satoshis > 0, percentOfAmount < 100 else { return nil }
        // At most 2.1e15 satoshis times 100 fits 64 bits many times over.
        let share = (paid.satoshis * 100 + sent.satoshis - 1) / sent.satoshis
        if share > percentOfAmount { return .share(share, ceiling: percentOfAmount) }
        return nil
    }
}
