public import Bitcoin
internal import Bytes
public import Events

/// A wallet as it stands at the head of the log.
public struct Wallet: Sendable, Equatable {
    /// The name, which no other wallet ever has.
    public let name: WalletName
    /// The descriptor, on the ledger's network.
    public let descriptor: Descriptor
    /// The member who holds each key of the descriptor.
    public let holders: [MemberName]
    /// Who must approve transfers, its retirement, and changes of this quorum.
    public var quorum: Quorum
    /// What a transfer may pay to the miners.
    public let ceilings: FeeCeilings
    /// How many confirmations a coin needs before it can be spent.
    public let minimumDepth: UInt32
    /// How many addresses beyond the highest used one are watched.
    public let gap: UInt32
    /// Whether its proposer declared a spend path that needs fewer members than the quorum.
    public let declaresShortcut: Bool
    /// Whether it hands out no more addresses and takes no change.
    public var isRetired = false
    /// The holders who have not yet accepted the descriptor; no address is shown until none is
    /// left.
    public var awaiting: Set<MemberName>
    /// Where the event stands that created the wallet.
    public let since: UInt64
    /// The next index of each chain that no event and no coin has used.
    public var nextReceive: UInt32 = 0
    /// The next unused index of the change chain.
    public var nextChange: UInt32 = 0
    /// How many scripts of each chain are watched: up to the highest used one and the gap beyond.
    public var watchedReceive: UInt32 = 0
    /// How many scripts of the change chain are watched.
    public var watchedChange: UInt32 = 0

    /// Whether coins may be received and sent.
    public var isReady: Bool { awaiting.isEmpty && !isRetired }

    /// The next unused index of a chain.
    public func next(_ chain: AddressChain) -> UInt32 {
        chain == .receive ? nextReceive : nextChange
    }

    /// How many scripts of a chain are watched.
    public func watched(_ chain: AddressChain) -> UInt32 {
        chain == .receive ? watchedReceive : watchedChange
    }
}

/// Whose a watched script is.
public struct ScriptOwner: Sendable, Hashable {
    /// The wallet.
    public let wallet: WalletName
    /// The chain of its descriptor.
    public let chain: AddressChain
    /// The index on the chain.
    public let index: UInt32
}
