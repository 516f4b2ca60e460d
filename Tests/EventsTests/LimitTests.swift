import Bitcoin
import Bytes
import Events
import Keys
import Testing

/// Each limit at its edge, where an event is accepted, and one past it, where it is refused.
@Suite struct `Limits of events` {
    /// Expects that readers take `fact` and that they refuse `excess`.
    static func expect(
        _ fact: Fact, butNot excess: Fact, _ comment: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        func check(_ fact: Fact) throws(EventError) {
            try Event(time: 0, sequence: 0, seen: .empty, fact: fact).checkEncoding()
        }
        #expect(throws: Never.self, comment, sourceLocation: sourceLocation) { try check(fact) }
        #expect(throws: EventError.self, comment, sourceLocation: sourceLocation) {
            try check(excess)
        }
    }

    static func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 0x55, count: count) }

    static func letters(_ count: Int) -> String { String(repeating: "a", count: count) }

    @Test func `a line takes so many bytes and not characters`() throws {
        let id = digest(of: "request")
        func aborted(_ reason: String) -> Fact { .aborted(Aborted(request: id, reason: reason)) }
        Self.expect(aborted(Self.letters(140)), butNot: aborted(Self.letters(141)))
        let umlauts = String(repeating: "ü", count: 70)
        Self.expect(aborted(umlauts), butNot: aborted(umlauts + "a"))
        func initiated(_ reference: String) -> Fact {
            .initiated(
                Initiated(request: .cancel(request: id), expires: 1, reference: reference))
        }
        Self.expect(initiated(Self.letters(140)), butNot: initiated(Self.letters(141)))
        func attached(_ label: String) -> Fact {
            .attached(Attached(document: BlobReference([1]), label: label, request: nil))
        }
        Self.expect(attached(Self.letters(140)), butNot: attached(Self.letters(141)))
        func relayed(_ message: String) -> Fact {
            .relayed(Relayed(request: id, txid: id, accepted: false, message: message))
        }
        Self.expect(relayed(Self.letters(512)), butNot: relayed(Self.letters(513)))
    }

    @Test func `a line has no character that breaks it or steers a terminal`() throws {
        var refused = 0
        for value in 0...0x10_ffff as ClosedRange<UInt32> {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isSafe = String(scalar).isOneSafeLine
            if !isSafe { refused += 1 }
            let expected: Bool? =
                switch scalar.properties.generalCategory {
                case _ where scalar.properties.isBidiControl: false
                case .control, .lineSeparator, .paragraphSeparator, .privateUse: false
                case .uppercaseLetter, .lowercaseLetter, .otherLetter, .decimalNumber,
                    .otherPunctuation, .mathSymbol, .nonspacingMark, .spaceSeparator:
                    value < 0xe0000
                default: nil
                }
            if expected == !isSafe { Issue.record("U+\(String(value, radix: 16))") }
        }
        // The ranges are the format's, whatever Unicode adds.
        #expect(refused == 32 + 33 + 3 + 5 + 7 + 16 + 6400 + 32 + 1 + 12 + 2 + 0x30000)
        #expect("".isOneSafeLine && "a ü 水 👩🏽".isOneSafeLine)
        #expect(!"a\nb".isOneSafeLine && !"\u{1b}[2J".isOneSafeLine && !"\u{202e}a".isOneSafeLine)
    }

    @Test func `a descriptor is printable ASCII of at most 8,192 bytes`() throws {
        func accepted(_ descriptor: String) throws -> Fact {
            .accepted(.wallet(try label("vault"), descriptor: descriptor))
        }
        Self.expect(
            try accepted(Self.letters(8_192)), butNot: try accepted(Self.letters(8_193)))
        // The Kelvin sign is equal to K wherever texts are compared by their characters.
        #expect("\u{212a}" == "K")
        for other in ["\u{212a}", "ü", "\n", "\u{7f}"] {
            Self.expect(try accepted("K"), butNot: try accepted(other))
        }
        func proposal(_ descriptor: String) throws -> Fact {
            try Self.creating(descriptor: descriptor)
        }
        Self.expect(
            try proposal(Self.letters(8_192)), butNot: try proposal(Self.letters(8_193)))
        Self.expect(try proposal("K"), butNot: try proposal("\u{212a}"))
    }

    static func creating(
        descriptor: String = "wpkh()", holders: Int = 1, depth: UInt32 = 1, gap: UInt32 = 1,
        rate: UInt64 = 1, share: UInt64 = 1
    ) throws -> Fact {
        let proposal = WalletProposal(
            wallet: try label("vault"), descriptor: descriptor,
            holders: [MemberName](repeating: try label("alice"), count: holders),
            quorum: try Quorum(parsing: "1 of (alice)"),
            ceilings: FeeCeilings(
                fee: .maximum, satoshisPerVirtualByte: rate, percentOfAmount: share),
            minimumDepth: depth, gap: gap, declaresShortcut: false)
        return .initiated(
            Initiated(request: .createWallet(proposal), expires: 1, reference: nil))
    }

    @Test func `a wallet's parameters end where they say`() throws {
        Self.expect(try Self.creating(holders: 32), butNot: try Self.creating(holders: 33))
        Self.expect(try Self.creating(depth: 1_000), butNot: try Self.creating(depth: 1_001))
        Self.expect(try Self.creating(gap: 1_000), butNot: try Self.creating(gap: 1_001))
        Self.expect(try Self.creating(rate: 1_000_000), butNot: try Self.creating(rate: 1_000_001))
        Self.expect(
            try Self.creating(share: 1_000_000), butNot: try Self.creating(share: 1_000_001))
        func issued(_ index: UInt32) throws -> Fact {
            .issued(Issued(wallet: try label("vault"), index: index))
        }
        Self.expect(try issued(1_000_000), butNot: try issued(1_000_001))
    }

    @Test func `16,384 bytes stand inline and 16,385 as a blob`() throws {
        let id = digest(of: "request")
        func broadcast(_ transaction: ByteString) -> Fact {
            .broadcast(Broadcast(request: id, transaction: transaction))
        }
        Self.expect(
            broadcast(.inline(Self.bytes(16_384))), butNot: broadcast(.inline(Self.bytes(16_385))))
        Self.expect(
            broadcast(.blob(BlobReference(Self.bytes(16_385)))),
            butNot: broadcast(.blob(BlobReference(Self.bytes(16_384)))))
        Self.expect(
            broadcast(.blob(BlobReference(Self.bytes(4 << 20)))),
            butNot: broadcast(.blob(BlobReference(Self.bytes((4 << 20) + 1)))))
        Self.expect(broadcast(.inline([])), butNot: broadcast(.blob(BlobReference([]))))

        #expect(ByteString.holding(Self.bytes(16_384)).blob == nil)
        let held = ByteString.holding(Self.bytes(16_385))
        #expect(held.blob?.count == 16_385)
        let reference = try #require(held.value.reference)
        #expect(reference == BlobReference(Self.bytes(16_385)))
        #expect(held.value.bytes(from: [:]) == nil)
        #expect(held.value.bytes(from: [reference.digest: [1]]) == [1])

        func attached(_ bytes: [UInt8]) -> Fact {
            .attached(Attached(document: BlobReference(bytes), label: nil, request: nil))
        }
        Self.expect(attached([1]), butNot: attached([]))
        Self.expect(attached(Self.bytes(4 << 20)), butNot: attached(Self.bytes((4 << 20) + 1)))
    }

    @Test func `a transfer spends up to 500 coins`() throws {
        func transfer(
            coins: Int = 1, script: Int = 34, change: UInt32 = 0, output: UInt32 = 0
        ) throws -> Fact {
            let coin = SpentCoin(amount: .maximum, script: Self.bytes(script), previous: nil)
            return .initiated(
                Initiated(
                    request: .transfer(
                        Transfer(
                            wallet: try label("vault"), transaction: .inline([]),
                            coins: [SpentCoin](repeating: coin, count: coins),
                            change: ChangeOutput(output: output, index: change), fee: .maximum,
                            replaces: nil)), expires: 1, reference: nil))
        }
        Self.expect(try transfer(coins: 500), butNot: try transfer(coins: 501))
        Self.expect(try transfer(script: 34), butNot: try transfer(script: 35))
        Self.expect(
            try transfer(change: 1_000_000, output: .max), butNot: try transfer(change: 1_000_001))
    }

    @Test func `an event holds up to 400 signatures`() throws {
        func signed(count: Int = 1, key: Int = 33, signature: Int = 73) -> Fact {
            let item = Signed.InputSignature(
                input: .max, key: Self.bytes(key), signature: Self.bytes(signature))
            return .signed(
                Signed(
                    request: digest(of: "request"),
                    signatures: [Signed.InputSignature](repeating: item, count: count)))
        }
        Self.expect(signed(count: 400), butNot: signed(count: 401))
        Self.expect(signed(), butNot: signed(key: 34))
        Self.expect(signed(), butNot: signed(signature: 74))
    }

    @Test func `an observation's parts end where they say`() throws {
        func observed(
            headers: [[UInt8]] = [], count: Int = 1, index: UInt32 = 0, branch: Int = 0
        ) -> Fact {
            let transaction = ObservedTransaction(
                block: .zero, index: index, branch: [Digest32](repeating: .zero, count: branch),
                bytes: .inline([]))
            return .observed(
                Observed(
                    headers: headers, scripts: .zero,
                    transactions: [ObservedTransaction](repeating: transaction, count: count)))
        }
        func headers(_ count: Int) -> [[UInt8]] {
            [[UInt8]](repeating: Self.bytes(80), count: count)
        }
        Self.expect(observed(headers: headers(200)), butNot: observed(headers: headers(201)))
        Self.expect(observed(headers: headers(1)), butNot: observed(headers: [Self.bytes(79)]))
        // Together they have the right length, but they would read as other headers.
        Self.expect(
            observed(headers: headers(2)),
            butNot: observed(headers: [Self.bytes(79), Self.bytes(81)]))
        Self.expect(observed(count: 1_000), butNot: observed(count: 1_001))
        Self.expect(observed(index: 32_767), butNot: observed(index: 32_768))
        Self.expect(observed(branch: 15), butNot: observed(branch: 16))
    }
}
