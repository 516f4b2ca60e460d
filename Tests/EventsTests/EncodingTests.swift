import Bytes
import Events
import Testing

@Suite struct `Encodings of events` {
    /// What may be left out, by the vector that has it.
    static let optional: [String: Set<String>] = [
        "aborted-reason": ["body.reason"],
        "attached-request": ["body.label", "body.request"],
        "founded-commitments": [
            "body.members.0.person", "body.members.1.person", "body.members.2.person",
        ],
        "initiated-create-wallet-offset": ["body.request.offset"],
        "initiated-transfer": ["body.reference"],
        "initiated-transfer-taproot": ["body.request.replaces"],
        "initiated-enrol-member-person": ["body.request.member.person"],
        "initiated-replace-policy-wallet": ["body.request.wallet"],
    ]

    /// The event of `payload`, after checking that it has no other encoding; nil when refused.
    static func decode(_ payload: [UInt8], _ comment: String) -> Event? {
        guard let event = try? Event(decoding: payload.span) else { return nil }
        #expect(event.encoded == payload, "\(comment) decodes and encodes to other bytes")
        return event
    }

    @Test func `every event decodes to itself`() throws {
        for golden in try GoldenEvents.all() {
            let event = golden.signed.event
            #expect(Self.decode(event.encoded, golden.name) == event)
        }
    }

    @Test func `every field is needed but the optional ones`() throws {
        for golden in try GoldenEvents.all() {
            let tree = try CBORValue(decoding: golden.payload)
            let spared = TreeChange.all(of: tree).filter { $0.kind == .missing }
                .filter {
                    Self.decode($0.value.encoded, "\(golden.name) without \($0.path)") != nil
                }
            #expect(
                Set(spared.map(\.path)) == Self.optional[golden.name] ?? [], "\(golden.name)")
        }
    }

    @Test func `no map takes an unknown field`() throws {
        for golden in try GoldenEvents.all() {
            let tree = try CBORValue(decoding: golden.payload)
            for change in TreeChange.all(of: tree) where change.kind == .unknown {
                let event = Self.decode(change.value.encoded, golden.name)
                #expect(event == nil, "\(golden.name) takes \(change.path)")
            }
        }
    }

    @Test func `no field takes a value of another type`() throws {
        for golden in try GoldenEvents.all() {
            let tree = try CBORValue(decoding: golden.payload)
            for change in TreeChange.all(of: tree) {
                guard case .replaced(let new) = change.kind,
                    Self.decode(change.value.encoded, golden.name) != nil
                else { continue }
                let isPermitted =
                    switch (change.before, new) {
                    // Change and previous transactions can be absent.
                    case (.array, .null), (.bytes, .null):
                        change.path.hasSuffix(".change") || change.path.hasSuffix(".2")
                    // A member can stand where a quorum or a role stood.
                    case (.map, .text), (.array, .text): change.path.contains(".of.")
                    // A byte string can be inline or a blob; a change output can be added.
                    case (.array, .bytes):
                        change.path.hasSuffix("transaction") || change.path.hasSuffix(".2")
                            || change.path.hasSuffix("transactions.0.3")
                    case (.null, .bytes): change.path.hasSuffix(".2")
                    default: false
                    }
                #expect(isPermitted, "\(golden.name): \(change.path) takes \(new)")
            }
        }
    }

    @Test func `fixed arrays are neither shorter nor longer`() throws {
        for golden in try GoldenEvents.all() {
            let tree = try CBORValue(decoding: golden.payload)
            for change in TreeChange.all(of: tree)
            where change.kind == .shorter || change.kind == .longer {
                let isTaken = Self.decode(change.value.encoded, golden.name) != nil
                let list = change.path.split(separator: ".").dropLast().last ?? ""
                let isList = [
                    "of", "members", "times", "coins", "holders", "signatures", "transactions",
                    "roles", "2",
                ].contains(list)
                #expect(!isTaken || isList, "\(golden.name): \(change.path) \(change.kind)")
            }
        }
    }

    @Test(arguments: FaultyEncoder.Fault.allCases)
    func `every other encoding is refused at every item`(fault: FaultyEncoder.Fault) throws {
        var count = 0
        for golden in try GoldenEvents.all() {
            let tree = try CBORValue(decoding: golden.payload)
            for item in 0..<FaultyEncoder.count(tree) {
                guard let payload = FaultyEncoder.encode(tree, fault, at: item) else { continue }
                count += 1
                #expect(throws: CBORError.self, "\(golden.name), item \(item)") {
                    _ = try Event(decoding: payload.span)
                }
            }
        }
        #expect(count > 50)
    }

    @Test func `a payload that is cut or goes on is refused`() throws {
        for golden in try GoldenEvents.all() {
            let payload = golden.payload
            for count in 0..<payload.count {
                let cut = Array(payload[..<count])
                #expect(Self.decode(cut, golden.name) == nil, "\(golden.name) cut to \(count)")
            }
            for byte in 0...255 as ClosedRange<UInt8> {
                #expect(Self.decode(payload + [byte], golden.name) == nil)
            }
        }
    }

    @Test func `one type's body is refused under every other type`() throws {
        // An exported PSBT and a request's approval have no body in common with any other type.
        for golden in try GoldenEvents.all() {
            guard case .map(var fields) = try CBORValue(decoding: golden.payload) else {
                throw SampleMissing(what: golden.name)
            }
            for type in FactType.allCases where type != golden.signed.event.fact.type {
                fields["type"] = .text(type.rawValue)
                let event = Self.decode(CBORValue.map(fields).encoded, golden.name)
                // `{request}` is an approval, and an abort without a reason.
                let isEitherAnswer =
                    type == .aborted && golden.name == "approved"
                    || type == .approved && golden.name == "aborted"
                #expect((event != nil) == isEitherAnswer, "\(golden.name) as \(type)")
            }
        }
    }
}
