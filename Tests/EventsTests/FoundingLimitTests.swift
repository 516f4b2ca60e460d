import Bitcoin
import Bytes
import Events
import Keys
import Testing

/// Limits of the founding event, of members and of quorums.
@Suite struct `Limits of foundings and quorums` {
    static func enrolment(_ number: Int = 0, roles: Int = 0) throws -> Enrolment {
        Enrolment(
            member: try label("m\(number)"), key: try #require(KeyID([2] + Limit.bytes(32))),
            roles: try (0..<roles).map { try label("r\($0)") }, person: .zero)
    }

    static func founded(
        members: Int = 1, roles: Int = 0, times: Int = 1, header: Int = 80, period: Int = 80,
        time: UInt64 = 0
    ) throws -> Fact {
        .founded(
            Founded(
                nonce: .zero, name: try label("l"), network: .main, limits: Limits(),
                anchor: Anchor(
                    height: 0, header: Limit.bytes(header),
                    times: [UInt64](repeating: time, count: times),
                    periodStart: Limit.bytes(period), chainWork: .zero),
                logKey: .zero, members: try (0..<members).map { try enrolment($0, roles: roles) },
                policy: try Quorum(parsing: "1 of (alice)")))
    }

    private typealias Limit = `Limits of events`

    @Test func `a founding's parts end where they say`() throws {
        Limit.expect(try Self.founded(), butNot: try Self.founded(members: 0))
        Limit.expect(try Self.founded(members: 128), butNot: try Self.founded(members: 129))
        Limit.expect(try Self.founded(roles: 16), butNot: try Self.founded(roles: 17))
        Limit.expect(try Self.founded(times: 11), butNot: try Self.founded(times: 12))
        Limit.expect(try Self.founded(times: 1), butNot: try Self.founded(times: 0))
        Limit.expect(
            try Self.founded(time: 0xffff_ffff), butNot: try Self.founded(time: 0x1_0000_0000))
        for size in [79, 81] {
            Limit.expect(try Self.founded(), butNot: try Self.founded(header: size))
            Limit.expect(try Self.founded(), butNot: try Self.founded(period: size))
        }
    }

    @Test func `an integer beyond 2^53 is refused before it is encoded`() throws {
        func event(_ limit: UInt64, time: UInt64 = 0) throws -> Event {
            guard case .founded(let sample) = try Self.founded() else {
                preconditionFailure("a founding was made")
            }
            let founded = Founded(
                nonce: .zero, name: sample.name, network: .main,
                limits: Limits(dailyBlobBytes: limit), anchor: sample.anchor, logKey: .zero,
                members: sample.members, policy: sample.policy)
            return Event(time: time, sequence: 0, seen: .empty, fact: .founded(founded))
        }
        try event(largestCBORInteger).checkEncoding()
        for beyond in [largestCBORInteger + 1, .max] {
            #expect(throws: EventError.self) { try event(beyond).checkEncoding() }
            #expect(throws: EventError.self) { try event(1, time: beyond).checkEncoding() }
        }
    }

    /// The payload of an event that initiates `request`.
    static func payload(_ request: CBORValue) throws -> [UInt8] {
        let root: [CBORValue] = [0, .bytes(Limit.bytes(32))]
        return CBORValue.map([
            "seq": 0, "body": ["expires": 1, "request": request], "seen": .array(root), "time": 0,
            "type": "initiated",
        ]).encoded
    }

    static func isAccepted(quorum: CBORValue) throws -> Bool {
        let payload = try payload(["kind": "replace-policy", "quorum": quorum])
        return (try? Event(decoding: payload.span)) != nil
    }

    @Test func `roles are sorted, each once`() throws {
        func isAccepted(_ roles: [CBORValue]) throws -> Bool {
            let member: CBORValue = [
                "key": .bytes([2] + Limit.bytes(32)), "name": "a", "roles": .array(roles),
            ]
            let payload = try Self.payload(["kind": "enrol-member", "member": member])
            return (try? Event(decoding: payload.span)) != nil
        }
        #expect(try isAccepted([]) && isAccepted(["a"]) && isAccepted(["a", "b", "b-c"]))
        #expect(try !isAccepted(["b", "a"]) && !isAccepted(["a", "a"]))
        let roles: [RoleName] = try [label("b"), label("a"), label("b")]
        let enrolment = Enrolment(
            member: try label("a"), key: try Author("alice").key, roles: roles, person: nil)
        #expect(enrolment.roles.map(\.text) == ["a", "b"])
    }

    @Test func `a quorum needs from one to all of its terms`() throws {
        func members(_ count: Int) -> CBORValue {
            .array((0..<count).map { .text("m\($0)") })
        }
        for count in 0...34 {
            for needed in 0...34 {
                let isRight = (1...32).contains(count) && (1...max(count, 1)).contains(needed)
                let quorum: CBORValue = [
                    "of": members(count), "need": .unsigned(UInt64(needed)),
                ]
                #expect(try Self.isAccepted(quorum: quorum) == isRight, "\(needed) of \(count)")
                let terms = try (0..<count).map { Quorum.Term.member(try label("m\($0)")) }
                #expect((Quorum(needed: needed, of: terms) != nil) == isRight)
            }
        }
        for needed in [-1, Int.min, Int.max] {
            #expect(Quorum(needed: needed, of: [.member(try label("a"))]) == nil)
        }
    }

