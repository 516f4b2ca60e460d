internal import Bitcoin
internal import Bytes
internal import Events
public import State

/// An unspent coin and what can be done with it.
public struct CoinSummary: Encodable {
    /// The txid and the index of the output, with a colon between.
    public let outPoint: String
    /// The wallet's name.
    public let wallet: String
    /// How much it is.
    public let amount: JSONAmount
    /// Its address.
    public let address: String
    /// How many blocks deep it is.
    public let confirmations: UInt64
    /// What can be done with it, in words.
    public let state: String
    /// The numbers of the requests that hold it.
    public let reservedBy: [UInt64]
    /// The position of the event that observed it.
    public let observedAt: UInt64

    /// Describes it.
    public init(_ coin: Coin, _ state: LedgerState) {
        outPoint = coin.outPoint.description
        wallet = coin.owner.wallet.text
        amount = JSONAmount(coin.amount)
        address = Address(coin.script, state.founding.network)?.text ?? coin.script.hex
        confirmations = state.confirmations(of: coin)
        observedAt = coin.observedAt
        reservedBy = state.holders(of: coin.outPoint).compactMap { state.requests[$0]?.number }
            .sorted()
        if !reservedBy.isEmpty {
            self.state =
                "reserved by request " + reservedBy.map(String.init).joined(separator: ", ")
        } else if state.isMature(coin) {
            self.state = "free"
        } else if coin.height == nil {
            self.state = "pending: in no block since a reorganisation"
        } else if coin.isCoinbase {
            self.state = "immature: a coinbase needs 101 confirmations"
        } else {
            let depth = state.wallets[coin.owner.wallet]?.minimumDepth ?? 1
            self.state = "pending: the wallet wants \(counted(depth, "confirmation"))"
        }
    }
}
