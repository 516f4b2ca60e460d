internal import Bitcoin
internal import Bytes
internal import Events
internal import Report
public import State

/// A wallet at one moment.
public struct WalletSummary: Encodable {
    /// The most that a fee may be.
    public struct Ceilings: Encodable {
        /// The fee, or the most that it may be.
        public let fee: JSONAmount
        /// The most of a fee rate.
        public let satoshisPerVirtualByte: UInt64
        /// The most of a fee in percent of what is sent.
        public let percentOfAmount: UInt64
    }

    /// The wallet's name.
    public let wallet: String
    /// What can be done with it, in words.
    public let state: String
    /// The position since which it is so.
    public let since: UInt64
    /// The descriptor.
    public let descriptor: String
    /// What the internal key of a taproot tree was made of, in hexadecimal digits.
    public let internalKeyOffset: String?
    /// Who holds each key, in order.
    public let holders: [String]
    /// Whose acceptance is awaited.
    public let awaiting: [String]
    /// How many keys sign.
    public let threshold: Int
    /// The rule.
    public let quorum: String
    /// The ceilings on fees.
    public let ceilings: Ceilings
    /// How many confirmations a coin needs.
    public let depth: UInt32
    /// How many unused addresses are watched.
    public let gap: UInt32
    /// The next index to receive.
    public let nextReceive: UInt32
    /// The next index for change.
    public let nextChange: UInt32
    /// Whether fewer people than the rule asks can sign, declared.
    public let declaresShortcut: Bool
    /// What it holds.
    public let balance: BalanceSummary
    /// How many unspent coins it has.
    public let coins: Int
    /// The live requests about it.
    public let requests: [UInt64]

    /// Describes it.
    public init(_ wallet: Wallet, _ state: LedgerState) {
        self.wallet = wallet.name.text
        self.state = wallet.readiness
        since = wallet.since
        descriptor = wallet.descriptor.text
        internalKeyOffset = wallet.descriptor.internalKeyOffset?.hex
        holders = wallet.holders.map(\.text)
        awaiting = wallet.awaiting.sorted().map(\.text)
        threshold = wallet.descriptor.threshold
        quorum = wallet.quorum.description
        ceilings = Ceilings(
            fee: JSONAmount(wallet.ceilings.fee),
            satoshisPerVirtualByte: wallet.ceilings.satoshisPerVirtualByte,
            percentOfAmount: wallet.ceilings.percentOfAmount)
        depth = wallet.minimumDepth
        gap = wallet.gap
        nextReceive = wallet.nextReceive
        nextChange = wallet.nextChange
        declaresShortcut = wallet.declaresShortcut
        balance = BalanceSummary(wallet, state)
        coins = state.coins.values.count { $0.owner.wallet == wallet.name && $0.spent == nil }
        requests = state.requests.values.filter { $0.initiated.request.wallet == wallet.name }
            .map(\.number).sorted()
    }
}