    @Test func `a role is asked for from 1 to 32 holders`() throws {
        for count in [0, 1, 32, 33, 65_536, 65_537] {
            let term: CBORValue = ["executive", .unsigned(UInt64(count))]
            let quorum: CBORValue = ["of": .array([term]), "need": 1]
            #expect(try Self.isAccepted(quorum: quorum) == (1...32).contains(count), "\(count)")
            let typed = Quorum(needed: 1, of: [.role(try label("executive"), count)])
            #expect((typed != nil) == (1...32).contains(count))
        }
    }

    @Test func `quorums nest four deep`() throws {
        var tree: CBORValue = "alice"
        var typed: Quorum?
        for depth in 1...8 {
            tree = ["of": .array([tree]), "need": 1]
            let term = try typed.map { .quorum($0) } ?? Quorum.Term.member(label("alice"))
            let next = Quorum(needed: 1, of: [term])
            #expect((next != nil) == (depth <= 4), "\(depth)")
            #expect(next.map { $0.depth == depth } ?? true)
            typed = next ?? typed
            #expect(try Self.isAccepted(quorum: tree) == (depth <= 4), "\(depth)")
        }
    }

    @Test func `amounts end at 21,000,000 BTC`() throws {
        func isAccepted(_ fee: UInt64) throws -> Bool {
            let payload = try Self.payload([
                "fee": .unsigned(fee), "kind": "transfer", "coins": [], "change": .null,
                "wallet": "a", "transaction": .bytes([]),
            ])
            return (try? Event(decoding: payload.span)) != nil
        }
        #expect(try isAccepted(0) && isAccepted(2_100_000_000_000_000))
        #expect(try !isAccepted(2_100_000_000_000_001) && !isAccepted((1 << 53) - 1))
    }

    @Test func `names are handles of 1 to 32 characters`() throws {
        for byte in 0...255 as ClosedRange<UInt8> {
            let character = String(Unicode.Scalar(byte))
            let isLetter = ("a"..."z").contains(character) && byte < 0x80
            let isInner = isLetter || byte == 0x2d || (0x30...0x39).contains(byte)
            #expect((MemberName(character) != nil) == isLetter, "\(byte)")
            #expect((MemberName("a" + character) != nil) == isInner, "\(byte)")
            #expect(MemberName(character + "a") != nil ? isLetter : !isLetter)
        }
        #expect(MemberName("") == nil && MemberName("é") == nil && MemberName("a\u{301}") == nil)
        #expect(MemberName(Limit.letters(32)) != nil && MemberName(Limit.letters(33)) == nil)
    }

    @Test func `integers are below 2^53`() throws {
        let golden = try `Envelopes`.golden("issued")
        guard case .map(let fields) = try CBORValue(decoding: golden.payload) else {
            throw SampleMissing(what: "a map")
        }
        for key in ["seq", "time"] {
            var copy = fields
            copy[.text(key)] = .unsigned((1 << 53) - 1)
            let largest = CBORValue.map(copy).encoded
            #expect(try Event(decoding: largest.span).encoded == largest)
            // The encoder knows no larger integer, so the head is written over.
            var bytes = largest
            let edge = [0x1b, 0x00, 0x1f] + [UInt8](repeating: 0xff, count: 6)
            let start = try #require(bytes.firstRange(of: edge))
            bytes.replaceSubrange(start, with: [0x1b, 0x00, 0x20, 0, 0, 0, 0, 0, 0])
            #expect(throws: CBORError.self) { _ = try Event(decoding: bytes.span) }
        }
    }

    /// An event that observes transactions of together `count` bytes.
    static func observing(_ count: Int) -> Event {
        var rest = count
        var transactions: [ObservedTransaction] = []
        while rest > 0 {
            let size = min(rest, ByteString.inlineLimit)
            rest -= size
            transactions.append(
                ObservedTransaction(
                    block: .zero, index: 0, branch: [], bytes: .inline(Limit.bytes(size))))
        }
        return Event(
            time: (1 << 53) - 1, sequence: 0, seen: .empty,
            fact: .observed(Observed(headers: [], scripts: .zero, transactions: transactions)))
    }

    @Test func `an envelope has at most 65,519 bytes and its entry at most 65,535`() throws {
        let author = try Author("watcher")
        let ledger = digest(of: "ledger")
        let overhead = try author.sign(Self.observing(65_000), ledger: ledger).bytes.count - 65_000
        let largest = Self.observing(65_519 - overhead)
        try largest.checkEncoding()
        let signed = try author.sign(largest, ledger: ledger)
        #expect(signed.bytes.count == SignedEvent.sizeLimit)
        #expect(try SignedEvent(decoding: signed.bytes, ledger: ledger).event == largest)
        let recorded = Entry(recorded: (1 << 53) - 1, event: signed.bytes)
        let encoded = recorded.encoded
        #expect(encoded.count <= Entry.sizeLimit)
        #expect(try Entry(decoding: encoded.span) == recorded)

        let excess = Self.observing(65_520 - overhead)
        let refusal = EventError.tooLong(bytes: 65_520, maximum: 65_519)
        #expect(throws: refusal) { try excess.checkEncoding() }
        let bytes = try author.sign(excess, ledger: ledger).bytes
        #expect(throws: refusal) { _ = try SignedEvent(decoding: bytes, ledger: ledger) }

        func entry(of count: Int) -> [UInt8] {
            Entry(recorded: 1 << 40, event: Limit.bytes(count - 13)).encoded
        }
        let edge = entry(of: 65_535)
        #expect(edge.count == 65_535)
        #expect(try Entry(decoding: edge.span).event.count == 65_522)
        let past = entry(of: 65_536)
        #expect(throws: EventError.tooLong(bytes: 65_536, maximum: 65_535)) {
            _ = try Entry(decoding: past.span)
        }
    }
}
