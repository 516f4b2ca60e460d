internal import Bitcoin
public import Bytes

/// An address was handed out: the wallet's next index on the receive chain is used up.
public struct Issued: Sendable, Hashable {
    public let wallet: WalletName
    public let index: UInt32

    /// Creates the fact.
    public init(wallet: WalletName, index: UInt32) {
        self.wallet = wallet
        self.index = index
    }

    package init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        try reader.key("index", in: &map)
        index = UInt32(try reader.unsigned(maximum: UInt64(WalletProposal.indexLimit)))
        try reader.key("wallet", in: &map)
        wallet = try WalletName(from: &reader)
        try reader.close(map)
    }

    package var cbor: CBORValue { ["index": .unsigned(UInt64(index)), "wallet": wallet.cbor] }
}

/// What the chain showed: headers that go on from known ones, and our transactions in their blocks,
/// with the proof of each.
public struct Observed: Sendable, Hashable {
    /// The headers, 80 bytes each, each on its predecessor; the first on any known one. May be
    /// none, when one block's transactions need more than one event.
    public let headers: [[UInt8]]
    /// SHA-256 over the watched scripts as their wallets specify them: the deterministic CBOR of
    /// `[[descriptor, receive count, change count], …]` in the order of the wallets' names.
    public let scripts: Digest32
    public let transactions: [ObservedTransaction]

    /// The most headers of one event.
    public static let headerLimit = 200
    /// The most transactions of one event.
    public static let transactionLimit = 1_000

    /// Creates the fact.
    public init(headers: [[UInt8]], scripts: Digest32, transactions: [ObservedTransaction]) {
        self.headers = headers
        self.scripts = scripts
        self.transactions = transactions
    }

    package init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        try reader.key("headers", in: &map)
        let offset = reader.offset
        let joined = try reader.bytes(maximum: 80 * Self.headerLimit)
        guard joined.count.isMultiple(of: 80) else {
            throw .unexpected(
                offset: offset, expected: "headers of 80 bytes each",
                found: "\(joined.count) bytes")
        }
        headers = stride(from: 0, to: joined.count, by: 80).map { Array(joined[$0..<$0 + 80]) }
        try reader.key("scripts", in: &map)
        scripts = try reader.digest()
        try reader.key("transactions", in: &map)
        var transactions: [ObservedTransaction] = []
        for _ in 0..<(try reader.openArray(maximum: Self.transactionLimit)) {
            transactions.append(try ObservedTransaction(from: &reader))
        }
        self.transactions = transactions
        try reader.close(map)
    }

    package var cbor: CBORValue {
        [
            "headers": .bytes(headers.flatMap(\.self)), "scripts": .digest(scripts),
            "transactions": .array(transactions.map(\.cbor)),
        ]
    }
}

/// A transaction of ours in a block, with its Merkle branch.
public struct ObservedTransaction: Sendable, Hashable {
    /// The block's hash, in internal byte order.
    public let block: Digest32
    /// The transaction's index in the block.
    public let index: UInt32
    /// The hashes beside the path from the transaction to the block's Merkle root, leaf first.
    public let branch: [Digest32]
    /// The transaction, with its witnesses.
    public let bytes: ByteString

    /// The longest branch, which is that of the fullest block.
    public static let branchLimit = MerkleBranch.depthMax

    /// Creates an observed transaction.
    public init(block: Digest32, index: UInt32, branch: [Digest32], bytes: ByteString) {
        self.block = block
        self.index = index
        self.branch = branch
        self.bytes = bytes
    }

    package init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 4)
        block = try reader.digest()
        index = UInt32(try reader.unsigned(maximum: (1 << UInt64(Self.branchLimit)) - 1))
        var branch: [Digest32] = []
        for _ in 0..<(try reader.openArray(maximum: Self.branchLimit)) {
            branch.append(try reader.digest())
        }
        self.branch = branch
        bytes = try ByteString(from: &reader)
    }

    package var cbor: CBORValue {
        [
            .digest(block), .unsigned(UInt64(index)), .array(branch.map { .digest($0) }),
            bytes.cbor,
        ]
    }
}
