import Bytes
import Events
import Keys
import TestSupport
import Testing

@Suite struct `Envelopes` {
    /// Whether `bytes` are an event that verifies over `ledger`.
    static func verifies(_ bytes: [UInt8], ledger: Digest32?) -> Bool {
        guard let event = try? SignedEvent(decoding: bytes, ledger: ledger),
            let key = PublicKey(event.author)
        else { return false }
        return key.isValid(event.signature, for: event.id)
    }

    static func golden(_ name: String) throws -> Golden {
        try #require(try GoldenEvents.all().first { $0.name == name })
    }

    @Test(arguments: ["approved", "aborted-reason"])
    func `no change of one byte verifies`(name: String) throws {
        let golden = try Self.golden(name)
        #expect(Self.verifies(golden.signed.bytes, ledger: golden.ledger))
        var sameID = 0
        for index in golden.signed.bytes.indices {
            var bytes = golden.signed.bytes
            for byte in 0...255 as ClosedRange<UInt8> where byte != golden.signed.bytes[index] {
                bytes[index] = byte
                guard let event = try? SignedEvent(decoding: bytes, ledger: golden.ledger) else {
                    continue
                }
                if event.id == golden.signed.id {
                    sameID += 1
                    if index < bytes.count - 64 { Issue.record("the id leaves out byte \(index)") }
                }
                if Self.verifies(bytes, ledger: golden.ledger) {
                    Issue.record("byte \(index) as \(byte) verifies")
                }
            }
        }
        // The signature's own 64 bytes are what the id does not cover.
        #expect(sameID == 64 * 255)
    }

