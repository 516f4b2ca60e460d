import Bytes
import Testing

/// Reads one whole item, or throws.
private func decode(_ bytes: [UInt8]) throws(CBORError) -> CBORValue {
    var reader = CBORReader(bytes.span)
    let value = try reader.value()
    try reader.end()
    return value
}

@Suite struct `Deterministic CBOR` {
    /// RFC 8949 appendix A, the examples inside our profile.
    static let examples: [(String, CBORValue)] = [
        ("00", 0), ("01", 1), ("0a", 10), ("17", 23), ("1818", 24), ("1819", 25), ("1864", 100),
        ("1903e8", 1000), ("1a000f4240", 1_000_000), ("1b000000e8d4a51000", 1_000_000_000_000),
        ("20", -1), ("29", -10), ("3863", -100), ("3903e7", -1000),
        ("f4", .bool(false)), ("f5", .bool(true)), ("f6", .null),
        ("40", .bytes([])), ("4401020304", .bytes([1, 2, 3, 4])),
        ("60", ""), ("6161", "a"), ("6449455446", "IETF"), ("62225c", "\"\\"), ("62c3bc", "ü"),
        ("63e6b0b4", "水"), ("64f0908591", "𐅑"),
        ("80", []), ("83010203", [1, 2, 3]), ("8301820203820405", [1, [2, 3], [4, 5]]),
        (
            "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
            .array((1...25).map { .unsigned($0) })
        ),
        ("a0", .map([:])), ("a201020304", .map([1: 2, 3: 4])),
        ("a26161016162820203", ["a": 1, "b": [2, 3]]),
        ("826161a161626163", ["a", ["b": "c"]]),
        (
            "a56161614161626142616361436164614461656145",
            ["a": "A", "b": "B", "c": "C", "d": "D", "e": "E"]
        ),
    ]

    /// RFC 8949 appendix A, the examples outside our profile: bignums, floats, tags, undefined,
    /// simple values, indefinite lengths, integers of 2^53 and more.
    static let refused = [
        "1bffffffffffffffff", "c249010000000000000000", "3bffffffffffffffff",
        "c349010000000000000000", "f90000", "f98000", "f93c00", "fb3ff199999999999a", "f93e00",
        "f97bff", "fa47c35000", "fa7f7fffff", "fb7e37e43c8800759c", "f90001", "f90400", "f9c400",
        "fbc010666666666666", "f97c00", "f97e00", "f9fc00", "fa7f800000", "fa7fc00000",
        "faff800000", "fb7ff0000000000000", "fb7ff8000000000000", "fbfff0000000000000", "f7", "f0",
        "f818", "f8ff", "c074323031332d30332d32315432303a30343a30305a", "c11a514b67b0",
        "c1fb41d452d9e8200000", "d74401020304", "d818456449455446",
        "d82076687474703a2f2f7777772e6578616d706c652e636f6d", "5f42010243030405ff",
        "7f657374726561646d696e67ff", "9fff", "9f018202039f0405ffff", "9f01820203820405ff",
        "83018202039f0405ff", "83019f0203ff820405",
        "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff",
        "bf61610161629f0203ffff", "826161bf61626163ff", "bf6346756ef563416d7421ff",
        // Not in the appendix: long forms, key order, repeated keys, broken UTF-8, cut input.
        "1817", "190017", "1900ff", "1a0000ffff", "1b00000000ffffffff", "1b0020000000000000",
        "5801ff", "a2616201616101", "a2616101616102", "61ff", "62c328", "63eda080", "", "18", "41",
        "8201", "a101", "ff", "1c", "0000",
    ]

    @Test func `appendix A reads and writes as it stands`() throws {
        for (hex, value) in Self.examples {
            let bytes = try #require(decodeHex(hex))
            let read = try decode(bytes)
            #expect(read == value, "\(hex)")
            #expect(encodeHex(value.encoded) == hex)
        }
    }

    @Test(arguments: refused) func `everything outside the profile is refused`(hex: String) throws {
        let bytes = try #require(decodeHex(hex))
        #expect(throws: CBORError.self) { _ = try decode(bytes) }
    }

    @Test func `nesting ends at sixteen`() throws {
        let deepest = [UInt8](repeating: 0x81, count: 15) + [0x00]
        _ = try decode(deepest)
        #expect(throws: CBORError.self) { _ = try decode([0x81] + deepest) }
    }

    @Test func `every input of three bytes is refused or is the only encoding of its value`() {
        for number in 0..<(1 << 24) where number % 7 == 0 || number < 1 << 16 {
            let bytes = [UInt8(number >> 16), UInt8(number >> 8 & 255), UInt8(number & 255)]
            for length in 1...3 {
                let part = Array(bytes.suffix(length))
                if let value = try? decode(part), value.encoded != part {
                    Issue.record("\(encodeHex(part)) is read as \(value)")
                }
            }
            if number > 1 << 18 { break }
        }
    }

    @Test func `a closed map refuses a missing, an unknown and a misplaced key`() throws {
        func read(_ value: CBORValue) throws -> UInt64 {
            let bytes = value.encoded
            var reader = CBORReader(bytes.span)
            var map = try reader.openMap()
            try reader.key("a", in: &map)
            let result = try reader.unsigned()
            if try reader.takeKey("c", in: &map) { _ = try reader.unsigned() }
            try reader.close(map)
            try reader.end()
            return result
        }
        #expect(try read(["a": 1]) == 1)
        #expect(try read(["a": 1, "c": 2]) == 1)
        #expect(throws: CBORError.missingKey(offset: 1, key: "a")) { try read(["c": 1]) }
        #expect(throws: CBORError.unknownKey(offset: 4, key: "b")) { try read(["a": 1, "b": 1]) }
        #expect(throws: CBORError.unknownKey(offset: 7, key: "d")) {
            try read(["a": 1, "c": 1, "d": 1])
        }
    }
}
