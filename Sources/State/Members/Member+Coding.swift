internal import Bytes
internal import Events
internal import Keys

extension Member {
    private enum Key: UInt64, SnapshotKey {
        case name = 1
        case roles, key, status, person, since, hour, eventsInHour, day, blobBytesInDay
    }

    var cbor: CBORValue {
        .fields([
            Key.name: name.cbor, .roles: .array(roles.map(\.cbor)), .key: key.cbor,
            .status: .text(status.rawValue), .person: person.map { .digest($0) },
            .since: .unsigned(since), .hour: .unsigned(hour),
            .eventsInHour: .unsigned(eventsInHour), .day: .unsigned(day),
            .blobBytesInDay: .unsigned(blobBytesInDay),
        ])
    }

    init(from reader: inout CBORReader) throws(CBORError) {
        var map = try reader.openMap()
        try reader.key(Key.name, in: &map)
        name = try MemberName(from: &reader)
        try reader.key(Key.roles, in: &map)
        roles = try reader.list { (item) throws(CBORError) in try RoleName(from: &item) }
        try reader.key(Key.key, in: &map)
        key = try KeyID(from: &reader)
        try reader.key(Key.status, in: &map)
        status = try reader.named(Status.self)
        person = try reader.optional(Key.person, in: &map) { (item) throws(CBORError) in
            try item.digest()
        }
        try reader.key(Key.since, in: &map)
        since = try reader.unsigned()
        try reader.key(Key.hour, in: &map)
        hour = try reader.unsigned()
        try reader.key(Key.eventsInHour, in: &map)
        eventsInHour = try reader.unsigned()
        try reader.key(Key.day, in: &map)
        day = try reader.unsigned()
        try reader.key(Key.blobBytesInDay, in: &map)
        blobBytesInDay = try reader.unsigned()
        try reader.close(map)
    }
}
