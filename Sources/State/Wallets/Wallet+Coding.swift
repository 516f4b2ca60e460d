internal import Bitcoin
internal import Bytes
internal import Events

extension Wallet {
    private enum Key: UInt64, SnapshotKey {
        case name = 1
        case descriptor, internalKeyOffset, holders, quorum, ceilings, minimumDepth, gap
        case declaresShortcut, isRetired, awaiting, since, nextReceive, nextChange
        case receiveScripts, changeScripts
    }

    /// The wallet with its watched scripts, each of which would cost a derivation.
    func cbor(watching scripts: (AddressChain) -> [Script]) -> CBORValue {
        func list(_ chain: AddressChain) -> CBORValue {
            .array(scripts(chain).map { .bytes($0.bytes) })
        }
        return .fields([
            Key.name: name.cbor, .descriptor: .text(descriptor.text),
            .internalKeyOffset: descriptor.internalKeyOffset.map { .digest($0) },
            .holders: .array(holders.map(\.cbor)), .quorum: quorum.cbor,
            .ceilings: ceilings.cbor, .minimumDepth: .number(minimumDepth), .gap: .number(gap),
            .declaresShortcut: .bool(declaresShortcut), .isRetired: .bool(isRetired),
            .awaiting: .array(awaiting.sorted().map(\.cbor)), .since: .unsigned(since),
            .nextReceive: .number(nextReceive), .nextChange: .number(nextChange),
            .receiveScripts: list(.receive), .changeScripts: list(.change),
        ])
    }

    init(
        from reader: inout CBORReader, _ network: Network, _ scripts: inout [Script: ScriptOwner]
    ) throws(CBORError) {
        let offset = reader.offset
        var map = try reader.openMap()
        try reader.key(Key.name, in: &map)
        name = try WalletName(from: &reader)
        try reader.key(Key.descriptor, in: &map)
        let text = try reader.text()
        let r = try reader.optional(Key.internalKeyOffset, in: &map) {
            (item) throws(CBORError) in try item.digest()
        }
        guard
            let descriptor = try? Descriptor(text: text, network: network, internalKeyOffset: r)
        else {
            throw .refused(offset: offset, rule: "a wallet's descriptor is malformed")
        }
        self.descriptor = descriptor
        try reader.key(Key.holders, in: &map)
        holders = try reader.list { (item) throws(CBORError) in try MemberName(from: &item) }
        try reader.key(Key.quorum, in: &map)
        quorum = try Quorum(from: &reader)
        try reader.key(Key.ceilings, in: &map)
        ceilings = try FeeCeilings(from: &reader)
        try reader.key(Key.minimumDepth, in: &map)
        minimumDepth = try reader.uint32()
        try reader.key(Key.gap, in: &map)
        gap = try reader.uint32()
        try reader.key(Key.declaresShortcut, in: &map)
        declaresShortcut = try reader.bool()
        try reader.key(Key.isRetired, in: &map)
        isRetired = try reader.bool()
        try reader.key(Key.awaiting, in: &map)
        awaiting = Set(
            try reader.list { (item) throws(CBORError) in try MemberName(from: &item) })
        try reader.key(Key.since, in: &map)
        since = try reader.unsigned()
        try reader.key(Key.nextReceive, in: &map)
        nextReceive = try reader.uint32()
        try reader.key(Key.nextChange, in: &map)
        nextChange = try reader.uint32()
        try reader.key(Key.receiveScripts, in: &map)
        watchedReceive = try Self.read(.receive, of: name, from: &reader, into: &scripts)
        try reader.key(Key.changeScripts, in: &map)
        watchedChange = try Self.read(.change, of: name, from: &reader, into: &scripts)
        try reader.close(map)
    }

    /// Reads the watched scripts of a chain and returns how many there are.
    private static func read(
        _ chain: AddressChain, of name: WalletName, from reader: inout CBORReader,
        into scripts: inout [Script: ScriptOwner]
    ) throws(CBORError) -> UInt32 {
        let list = try reader.list { (item) throws(CBORError) in try item.bytes(maximum: 34) }
        for (index, bytes) in list.enumerated() {
            scripts[Script(bytes)] = ScriptOwner(
                wallet: name, chain: chain, index: UInt32(index))
        }
        return UInt32(list.count)
    }
}

extension ScriptOwner {
    var cbor: CBORValue { [wallet.cbor, .number(chain.rawValue), .number(index)] }

    init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 3)
        wallet = try WalletName(from: &reader)
        let offset = reader.offset
        guard let chain = AddressChain(rawValue: try reader.uint32()) else {
            throw .refused(offset: offset, rule: "a chain is 0 or 1")
        }
        self.chain = chain
        index = try reader.uint32()
    }
}
