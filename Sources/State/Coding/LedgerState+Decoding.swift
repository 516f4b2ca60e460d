internal import Bitcoin
public import Bytes
internal import Events
internal import Keys

extension LedgerState {
    /// Decodes a snapshot; what follows from the rest is worked out again. A state has one encoding.
    ///
    /// A snapshot is trusted only when its digest is: a reader that has no such digest replays.
    public init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes.span)
        try reader.openArray(exactly: 17)
        let version = try reader.unsigned()
        guard version == Self.encodingVersion else {
            throw .unexpected(
                offset: 1, expected: "a snapshot of version \(Self.encodingVersion)",
                found: "version \(version)")
        }
        ledger = try reader.digest()
        founding = try Founded(from: &reader)
        size = try reader.unsigned()
        recorded = try reader.unsigned()
        isFounded = try reader.bool()
        policy = try Quorum(from: &reader)
        policySince = try reader.unsigned()
        members = [:]
        for _ in 0..<(try reader.openArray()) {
            let member = try Member(from: &reader)
            members[member.name] = member
        }
        authors = [:]
        for _ in 0..<(try reader.openArray()) {
            let author = try Author(from: &reader)
            authors[author.key.id] = author
        }
        for _ in 0..<(try reader.openArray()) {
            try Self.readWallet(from: &reader, founding.network, into: &wallets, &scripts)
        }
        nextNumber = try reader.unsigned()
        var pending: [(OpenRequest.Stored, Int)] = []
        for _ in 0..<(try reader.openArray()) {
            pending.append((try OpenRequest.Stored(from: &reader), reader.offset))
        }
        for _ in 0..<(try reader.openArray()) {
            let coin = try Coin(from: &reader)
            coins[coin.outPoint] = coin
        }
        blocks = try BlockTree(from: &reader, network: founding.network)
        incidentCount = try reader.unsigned()
        for _ in 0..<(try reader.openArray(maximum: Self.incidentLimit)) {
            incidents.append(try Incident(from: &reader))
        }
        try reader.end()
        for (stored, offset) in pending { try restore(stored, at: offset) }
        updateRoster()
        updateNextExpiry()
        updateWatchedScripts()
        // Lists in another order, or with an item twice, would give the same state again.
        guard encoded == bytes else {
            throw .refused(offset: 0, rule: "it is not the one encoding of its state")
        }
    }

    private mutating func restore(
        _ stored: OpenRequest.Stored, at offset: Int
    ) throws(CBORError) {
        var frozen: FrozenTransfer?
        if case .transfer(let transfer) = stored.initiated.request {
            guard let wallet = wallets[transfer.wallet], let bytes = stored.transaction,
                let transaction = try? Transaction.decode(bytes, as: .stripped),
                let restored = try? freeze(transfer, transaction, in: wallet)
            else {
                throw .refused(offset: offset, rule: "a request's transaction does not fit it")
            }
            frozen = restored
        }
        let request = stored.request(frozen)
        requests[request.id] = request
        for outPoint in frozen?.outPoints ?? [] {
            reservations[outPoint, default: []].append(request.id)
        }
    }

    private static func readWallet(
        from reader: inout CBORReader, _ network: Network,
        into wallets: inout [WalletName: Wallet], _ scripts: inout [Script: ScriptOwner]
    ) throws(CBORError) {
        let offset = reader.offset
        try reader.openArray(exactly: 16)
        let name = try WalletName(from: &reader)
        let text = try reader.text()
        let r = reader.takeNull() ? nil : try reader.digest()
        guard
            let descriptor = try? Descriptor(text: text, network: network, internalKeyOffset: r)
        else {
            throw .refused(offset: offset, rule: "a wallet's descriptor is malformed")
        }
        let holders = try reader.list { (item) throws(CBORError) in try MemberName(from: &item) }
        let quorum = try Quorum(from: &reader)
        let ceilings = try FeeCeilings(from: &reader)
        let depth = try reader.uint32()
        let gap = try reader.uint32()
        let declaresShortcut = try reader.bool()
        let isRetired = try reader.bool()
        let awaiting = try reader.list { (item) throws(CBORError) in try MemberName(from: &item) }
        var wallet = Wallet(
            name: name, descriptor: descriptor, holders: holders, quorum: quorum,
            ceilings: ceilings, minimumDepth: depth, gap: gap, declaresShortcut: declaresShortcut,
            awaiting: Set(awaiting), since: try reader.unsigned())
        wallet.isRetired = isRetired
        wallet.nextReceive = try reader.uint32()
        wallet.nextChange = try reader.uint32()
        for chain in [AddressChain.receive, .change] {
            let list = try reader.list { (item) throws(CBORError) in try item.bytes(maximum: 34) }
            for (index, bytes) in list.enumerated() {
                scripts[Script(bytes)] = ScriptOwner(
                    wallet: name, chain: chain, index: UInt32(index))
            }
            switch chain {
            case .receive: wallet.watchedReceive = UInt32(list.count)
            case .change: wallet.watchedChange = UInt32(list.count)
            }
        }
        wallets[name] = wallet
    }
}

