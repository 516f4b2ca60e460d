public import Bitcoin
internal import Bytes
public import Events

/// A wallet as it stands at the head of the log.
public struct Wallet: Sendable, Equatable {
    public let name: WalletName
    public let descriptor: Descriptor
    /// The member who holds each key of the descriptor.
    public let holders: [MemberName]
    public var quorum: Quorum
    public let ceilings: FeeCeilings
    public let minimumDepth: UInt32
    public let gap: UInt32
    public let declaresShortcut: Bool
    public var isRetired = false
    /// The holders who have not yet accepted the descriptor; no address is shown until none is
    /// left.
    public var awaiting: Set<MemberName>
    /// Where the event stands that created the wallet.
    public let since: UInt64
    /// The next index of each chain that no event and no coin has used.
    public var nextReceive: UInt32 = 0
    public var nextChange: UInt32 = 0
    /// How many scripts of each chain are watched: up to the highest used one and the gap beyond.
    public var watchedReceive: UInt32 = 0
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
    public let wallet: WalletName
    public let chain: AddressChain
    public let index: UInt32
}
