internal import Bitcoin
internal import Events
internal import Report
public import State

/// What a wallet holds.
public struct BalanceSummary: Encodable {
    /// The wallet's name.
    public let wallet: String
    /// What can be done with it, in words.
    public let state: String
    /// What can be spent now.
    public let confirmed: JSONAmount
    /// What is not deep enough yet.
    public let pending: JSONAmount
    /// What requests hold.
    public let reserved: JSONAmount

    /// Describes it.
    public init(_ wallet: Wallet, _ state: LedgerState) {
        let balance = state.balance(of: wallet.name)
        self.wallet = wallet.name.text
        self.state = wallet.readiness
        confirmed = JSONAmount(balance.confirmed)
        pending = JSONAmount(balance.pending)
        reserved = JSONAmount(balance.reserved)
    }
}