    @Test func `no bit can be turned over in any event`() throws {
        for golden in try GoldenEvents.all() {
            for index in golden.signed.bytes.indices {
                var bytes = golden.signed.bytes
                bytes[index] ^= 1 << UInt8(index % 8)
                #expect(
                    !Self.verifies(bytes, ledger: golden.ledger), "\(golden.name), byte \(index)")
            }
        }
    }

    @Test func `an envelope that is cut or goes on is refused`() throws {
        for golden in try GoldenEvents.all() {
            let bytes = golden.signed.bytes
            for count in 0..<bytes.count {
                #expect(throws: EventError.self, "\(golden.name) cut to \(count)") {
                    _ = try SignedEvent(decoding: Array(bytes[..<count]), ledger: golden.ledger)
                }
            }
            #expect(throws: EventError.envelope(.trailing(offset: bytes.count, count: 1))) {
                _ = try SignedEvent(decoding: bytes + [0], ledger: golden.ledger)
            }
        }
    }

    @Test func `an event does not verify in another ledger`() throws {
        for golden in try GoldenEvents.all() {
            let bytes = golden.signed.bytes
            #expect(Self.verifies(bytes, ledger: golden.ledger))
            #expect(!Self.verifies(bytes, ledger: digest(of: "another ledger")))
            // Neither a founding event in a ledger, nor another event as a founding one.
            let swapped = golden.ledger == nil ? golden.signed.id : nil
            #expect(!Self.verifies(bytes, ledger: swapped))
            let other = try SignedEvent(decoding: bytes, ledger: swapped)
            #expect(other.id != golden.signed.id)
        }
    }

    @Test func `the higher twin of a signature does not verify`() throws {
        // s becomes n - s, which verifies wherever only the equation is checked.
        let order = try bytes("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")
        for golden in try GoldenEvents.all() {
            var bytes = golden.signed.bytes
            let start = bytes.count - 32
            var borrow = 0
            for index in (0..<32).reversed() {
                let difference = Int(order[index]) - Int(bytes[start + index]) - borrow
                borrow = difference < 0 ? 1 : 0
                bytes[start + index] = UInt8(difference & 255)
            }
            let twin = try SignedEvent(decoding: bytes, ledger: golden.ledger)
            #expect(twin.id == golden.signed.id)
            #expect(!twin.signature.isLowS)
            #expect(!Self.verifies(bytes, ledger: golden.ledger))
        }
    }

    /// The envelope of `approved` with its parts replaced.
    static func envelope(
        tag: [UInt8] = [0xd2], protected: CBORValue? = nil, unprotected: CBORValue = .map([:]),
        payload: CBORValue? = nil, signature: CBORValue? = nil, extra: [CBORValue] = []
    ) throws -> [UInt8] {
        let golden = try golden("approved")
        let parts: [CBORValue] = [
            protected ?? .bytes(golden.protectedHeader), unprotected,
            payload ?? .bytes(golden.payload), signature ?? .bytes(golden.signed.signature.bytes),
        ]
        return tag + CBORValue.array(parts + extra).encoded
    }

    @Test func `only one form of the envelope is accepted`() throws {
        let golden = try Self.golden("approved")
        let kid = CBORValue.bytes(golden.author.key.bytes)
        let type: CBORValue = "application/vnd.strongroom.event+cbor"
        func header(_ map: CBORValue) -> CBORValue { .bytes(map.encoded) }
        let long = golden.author.key.bytes + [0]
        let refused: [(String, [UInt8])] = [
            ("no tag", try Self.envelope(tag: [])),
            ("tag 17", try Self.envelope(tag: [0xd1])),
            ("tag 18 in two bytes", try Self.envelope(tag: [0xd8, 0x12])),
            ("two tags", try Self.envelope(tag: [0xd2, 0xd2])),
            ("the self-described tag", try Self.envelope(tag: [0xd9, 0xd9, 0xf7, 0xd2])),
            ("ES256", try Self.envelope(protected: header([1: -7, 3: type, 4: kid]))),
            ("no algorithm", try Self.envelope(protected: header([3: type, 4: kid]))),
            ("no content type", try Self.envelope(protected: header([1: -47, 4: kid]))),
            ("no kid", try Self.envelope(protected: header([1: -47, 3: type]))),
            (
                "another type",
                try Self.envelope(protected: header([1: -47, 3: "application/cbor", 4: kid]))
            ),
            (
                "one header more",
                try Self.envelope(protected: header([1: -47, 3: type, 4: kid, 5: 1]))
            ),
            (
                "crit",
                try Self.envelope(protected: header([1: -47, 2: [1], 3: type, 4: kid]))
            ),
            (
                "a kid of 34 bytes",
                try Self.envelope(protected: header([1: -47, 3: type, 4: .bytes(long)]))
            ),
            (
                "a kid that is no compressed key",
                try Self.envelope(
                    protected: header([1: -47, 3: type, 4: .bytes([4] + long[1..<33])]))
            ),
            ("an empty protected header", try Self.envelope(protected: .bytes([]))),
            ("a protected map", try Self.envelope(protected: [1: -47, 3: type, 4: kid])),
            ("an unprotected header", try Self.envelope(unprotected: [4: kid])),
            ("no unprotected header", try Self.envelope(unprotected: .null)),
            ("no payload", try Self.envelope(payload: .null)),
            ("an empty payload", try Self.envelope(payload: .bytes([]))),
            ("a payload outside", try Self.envelope(payload: .text("elsewhere"))),
            ("63 bytes", try Self.envelope(signature: .bytes([UInt8](repeating: 1, count: 63)))),
            ("65 bytes", try Self.envelope(signature: .bytes([UInt8](repeating: 1, count: 65)))),
            ("DER", try Self.envelope(signature: .bytes(golden.signed.signature.der))),
            ("five parts", try Self.envelope(extra: [.null])),
            ("nothing", []),
        ]
        #expect(try Self.envelope() == golden.signed.bytes)
        for (what, bytes) in refused {
            #expect(throws: EventError.self, "\(what)") {
                _ = try SignedEvent(decoding: bytes, ledger: golden.ledger)
            }
        }
    }

    @Test func `an entry has one form`() throws {
        let golden = try Self.golden("approved")
        let event = CBORValue.bytes(golden.signed.bytes)
        let recorded = CBORValue.unsigned(golden.recorded)
        #expect(CBORValue.array([recorded, event]).encoded == golden.entry)
        let refused: [CBORValue] = [
            [], [recorded], [event, recorded], [recorded, event, .null], [.null, event],
            [recorded, .null], [.negative(0), event], [recorded, .text("a")], event,
            .map([recorded: event]),
        ]
        for value in refused {
            #expect(throws: EventError.self, "\(value)") {
                _ = try Entry(decoding: value.encoded.span)
            }
        }
        for fault in FaultyEncoder.Fault.allCases {
            for item in 0..<3 {
                let tree = CBORValue.array([recorded, event])
                guard let bytes = FaultyEncoder.encode(tree, fault, at: item) else { continue }
                #expect(throws: EventError.self, "\(fault) at \(item)") {
                    _ = try Entry(decoding: bytes.span)
                }
            }
        }
        for count in 0..<golden.entry.count {
            let cut = Array(golden.entry[..<count])
            #expect(throws: EventError.self) { _ = try Entry(decoding: cut.span) }
        }
    }
}
