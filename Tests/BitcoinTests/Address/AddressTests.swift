import Bitcoin
import Bytes
import TestSupport
import Testing

@Suite struct `Addresses` {
    @Test func `one address of each template, both ways`() throws {
        for (text, script, network) in [
            (
                "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
                "76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac", Network.main
            ),
            (
                "2NC2hEhe28ULKAJkW5MjZ3jtTMJdvXmByvK",
                "a914ce0bba75891ff9ec60148d4bd4a09ee2dc5c933187", .testnet4
            ),
            (
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
                "0014751e76e8199196d454941c45d1b3a323f1433bd6", .main
            ),
            (
                "bcrt1s489d9fhmyel0vzfqsrmew4x7r80asuqesm5hgqacy35daflcyufh3j8cgdtflvt99ph05m",
                """
                6028a9cad2a6fb267ef6092080f79754de19dfd8701986e97403b82468dea7f8271378c8f8\
                43569fb165
                """, .regtest
            ),
        ] {
            let address = try Address.decode(text, network)
            #expect(address.script.hex == script)
            #expect(address.text == text)
            #expect(Address(address.script, network) == address)
        }
        #expect(Address(Script([Opcode.return]), .main) == nil)
        #expect(Address(Script([]), .main) == nil)
    }

    @Test func `an address of another network names that network`() {
        #expect(
            throws: BitcoinError.addressNetwork(
                belongsTo: [.testnet4, .signet], expected: .main)
        ) {
            try Address.decode(
                "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c", .main)
        }
        #expect(
            throws: BitcoinError.addressNetwork(belongsTo: [.main], expected: .regtest)
        ) { try Address.decode("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", .regtest) }
        #expect(
            throws: BitcoinError.addressNetwork(
                belongsTo: [.testnet4, .signet, .regtest], expected: .main)
        ) { try Address.decode("2NC2hEhe28ULKAJkW5MjZ3jtTMJdvXmByvK", .main) }
    }

    @Test(arguments: [
        ("", BitcoinError.addressChecksum),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", .addressChecksum),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", .addressChecksum),
        ("tc1qw508d6qejxtdg4y5r3zarvary0c5xw7kg3g4ty", .addressPrefix("tc")),
        ("5JuW2AMDYu4xVwRG9DZW18VbzQrGcd5RCgb99sS6ehJsNQXu5b9", .addressVersion(128)),
        ("BC13W508D6QEJXTDG4Y5R3ZARVARY0C5XW7KN40WF2", .addressProgram(version: 17)),
    ])
    func `each fault has its name`(text: String, error: BitcoinError) {
        #expect(throws: error) { try Address.decode(text, .main) }
    }

    @Test func `Core's valid addresses`() throws {
        guard let rows = try Vectors.json("core_key_io_valid.json")?.array else { return }
        for row in rows {
            let text = try #require(row[0]?.string)
            let network = try #require(
                row[2]?["chain"]?.string.flatMap { Network(rawValue: $0) })
            if row[2]?["isPrivkey"]?.bool == true {
                #expect(throws: BitcoinError.self) { try Address.decode(text, network) }
                continue
            }
            let address = try Address.decode(text, network)
            #expect(address.script.hex == row[1]?.string)
            #expect(address.text == text)
            let flipped = row[2]?["tryCaseFlip"]?.bool == true
            if flipped {
                #expect(try Address.decode(text.uppercased(), network).script == address.script)
            }
        }
        #expect(rows.count > 20)
    }

    @Test func `Core's invalid addresses`() throws {
        guard let rows = try Vectors.json("core_key_io_invalid.json")?.array else { return }
        for row in rows {
            let text = try #require(row[0]?.string)
            for network in Network.allCases {
                #expect(throws: BitcoinError.self) { try Address.decode(text, network) }
            }
        }
        #expect(rows.count > 20)
    }

    @Test(arguments: [
        ("bip173_bech32.json", "bech32", Bech32.Variant.bech32),
        ("bip350_bech32m.json", "bech32m", .bech32m),
    ])
    func `bech32 texts of the standards`(
        file: String, kind: String, variant: Bech32.Variant
    ) throws {
        guard let vectors = try Vectors.json(file) else { return }
        for vector in try #require(vectors["valid_\(kind)"]?.array) {
            let text = try #require(vector["string"]?.string)
            let decoded = try #require(Bech32.decode(text))
            #expect(decoded.variant == variant)
            #expect(
                Bech32.encode(prefix: decoded.prefix, decoded.values, variant)
                    == text.lowercased())
        }
        for vector in try #require(vectors["invalid_\(kind)"]?.array) {
            let text = try #require(vector["string"]?.string)
            #expect(Bech32.decode(text)?.variant != variant, "\(text)")
        }
    }

    @Test func `BIP-350's addresses`() throws {
        guard let vectors = try Vectors.json("bip350_bech32m.json") else { return }
        for vector in try #require(vectors["valid_address"]?.array) {
            let text = try #require(vector["address"]?.string)
            let network: Network = text.lowercased().hasPrefix("bc1") ? .main : .signet
            let address = try Address.decode(text, network)
            #expect(address.script.hex == vector["scriptPubKey"]?.string)
            #expect(address.text == text.lowercased())
        }
        for vector in try #require(vectors["invalid_address"]?.array) {
            let text = try #require(vector["string"]?.string)
            for network in Network.allCases {
                #expect(throws: BitcoinError.self) { try Address.decode(text, network) }
            }
        }
    }

    @Test func `one wrong character is always noticed, seed 2`() throws {
        var generator = SeededGenerator(seed: 2)
        let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l")
        for length in [20, 32] {
            let script = Script.witnessProgram(version: 0, generator.bytes(length))
            let text = Array(try #require(Address(script, .main)?.text))
            for position in 3..<text.count {
                for character in alphabet where character != text[position] {
                    var wrong = text
                    wrong[position] = character
                    #expect(throws: BitcoinError.self) {
                        try Address.decode(String(wrong), .main)
                    }
                }
            }
        }
    }
}
