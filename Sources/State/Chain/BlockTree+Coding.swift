internal import Bitcoin
internal import Bytes
internal import Events

extension BlockTree {
    private enum Key: UInt64, SnapshotKey {
        case blocks = 1
        case active
    }

    var cbor: CBORValue {
        let sorted = blocks.values.sorted {
            ($0.chain.height, $0.chain.hash) < ($1.chain.height, $1.chain.hash)
        }
        return .fields([
            Key.blocks: .array(sorted.map(\.cbor)), .active: .array(active.map { .digest($0) }),
        ])
    }

    init(from reader: inout CBORReader, network: Network) throws(CBORError) {
        var map = try reader.openMap()
        try reader.key(Key.blocks, in: &map)
        var blocks: [Digest32: Block] = [:]
        for _ in 0..<(try reader.openArray()) {
            let block = try Block(from: &reader, network: network)
            blocks[block.chain.hash] = block
        }
        try reader.key(Key.active, in: &map)
        let offset = reader.offset
        let active = try reader.list { (item) throws(CBORError) in try item.digest() }
        guard !active.isEmpty, active.allSatisfy({ blocks[$0] != nil }) else {
            throw .refused(offset: offset, rule: "the active branch is empty or names no block")
        }
        try reader.close(map)
        self.init(blocks: blocks, active: active)
    }
}

extension BlockTree.Block {
    private enum Key: UInt64, SnapshotKey {
        case header = 1
        case height, work, times, periodTime, periodBits, transactions
    }

    fileprivate var cbor: CBORValue {
        .fields([
            Key.header: .bytes(header.encoded), .height: .number(chain.height),
            .work: .digest(chain.chainWork.bigEndian),
            .times: .array(chain.times.map { .number($0) }),
            .periodTime: .number(chain.periodTime), .periodBits: .number(chain.periodBits),
            .transactions: .array(transactions.map(\.cbor)),
        ])
    }

    fileprivate init(from reader: inout CBORReader, network: Network) throws(CBORError) {
        let offset = reader.offset
        var map = try reader.openMap()
        try reader.key(Key.header, in: &map)
        let bytes = try reader.bytes(exactly: BlockHeader.byteCount)
        try reader.key(Key.height, in: &map)
        let height = try reader.uint32()
        try reader.key(Key.work, in: &map)
        let work = ChainWork(bigEndian: try reader.digest())
        try reader.key(Key.times, in: &map)
        let times = try reader.list { (item) throws(CBORError) in try item.uint32() }
        try reader.key(Key.periodTime, in: &map)
        let periodTime = try reader.uint32()
        try reader.key(Key.periodBits, in: &map)
        let periodBits = try reader.uint32()
        guard let header = try? BlockHeader.decode(bytes),
            let chain = HeaderChainState(
                network: network, height: height, hash: header.hash, chainWork: work, times: times,
                periodTime: periodTime, periodBits: periodBits)
        else { throw .refused(offset: offset, rule: "a block's parts do not belong together") }
        self.chain = chain
        self.header = header
        try reader.key(Key.transactions, in: &map)
        transactions = try reader.list { (item) throws(CBORError) in
            try SeenTransaction(from: &item)
        }
        try reader.close(map)
    }
}

extension SeenTransaction {
    private enum Key: UInt64, SnapshotKey {
        case txid = 1
        case spends, makes, isCoinbase, observedAt
    }

    fileprivate var cbor: CBORValue {
        .fields([
            Key.txid: .digest(txid), .spends: .array(spends.map(\.cbor)),
            .makes: .array(
                makes.map {
                    [
                        .number($0.output), $0.amount.cbor, .bytes($0.script.bytes),
                        $0.owner.cbor,
                    ]
                }),
            .isCoinbase: .bool(isCoinbase), .observedAt: .unsigned(observedAt),
        ])
    }

    fileprivate init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        try reader.key(Key.txid, in: &map)
        txid = try reader.digest()
        try reader.key(Key.spends, in: &map)
        spends = try reader.list { (item) throws(CBORError) in try OutPoint(from: &item) }
        try reader.key(Key.makes, in: &map)
        makes = try reader.list { (item) throws(CBORError) in
            try item.openArray(exactly: 4)
            return MadeCoin(
                output: try item.uint32(), amount: try Amount(from: &item),
                script: Script(try item.bytes(maximum: 34)), owner: try ScriptOwner(from: &item))
        }
        try reader.key(Key.isCoinbase, in: &map)
        isCoinbase = try reader.bool()
        try reader.key(Key.observedAt, in: &map)
        observedAt = try reader.unsigned()
        try reader.close(map)
    }
}
