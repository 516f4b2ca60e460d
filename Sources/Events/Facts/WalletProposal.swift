public import Bitcoin
public import Bytes

/// A wallet as it is proposed: its descriptor, who holds which key, and who must approve.
public struct WalletProposal: Sendable, Hashable {
    public let wallet: WalletName
    /// The canonical descriptor with its checksum (BIP-380).
    public let descriptor: String
    /// The r of an internal key H + rG, which proves that nobody can sign with it (BIP-341); nil
    /// where the internal key is H itself, or the descriptor has none of either kind.
    public let internalKeyOffset: Digest32?
    /// The member who holds each key of the descriptor, in the descriptor's order.
    public let holders: [MemberName]
    /// Who must approve transfers of the wallet.
    public let quorum: Quorum
    public let ceilings: FeeCeilings
    /// How many confirmations a coin needs before it can be spent, at least 1.
    public let minimumDepth: UInt32
    /// How many addresses beyond the highest used one are watched.
    public let gap: UInt32
    /// Whether the proposer declares that a spend path needs fewer members than the quorum.
    public let declaresShortcut: Bool

    /// The longest descriptor in bytes.
    public static let descriptorLimit = 8_192
    /// The highest address index on either chain.
    public static let indexLimit: UInt32 = 1_000_000
    /// The largest gap.
    public static let gapLimit: UInt32 = 1_000
    /// The most confirmations that a wallet's coins may need.
    public static let depthLimit: UInt32 = 1_000

    /// Creates a proposal.
    public init(
        wallet: WalletName, descriptor: String, internalKeyOffset: Digest32? = nil,
        holders: [MemberName], quorum: Quorum, ceilings: FeeCeilings, minimumDepth: UInt32 = 1,
        gap: UInt32 = 20, declaresShortcut: Bool
    ) {
        self.wallet = wallet
        self.descriptor = descriptor
        self.internalKeyOffset = internalKeyOffset
        self.holders = holders
        self.quorum = quorum
        self.ceilings = ceilings
        self.minimumDepth = minimumDepth
        self.gap = gap
        self.declaresShortcut = declaresShortcut
    }

    /// Parses the descriptor with its internal key's r, for `network`.
    public func parsedDescriptor(on network: Network) throws(DescriptorError) -> Descriptor {
        try Descriptor(text: descriptor, network: network, internalKeyOffset: internalKeyOffset)
    }

    init(
        from reader: inout CBORReader, map: inout CBORReader.Map
    ) throws(CBORError) {
        try reader.key("gap", in: &map)
        gap = UInt32(try reader.unsigned(maximum: UInt64(Self.gapLimit)))
        try Request.kind(from: &reader, &map)
        try reader.key("depth", in: &map)
        minimumDepth = UInt32(try reader.unsigned(maximum: UInt64(Self.depthLimit)))
        internalKeyOffset = try reader.takeKey("offset", in: &map) ? try reader.digest() : nil
        try reader.key("quorum", in: &map)
        quorum = try Quorum(from: &reader)
        try reader.key("wallet", in: &map)
        wallet = try WalletName(from: &reader)
        try reader.key("holders", in: &map)
        var holders: [MemberName] = []
        for _ in 0..<(try reader.openArray(maximum: 32)) {
            holders.append(try MemberName(from: &reader))
        }
        self.holders = holders
        try reader.key("ceilings", in: &map)
        ceilings = try FeeCeilings(from: &reader)
        try reader.key("shortcut", in: &map)
        declaresShortcut = try reader.bool()
        try reader.key("descriptor", in: &map)
        descriptor = try reader.printableASCII(maximum: Self.descriptorLimit)
    }

    var fields: [CBORValue: CBORValue] {
        var fields: [CBORValue: CBORValue] = [
            "gap": .unsigned(UInt64(gap)), "depth": .unsigned(UInt64(minimumDepth)),
            "quorum": quorum.cbor, "wallet": wallet.cbor,
            "holders": .array(holders.map(\.cbor)), "ceilings": ceilings.cbor,
            "shortcut": .bool(declaresShortcut), "descriptor": .text(descriptor),
        ]
        fields["offset"] = internalKeyOffset.map { .digest($0) }
        return fields
    }
}

/// What a transfer of a wallet may pay to the miners. All ceilings must hold.
public struct FeeCeilings: Sendable, Hashable {
    /// The highest fee of a transaction.
    public let fee: Amount
    /// The highest fee rate in satoshis per virtual byte.
    public let satoshisPerVirtualByte: UInt64
    /// The highest share of the amount sent to others, in percent; 100 and more do not bind.
    public let percentOfAmount: UInt64

    /// The highest rate and the highest share that a ceiling can be.
    public static let limit: UInt64 = 1_000_000

    /// Creates ceilings.
    public init(
        fee: Amount, satoshisPerVirtualByte: UInt64 = 500, percentOfAmount: UInt64 = 10
    ) {
        self.fee = fee
        self.satoshisPerVirtualByte = satoshisPerVirtualByte
        self.percentOfAmount = percentOfAmount
    }

    package init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 3)
        fee = try Amount(from: &reader)
        satoshisPerVirtualByte = try reader.unsigned(maximum: Self.limit)
        percentOfAmount = try reader.unsigned(maximum: Self.limit)
    }

    package var cbor: CBORValue {
        [fee.cbor, .unsigned(satoshisPerVirtualByte), .unsigned(percentOfAmount)]
    }
}
