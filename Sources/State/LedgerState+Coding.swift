internal import Bitcoin
public import Bytes
internal import Events
internal import Keys

extension LedgerState {
    /// The version of the snapshot's format; a snapshot of another one is rebuilt from the log.
    static let encodingVersion: UInt64 = 2

    private enum Key: UInt64, SnapshotKey {
        case version = 0
        case ledger, founding, size, recorded, isFounded, policy, policySince
        case members, authors, blocks, wallets, coins, nextNumber, requests
        case incidentCount, incidents
    }

    /// The state as deterministic CBOR: equal states have equal bytes.
    ///
    /// What follows from the rest is not in it.
    public var encoded: [UInt8] {
        let value = CBORValue.fields([
            Key.version: .unsigned(Self.encodingVersion), .ledger: .digest(ledger),
            .founding: founding.cbor, .size: .unsigned(size), .recorded: .unsigned(recorded),
            .isFounded: .bool(isFounded), .policy: policy.cbor,
            .policySince: .unsigned(policySince),
            .members: .array(members.values.sorted { $0.name < $1.name }.map(\.cbor)),
            .authors: .array(authors.values.sorted { $0.key.id < $1.key.id }.map(\.cbor)),
            .blocks: blocks.cbor, .wallets: encodedWallets,
            .coins: .array(coins.values.sorted { $0.outPoint < $1.outPoint }.map(\.cbor)),
            .nextNumber: .unsigned(nextNumber),
            .requests: .array(requests.values.sorted { $0.number < $1.number }.map(\.cbor)),
            .incidentCount: .unsigned(incidentCount),
            .incidents: .array(incidents.map(\.cbor)),
        ])
        return value.encoded
    }

    private var encodedWallets: CBORValue {
        let sorted = wallets.values.sorted { $0.name < $1.name }
        return .array(
            sorted.map { wallet in
                wallet.cbor { chain in
                    scripts.filter { $0.value.wallet == wallet.name && $0.value.chain == chain }
                        .sorted { $0.value.index < $1.value.index }.map(\.key)
                }
            })
    }

    /// Decodes a snapshot; what follows from the rest is worked out again. A state has one
    /// encoding.
    ///
    /// A snapshot is trusted only when its digest is: a reader that has no such digest replays.
    public init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes.span)
        var map = try reader.openMap()
        try reader.key(Key.version, in: &map)
        let offset = reader.offset
        let version = try reader.unsigned()
        guard version == Self.encodingVersion else {
            throw .unexpected(
                offset: offset, expected: "a snapshot of version \(Self.encodingVersion)",
                found: "version \(version)")
        }
        try reader.key(Key.ledger, in: &map)
        ledger = try reader.digest()
        try reader.key(Key.founding, in: &map)
        founding = try Founded(from: &reader)
        try reader.key(Key.size, in: &map)
        size = try reader.unsigned()
        try reader.key(Key.recorded, in: &map)
        recorded = try reader.unsigned()
        try reader.key(Key.isFounded, in: &map)
        isFounded = try reader.bool()
        try reader.key(Key.policy, in: &map)
        policy = try Quorum(from: &reader)
        try reader.key(Key.policySince, in: &map)
        policySince = try reader.unsigned()
        try reader.key(Key.members, in: &map)
        members = [:]
        for _ in 0..<(try reader.openArray()) {
            let member = try Member(from: &reader)
            members[member.name] = member
        }
        try reader.key(Key.authors, in: &map)
        authors = [:]
        for _ in 0..<(try reader.openArray()) {
            let author = try Author(from: &reader)
            authors[author.key.id] = author
        }
        try reader.key(Key.blocks, in: &map)
        blocks = try BlockTree(from: &reader, network: founding.network)
        try readBusiness(from: &reader, &map)
        try reader.close(map)
        try reader.end()
        updateRoster()
        updateNextExpiry()
        updateWatchedScripts()
        // Lists in another order, or with an item twice, would give the same state again.
        guard encoded == bytes else {
            throw .refused(offset: 0, rule: "it is not the one encoding of its state")
        }
    }

    private mutating func readBusiness(
        from reader: inout CBORReader, _ map: inout CBORReader.Map
    ) throws(CBORError) {
        try reader.key(Key.wallets, in: &map)
        for _ in 0..<(try reader.openArray()) {
            let wallet = try Wallet(from: &reader, founding.network, &scripts)
            wallets[wallet.name] = wallet
        }
        try reader.key(Key.coins, in: &map)
        for _ in 0..<(try reader.openArray()) {
            let coin = try Coin(from: &reader)
            coins[coin.outPoint] = coin
        }
        try reader.key(Key.nextNumber, in: &map)
        nextNumber = try reader.unsigned()
        try reader.key(Key.requests, in: &map)
        for _ in 0..<(try reader.openArray()) {
            let request = try OpenRequest(from: &reader, in: self)
            requests[request.id] = request
            for outPoint in request.transfer?.outPoints ?? [] {
                reservations[outPoint, default: []].append(request.id)
            }
        }
        try reader.key(Key.incidentCount, in: &map)
        incidentCount = try reader.unsigned()
        try reader.key(Key.incidents, in: &map)
        for _ in 0..<(try reader.openArray(maximum: Self.incidentLimit)) {
            incidents.append(try Incident(from: &reader))
        }
    }
}
