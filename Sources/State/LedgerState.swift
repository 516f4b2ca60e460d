public import Bitcoin
public import Bytes
public import Events
public import Keys
public import Policy

/// Everything that follows from the log up to one position: members, wallets, requests, coins.
///
/// Only what is live is held: requests leave it when they are over, coins when their spend is
/// buried. It is built by the one step (``judge(_:recorded:seenRoot:carrying:_:)`` and
/// ``take(_:_:)``) alone and can be dropped and rebuilt from the log, byte for byte the same
/// (``encoded``).
// rules.md 2
public struct LedgerState: Sendable {
    /// The ledger's id: the id of its founding event.
    public let ledger: Digest32
    /// What the founding event says: name, network, limits, anchor, the log's key.
    public let founding: Founded
    /// How many entries the state follows from.
    public internal(set) var size: UInt64
    /// The recorded time of the last entry.
    public internal(set) var recorded: UInt64
    /// Whether every founding member has accepted; until then nothing else may happen.
    public internal(set) var isFounded = false
    /// Who must approve changes of members, wallets and this quorum.
    public internal(set) var policy: Quorum
    /// Where the event stands that put ``policy`` in force.
    public internal(set) var policySince: UInt64
    /// Every member there has been.
    public internal(set) var members: [MemberName: Member]
    /// Every event key there has been.
    public internal(set) var authors: [KeyID: Author]
    /// Every wallet, retired ones included.
    public internal(set) var wallets: [WalletName: Wallet] = [:]
    /// The requests that live, by the id of the event that initiated them.
    public internal(set) var requests: [Digest32: OpenRequest] = [:]
    /// The running number of the next request.
    public internal(set) var nextNumber: UInt64 = 1
    /// The coins of the wallets, spent ones until the spend is buried.
    public internal(set) var coins: [OutPoint: Coin] = [:]
    /// The recent blocks of the chain, as observed.
    public internal(set) var blocks: BlockTree
    /// How many incidents there have been, and the last of them.
    public internal(set) var incidentCount: UInt64 = 0
    /// The last incidents, at most ``incidentLimit``.
    public internal(set) var incidents: [Incident] = []

    /// The active members and their roles, against which quorums are judged.
    public internal(set) var roster = Roster()
    /// The live transfers that hold each coin.
    var reservations: [OutPoint: [Digest32]] = [:]
    /// Whose each watched script is.
    public internal(set) var scripts: [Script: ScriptOwner] = [:]
    /// SHA-256 over the watched scripts' specification.
    public internal(set) var watchedScripts: Digest32 = .zero
    /// The earliest expiry of a request that can still expire.
    var nextExpiry = UInt64.max
    /// What happened since the effects were last taken.
    var effects = Effects()

    /// The most incidents that the state itself keeps; the log has all.
    public static let incidentLimit = 256

    /// What follows from events besides the state itself.
    public struct Effects: Sendable, Equatable {
        /// Requests that left the live state.
        public var outcomes: [RequestOutcome] = []
        /// What must not happen and is true.
        public var incidents: [Incident] = []

        /// Nothing.
        public init() {}

        /// Whether there is nothing.
        public var isEmpty: Bool { outcomes.isEmpty && incidents.isEmpty }
    }

    /// Takes what has followed since the last call.
    public mutating func takeEffects() -> Effects {
        guard !effects.isEmpty else { return Effects() }
        defer { effects = Effects() }
        return effects
    }
}

extension LedgerState {
    /// The ids of the live transfers that hold a coin.
    public func holders(of coin: OutPoint) -> [Digest32] {
        (reservations[coin] ?? []).filter { requests[$0].map { $0.mined == nil } ?? false }
    }

    /// The height of the active chain's tip.
    public var height: UInt64 { UInt64(blocks.tip.height) }

    /// How many confirmations a coin has; 0 while no block holds it.
    public func confirmations(of coin: Coin) -> UInt64 {
        coin.height.map { height >= $0 ? height - $0 + 1 : 0 } ?? 0
    }

    /// Whether a coin is deep enough to be spent: its wallet's minimum depth, 100 blocks over a
    /// coinbase.
    public func isMature(_ coin: Coin) -> Bool {
        let depth = UInt64(wallets[coin.owner.wallet]?.minimumDepth ?? 1)
        return confirmations(of: coin) >= max(depth, coin.isCoinbase ? 101 : 1)
    }

    /// SHA-256 of ``encoded``, by which two replays are compared.
    public var digest: Digest32 { sha256(encoded) }
}
