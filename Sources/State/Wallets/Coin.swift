public import Bitcoin
public import Bytes

/// A coin of a watched wallet.
public struct Coin: Sendable, Equatable {
    public let outPoint: OutPoint
    public let owner: ScriptOwner
    public let amount: Amount
    public let script: Script
    public let isCoinbase: Bool
    /// Where the event stands that carries the transaction which made it.
    public let observedAt: UInt64
    /// The height of the block that made it; nil while a reorganisation has left it without one.
    public var height: UInt64?
    /// The transaction on the active chain that spends it, and its height.
    public var spent: Spend?

    /// How a coin left.
    public struct Spend: Sendable, Equatable {
        public let txid: Digest32
        public let height: UInt64
    }
}
