public import Bitcoin

/// An amount in JSON: exact as decimal bitcoins, and in satoshis, which every reader holds exactly.
public struct JSONAmount: Encodable, Equatable {
    /// All 8 decimals.
    public let btc: String
    public let satoshis: UInt64

    /// Describes an amount.
    public init(_ amount: Amount) {
        btc = amount.bitcoin
        satoshis = amount.satoshis
    }
}
