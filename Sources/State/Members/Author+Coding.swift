internal import Bytes
internal import Events
internal import Keys

extension Author {
    private enum Key: UInt64, SnapshotKey {
        case key = 1
        case member, status, nextSequence, seenSize
    }

    var cbor: CBORValue {
        .fields([
            Key.key: key.id.cbor, .member: member.cbor, .status: .text(status.rawValue),
            .nextSequence: .unsigned(nextSequence), .seenSize: .unsigned(seenSize),
        ])
    }

    init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        try reader.key(Key.key, in: &map)
        let offset = reader.offset
        guard let key = PublicKey(try KeyID(from: &reader)) else {
            throw .refused(offset: offset, rule: "a key is no point of the curve")
        }
        self.key = key
        try reader.key(Key.member, in: &map)
        member = try MemberName(from: &reader)
        try reader.key(Key.status, in: &map)
        status = try reader.named(Status.self)
        try reader.key(Key.nextSequence, in: &map)
        nextSequence = try reader.unsigned()
        try reader.key(Key.seenSize, in: &map)
        seenSize = try reader.unsigned()
        try reader.close(map)
    }
}
