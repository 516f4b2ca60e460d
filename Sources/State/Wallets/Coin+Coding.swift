internal import Bitcoin
internal import Bytes
internal import Events

extension Coin {
    private enum Key: UInt64, SnapshotKey {
        case outPoint = 1
        case owner, amount, script, isCoinbase, observedAt, height, spent
    }

    var cbor: CBORValue {
        .fields([
            Key.outPoint: outPoint.cbor, .owner: owner.cbor, .amount: amount.cbor,
            .script: .bytes(script.bytes), .isCoinbase: .bool(isCoinbase),
            .observedAt: .unsigned(observedAt), .height: height.map { .unsigned($0) },
            .spent: spent.map { [.digest($0.txid), .unsigned($0.height)] },
        ])
    }

    init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        try reader.key(Key.outPoint, in: &map)
        outPoint = try OutPoint(from: &reader)
        try reader.key(Key.owner, in: &map)
        owner = try ScriptOwner(from: &reader)
        try reader.key(Key.amount, in: &map)
        amount = try Amount(from: &reader)
        try reader.key(Key.script, in: &map)
        script = Script(try reader.bytes(maximum: 34))
        try reader.key(Key.isCoinbase, in: &map)
        isCoinbase = try reader.bool()
        try reader.key(Key.observedAt, in: &map)
        observedAt = try reader.unsigned()
        height = try reader.optional(Key.height, in: &map) { (item) throws(CBORError) in
            try item.unsigned()
        }
        spent = try reader.optional(Key.spent, in: &map) { (item) throws(CBORError) in
            try item.openArray(exactly: 2)
            return Spend(txid: try item.digest(), height: try item.unsigned())
        }
        try reader.close(map)
    }
}
