public import Bitcoin
public import Events

/// Why a transfer can not be planned, signed or broadcast.
public enum TransferFault: Error, Equatable, Sendable {
    /// Holders have not yet accepted the wallet.
    case walletAwaits(WalletName, holders: [MemberName])
    /// A retired wallet takes no change, so that its coins leave whole.
    case walletRetired(WalletName)
    /// There are no recipients, or more than a transfer may have.
    case recipients(Int)
    /// The fee rate is over the wallet's ceiling.
    case feeRate(FeeRate, WalletName, ceiling: UInt64)
    /// The free coins do not pay the recipients and the fee.
    case funds(WalletFunds)
    /// No coins can be chosen.
    case noCoins(reason: String)
    /// The request is of another kind.
    case notATransfer(number: UInt64)
    /// Approvals or signatures are missing.
    case notFullySigned(number: UInt64, status: String, missing: String?)
    /// The node has refused the transaction; the log says so.
    case refusedByNode(message: String)
}

/// What a wallet has to spend, where it is too little.
public struct WalletFunds: Equatable, Sendable {
    /// Whose coins they are.
    public let wallet: WalletName
    /// What the recipients get.
    public let sent: Amount
    /// What it would take, with the fee of spending everything.
    public let needed: Amount
    /// Free to spend now.
    public let available: Amount
    /// Reserved by requests.
    public let reserved: Amount
    /// Not confirmed deep enough.
    public let pending: Amount
}

extension TransferFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .walletAwaits(let wallet, let holders):
            "the wallet \(wallet) waits for the acceptance of "
                + holders.map(\.text).joined(separator: ", ")
        case .walletRetired(let wallet):
            "the wallet \(wallet) is retired, and no change returns to it; its coins leave whole"
        case .recipients(let count):
            "\(count) recipients; 1 to \(TransferPlan.recipientLimit) are accepted"
        case .feeRate(let rate, let wallet, let ceiling):
            "the fee rate of \(rate) is over the ceiling of the wallet \(wallet), \(ceiling) sat/vB"
        case .funds(let funds): funds.sentence
        case .noCoins(let reason): "no coins can be chosen: \(reason)"
        case .notATransfer(let number): "request \(number) is not a transfer"
        case .notFullySigned(let number, let status, let missing):
            "request \(number) is \(status) and not fully signed; it misses "
                + (missing ?? "nothing, but is no transfer")
        case .refusedByNode(let message): "the node refuses: \(message)"
        }
    }
}

extension WalletFunds {
    fileprivate var sentence: String {
        var held: [String] = []
        if reserved > .zero { held.append("\(reserved) reserved by requests") }
        if pending > .zero { held.append("\(pending) not yet confirmed deep enough") }
        // A fee depends on the coins, so that there is none to name where they do not even pay.
        let need =
            available < sent
            ? "the transfer sends \(sent), and pays a fee besides"
            : "the transfer needs \(needed) at least, with the fee of spending all of it"
        return "the wallet \(wallet) has \(available) free to spend, but \(need)"
            + (held.isEmpty ? "" : "; \(held.joined(separator: ", ")) can not be spent now")
    }
}
