internal import Bitcoin
internal import Bytes
internal import Events
internal import Keys

extension OpenRequest {
    private enum Key: UInt64, SnapshotKey {
        case id = 1
        case number, position, recorded, initiator, initiated, root, transaction, approvals
        case phase, signatures, isReleased, mined
    }

    var cbor: CBORValue {
        .fields([
            Key.id: .digest(id), .number: .unsigned(number), .position: .unsigned(position),
            .recorded: .unsigned(recorded), .initiator: initiator.cbor,
            .initiated: initiated.cbor, .root: .digest(root),
            // The transaction again, since the event may hold it as a blob.
            .transaction: transfer.map { .bytes($0.transaction.encoded(.stripped)) },
            .approvals: .array(approvals.map(\.cbor)), .phase: phase.cbor,
            .signatures: .array(signatures.map(\.cbor)), .isReleased: .bool(isReleased),
            .mined: mined?.cbor,
        ])
    }

    /// Reads a request, whose transfer spends coins of a wallet that `state` has.
    init(from reader: inout CBORReader, in state: LedgerState) throws(CBORError) {
        let offset = reader.offset
        var map = try reader.openMap()
        try reader.key(Key.id, in: &map)
        id = try reader.digest()
        try reader.key(Key.number, in: &map)
        number = try reader.unsigned()
        try reader.key(Key.position, in: &map)
        position = try reader.unsigned()
        try reader.key(Key.recorded, in: &map)
        recorded = try reader.unsigned()
        try reader.key(Key.initiator, in: &map)
        initiator = try MemberName(from: &reader)
        try reader.key(Key.initiated, in: &map)
        initiated = try Initiated(from: &reader)
        try reader.key(Key.root, in: &map)
        root = try reader.digest()
        let transaction = try reader.optional(Key.transaction, in: &map) {
            (item) throws(CBORError) in try item.bytes()
        }
        transfer = try state.restoredTransfer(initiated.request, transaction, at: offset)
        try reader.key(Key.approvals, in: &map)
        approvals = try reader.list { (item) throws(CBORError) in try Approval(from: &item) }
        try reader.key(Key.phase, in: &map)
        phase = try Phase(from: &reader)
        try reader.key(Key.signatures, in: &map)
        signatures = try reader.list { (item) throws(CBORError) in
            try RecordedSignature(from: &item)
        }
        try reader.key(Key.isReleased, in: &map)
        isReleased = try reader.bool()
        mined = try reader.optional(Key.mined, in: &map) { (item) throws(CBORError) in
            try Mined(from: &item)
        }
        try reader.close(map)
    }
}

extension LedgerState {
    fileprivate func restoredTransfer(
        _ request: Request, _ bytes: [UInt8]?, at offset: Int
    ) throws(CBORError) -> FrozenTransfer? {
        guard case .transfer(let transfer) = request else { return nil }
        guard let wallet = wallets[transfer.wallet], let bytes,
            let transaction = try? Transaction.decode(bytes, as: .stripped),
            let frozen = try? freeze(transfer, transaction, in: wallet)
        else { throw .refused(offset: offset, rule: "a request's transaction does not fit it") }
        return frozen
    }
}

extension OpenRequest.Approval {
    var cbor: CBORValue { [member.cbor, key.cbor, .unsigned(position), .unsigned(recorded)] }

    init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 4)
        member = try MemberName(from: &reader)
        key = try KeyID(from: &reader)
        position = try reader.unsigned()
        recorded = try reader.unsigned()
    }
}

extension OpenRequest.Phase {
    private enum Key: UInt64, SnapshotKey {
        case authorisedAt = 1
        case broadcastAt, relay, ending
    }

    var cbor: CBORValue {
        .fields([
            Key.authorisedAt: authorisedAt.map { .unsigned($0) },
            .broadcastAt: broadcastAt.map { .unsigned($0) },
            .relay: relay.map { [.bool($0.isAccepted), .text($0.message)] },
            .ending: ending.map { .text($0.rawValue) },
        ])
    }

    init(from reader: inout CBORReader) throws(CBORError) {
        let offset = reader.offset
        var map = try reader.openMap()
        let authorisedAt = try reader.optional(Key.authorisedAt, in: &map) {
            (item) throws(CBORError) in try item.unsigned()
        }
        let broadcastAt = try reader.optional(Key.broadcastAt, in: &map) {
            (item) throws(CBORError) in try item.unsigned()
        }
        let relay = try reader.optional(Key.relay, in: &map) { (item) throws(CBORError) in
            try item.openArray(exactly: 2)
            return OpenRequest.Relay(isAccepted: try item.bool(), message: try item.text())
        }
        let ending = try reader.optional(Key.ending, in: &map) { (item) throws(CBORError) in
            try item.named(Ending.self)
        }
        try reader.close(map)
        switch (authorisedAt, broadcastAt, relay, ending) {
        case (nil, nil, nil, nil): self = .pending
        case (let authorisedAt?, nil, nil, nil): self = .authorised(at: authorisedAt)
        case (let authorisedAt?, let at?, let relay, nil):
            self = .broadcast(authorisedAt: authorisedAt, at: at, relay)
        case (let authorisedAt, nil, nil, let ending?):
            self = .ended(ending, authorisedAt: authorisedAt)
        default: throw .refused(offset: offset, rule: "a request is in no phase that there is")
        }
    }
}

extension OpenRequest.Mined {
    var cbor: CBORValue {
        switch self {
        case .confirmed(let height): [.unsigned(height), .null]
        case .conflicted(let height, let txid): [.unsigned(height), .digest(txid)]
        }
    }

    init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 2)
        let height = try reader.unsigned()
        self =
            reader.takeNull()
            ? .confirmed(height: height) : .conflicted(height: height, by: try reader.digest())
    }
}