extension OpenRequest {
    /// A request as it stands in a snapshot, before its transaction is parsed.
    struct Stored {
        let id: Digest32
        let number: UInt64
        let position: UInt64
        let recorded: UInt64
        let initiator: MemberName
        let initiated: Initiated
        let root: Digest32
        let transaction: [UInt8]?
        let approvals: [Approval]
        let authorisedAt: UInt64?
        let signatures: [RecordedSignature]
        let isReleased: Bool
        let broadcastAt: UInt64?
        let relay: Relay?
        let ending: Ending?
        let mined: Mined?

        init(from reader: inout CBORReader) throws(CBORError) {
            try reader.openArray(exactly: 16)
            id = try reader.digest()
            number = try reader.unsigned()
            position = try reader.unsigned()
            recorded = try reader.unsigned()
            initiator = try MemberName(from: &reader)
            initiated = try Initiated(from: &reader)
            root = try reader.digest()
            transaction = reader.takeNull() ? nil : try reader.bytes()
            approvals = try reader.list { (item) throws(CBORError) in try Approval(from: &item) }
            authorisedAt = reader.takeNull() ? nil : try reader.unsigned()
            signatures = try reader.list { (item) throws(CBORError) in
                try RecordedSignature(from: &item)
            }
            isReleased = try reader.bool()
            broadcastAt = reader.takeNull() ? nil : try reader.unsigned()
            if reader.takeNull() {
                relay = nil
            } else {
                try reader.openArray(exactly: 2)
                relay = Relay(isAccepted: try reader.bool(), message: try reader.text())
            }
            ending = reader.takeNull() ? nil : try reader.named(Ending.self)
            if reader.takeNull() {
                mined = nil
            } else {
                try reader.openArray(exactly: 2)
                let height = try reader.unsigned()
                mined =
                    reader.takeNull()
                    ? .confirmed(height: height)
                    : .conflicted(height: height, by: try reader.digest())
            }
        }

        func request(_ transfer: FrozenTransfer?) -> OpenRequest {
            OpenRequest(
                id: id, number: number, position: position, recorded: recorded,
                initiator: initiator, initiated: initiated, transfer: transfer, root: root,
                approvals: approvals, authorisedAt: authorisedAt, signatures: signatures,
                isReleased: isReleased, broadcastAt: broadcastAt, relay: relay, ending: ending,
                mined: mined)
        }
    }
}

extension OpenRequest.Approval {
    init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 4)
        member = try MemberName(from: &reader)
        key = try KeyID(from: &reader)
        position = try reader.unsigned()
        recorded = try reader.unsigned()
    }
}

extension RecordedSignature {
    init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 3)
        input = try reader.uint32()
        key = try reader.uint32()
        signature = try reader.bytes(maximum: 73)
    }
}

extension Member {
    init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 10)
        name = try MemberName(from: &reader)
        roles = try reader.list { (item) throws(CBORError) in try RoleName(from: &item) }
        key = try KeyID(from: &reader)
        status = try reader.named(Status.self)
        person = reader.takeNull() ? nil : try reader.digest()
        since = try reader.unsigned()
        hour = try reader.unsigned()
        eventsInHour = try reader.unsigned()
        day = try reader.unsigned()
        blobBytesInDay = try reader.unsigned()
    }
}

