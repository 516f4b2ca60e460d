internal import Bitcoin
internal import Bytes
internal import Events

// A snapshot is made of closed maps with small unsigned keys, as COSE headers have: each type
// declares its keys in an enumeration beside its fields' reading and writing, in ascending order. A
// field that is nil is left out. Lists are sorted by what identifies their items, so that equal
// states have equal bytes. Values of two or three parts that always belong together are arrays.

/// The keys of one type's map in a snapshot.
protocol SnapshotKey: RawRepresentable, Sendable where RawValue == UInt64 {}

extension CBORValue {
    /// A map of the fields that are not nil.
    static func fields<Key: SnapshotKey>(
        _ fields: KeyValuePairs<Key, CBORValue?>
    ) -> CBORValue {
        var map: [CBORValue: CBORValue] = [:]
        map.reserveCapacity(fields.count)
        for (key, value) in fields { map[.unsigned(key.rawValue)] = value }
        return .map(map)
    }

    static func number(_ value: some UnsignedInteger) -> CBORValue { .unsigned(UInt64(value)) }
}

extension CBORReader {
    /// Reads the key that must come next.
    mutating func key(_ key: some SnapshotKey, in map: inout Map) throws(CBORError) {
        try self.key(key.rawValue, in: &map)
    }

    /// Reads a field that may be left out.
    mutating func optional<Value>(
        _ key: some SnapshotKey, in map: inout Map,
        _ read: (inout CBORReader) throws(CBORError) -> Value
    ) throws(CBORError) -> Value? {
        guard try takeKey(key.rawValue, in: &map) else { return nil }
        return try read(&self)
    }

    /// Reads an array whose items `item` reads.
    mutating func list<Item>(
        _ item: (inout CBORReader) throws(CBORError) -> Item
    ) throws(CBORError) -> [Item] {
        var items: [Item] = []
        for _ in 0..<(try openArray()) { items.append(try item(&self)) }
        return items
    }

    mutating func uint32() throws(CBORError) -> UInt32 {
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

extension OutPoint {
    var cbor: CBORValue { [.digest(txid), .number(index)] }

    init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 2)
        self.init(txid: try reader.digest(), index: try reader.uint32())
    }
}
