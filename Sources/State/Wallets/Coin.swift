public import Bitcoin
public import Bytes

/// A coin of a watched wallet.
public struct Coin: Sendable, Equatable {
    /// The output that the coin is.
    public let outPoint: OutPoint
    /// Whose its script is.
    public let owner: ScriptOwner
    /// What it is worth.
    public let amount: Amount
    /// Its scriptPubKey.
    public let script: Script
    /// Whether it rests for 100 blocks.
    public let isCoinbase: Bool
    /// Where the event stands that carries the transaction which made it.
    public let observedAt: UInt64
    /// The height of the block that made it; nil while a reorganisation has left it without one.
    public var height: UInt64?
    /// The transaction on the active chain that spends it, and its height.
    public var spent: Spend?

    /// How a coin left.
    public struct Spend: Sendable, Equatable {
        /// The transaction that spends it.
        public let txid: Digest32
        /// The height of that transaction's block.
        public let height: UInt64
    }
}