extension Author {
    init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 5)
        let offset = reader.offset
        guard let key = PublicKey(try KeyID(from: &reader)) else {
            throw .refused(offset: offset, rule: "a key is no point of the curve")
        }
        self.key = key
        member = try MemberName(from: &reader)
        status = try reader.named(Status.self)
        nextSequence = try reader.unsigned()
        seenSize = try reader.unsigned()
    }
}

extension Coin {
    init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 8)
        outPoint = try OutPoint(from: &reader)
        owner = try ScriptOwner(from: &reader)
        amount = try Amount(from: &reader)
        script = Script(try reader.bytes(maximum: 34))
        isCoinbase = try reader.bool()
        observedAt = try reader.unsigned()
        height = reader.takeNull() ? nil : try reader.unsigned()
        if reader.takeNull() {
            spent = nil
        } else {
            try reader.openArray(exactly: 2)
            spent = Spend(txid: try reader.digest(), height: try reader.unsigned())
        }
    }
}

extension OutPoint {
    init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 2)
        self.init(txid: try reader.digest(), index: try reader.uint32())
    }
}

extension ScriptOwner {
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

extension Incident {
    init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 3)
        position = try reader.unsigned()
        kind = try reader.named(Kind.self)
        description = try reader.text()
    }
}

extension BlockTree {
    init(from reader: inout CBORReader, network: Network) throws(CBORError) {
        try reader.openArray(exactly: 2)
        var blocks: [Digest32: Block] = [:]
        for _ in 0..<(try reader.openArray()) {
            let block = try Block(from: &reader, network: network)
            blocks[block.chain.hash] = block
        }
        let offset = reader.offset
        let active = try reader.list { (item) throws(CBORError) in try item.digest() }
        guard !active.isEmpty, active.allSatisfy({ blocks[$0] != nil }) else {
            throw .refused(offset: offset, rule: "the active branch is empty or names no block")
        }
        self.init(blocks: blocks, active: active)
    }
}

extension BlockTree.Block {
    fileprivate init(from reader: inout CBORReader, network: Network) throws(CBORError) {
        let offset = reader.offset
        try reader.openArray(exactly: 7)
        let bytes = try reader.bytes(exactly: BlockHeader.byteCount)
        let height = try reader.uint32()
        let work = ChainWork(bigEndian: try reader.digest())
        let times = try reader.list { (item) throws(CBORError) in try item.uint32() }
        let periodTime = try reader.uint32()
        let periodBits = try reader.uint32()
        guard let header = try? BlockHeader.decode(bytes),
            let chain = HeaderChainState(
                network: network, height: height, hash: header.hash, chainWork: work, times: times,
                periodTime: periodTime, periodBits: periodBits)
        else { throw .refused(offset: offset, rule: "a block's parts do not belong together") }
        self.chain = chain
        self.header = header
        transactions = try reader.list { (item) throws(CBORError) in
            try SeenTransaction(from: &item)
        }
    }
}

extension SeenTransaction {
    fileprivate init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 5)
        txid = try reader.digest()
        spends = try reader.list { (item) throws(CBORError) in try OutPoint(from: &item) }
        makes = try reader.list { (item) throws(CBORError) in
            try item.openArray(exactly: 4)
            return MadeCoin(
                output: try item.uint32(), amount: try Amount(from: &item),
                script: Script(try item.bytes(maximum: 34)), owner: try ScriptOwner(from: &item))
        }
        isCoinbase = try reader.bool()
        observedAt = try reader.unsigned()
    }
}

extension CBORReader {
    /// Reads an array whose items `item` reads.
    fileprivate mutating func list<Item>(
        _ item: (inout CBORReader) throws(CBORError) -> Item
    ) throws(CBORError) -> [Item] {
        var items: [Item] = []
        for _ in 0..<(try openArray()) { items.append(try item(&self)) }
        return items
    }

    fileprivate mutating func uint32() throws(CBORError) -> UInt32 {
        UInt32(try unsigned(maximum: UInt64(UInt32.max)))
    }

    /// Reads a text that is the raw value of one of the enumeration's cases.
    mutating func named<Value: RawRepresentable>(
        _ type: Value.Type
    ) throws(CBORError) -> Value where Value.RawValue == String {
        let start = offset
        let text = try text(maximum: 64)
        guard let value = Value(rawValue: text) else {
            throw .unexpected(offset: start, expected: "a known name", found: text)
        }
        return value
    }
}
