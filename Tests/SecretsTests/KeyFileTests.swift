import Bytes
import Keys
import Secrets
import TestSupport
import Testing

@Suite struct `Key files` {
    static let kinds: [KeyKind] = [.event, .wallet(.main), .wallet(.test), .note(.log)]

    /// A key file of `kind`, the same at every run.
    static func sample(_ kind: KeyKind, _ text: String = "correct horse") throws -> KeyFile {
        var generator = SeededGenerator(seed: 1)
        let secret = try kind.newSecret(using: &generator)
        return try KeyFile(
            sealing: secret, of: kind, name: KeyName("alice"), under: passphrase(text),
            cost: .light, using: &generator)
    }

    @Test(arguments: kinds) func `a secret comes out as it went in`(kind: KeyKind) throws {
        var generator = SeededGenerator(seed: 1)
        let secret = try kind.newSecret(using: &generator)
        let file = try KeyFile(parsing: Self.sample(kind).bytes)
        let opened = try file.open(passphrase("correct horse"))
        #expect(hex(opened) == hex(secret))
        #expect(file.publicPart == (try kind.publicPart(of: secret)))
        #expect(file.publicPart.kind == kind)
    }

    @Test func `seeds of 16 and 64 bytes are sealed, shorter and longer ones are not`() throws {
        var generator = SeededGenerator(seed: 2)
        let word = try passphrase("12345678")
        let light = try ScryptCost.light
        for (count, isAccepted) in [(15, false), (16, true), (64, true), (65, false)] {
            let seed = try SecretBytes(random: count, using: &generator)
            do throws(SecretsError) {
                let file = try KeyFile(
                    sealing: seed, of: .wallet(.main), name: KeyName("w"),
                    under: word, cost: light, using: &generator)
                let opened = try KeyFile(parsing: file.bytes).open(word)
                #expect(isAccepted && hex(opened) == hex(seed))
            } catch {
                #expect(!isAccepted && error == .secretLength(accepted: 16...64, found: count))
            }
        }
    }

    @Test func `the bytes are as they have always been`() throws {
        #expect(String(decoding: try Self.sample(.event).bytes, as: UTF8.self) == goldenEvent)
        #expect(
            String(decoding: try Self.sample(.wallet(.test)).bytes, as: UTF8.self) == goldenWallet)
        #expect(String(decoding: try Self.sample(.note(.log)).bytes, as: UTF8.self) == goldenLog)
        for text in [goldenEvent, goldenWallet, goldenLog] {
            let file = try KeyFile(parsing: Array(text.utf8))
            #expect(file.bytes == Array(text.utf8))
            #expect(try file.open(passphrase("correct horse")).count == 32)
        }
    }

    @Test func `a wrong passphrase has one clear error`() throws {
        let file = try Self.sample(.event)
        for wrong in ["correct hors", "correct horse ", "Correct horse", "x"] {
            let wrong = try passphrase(wrong)
            let found = error { () throws(SecretsError) in _ = try file.open(wrong) }
            #expect(found == .wrongPassphrase(name: "alice"))
        }
    }

    @Test func `every changed byte is refused, before or by the cipher`() throws {
        let bytes = try Self.sample(.event).bytes
        let right = try passphrase("correct horse")
        for index in bytes.indices {
            for changed in [bytes[index] ^ 1, bytes[index] ^ 0x20, 0x80, 0x0a]
            where changed != bytes[index] {
                var other = bytes
                other[index] = changed
                let found = error { () throws(SecretsError) in
                    _ = try KeyFile(parsing: other).open(right)
                }
                #expect(found != nil, "byte \(index) as \(changed)")
            }
        }
        for count in 0..<bytes.count {
            #expect(throws: SecretsError.self) { try KeyFile(parsing: Array(bytes[..<count])) }
        }
        for tail in ["\n", " ", "sealed 00\n"] {
            #expect(throws: SecretsError.self) { try KeyFile(parsing: bytes + Array(tail.utf8)) }
        }
    }

    @Test func `another key's header does not open with this key's secret`() throws {
        let lines = goldenEvent.split(separator: "\n", omittingEmptySubsequences: false)
        let other = lines.map { $0 == "name alice" ? "name mallory" : $0 }
        let file = try KeyFile(parsing: Array(other.joined(separator: "\n").utf8))
        let right = try passphrase("correct horse")
        let found = error { () throws(SecretsError) in _ = try file.open(right) }
        #expect(found == .wrongPassphrase(name: "mallory"))
    }

    @Test func `what a line holds is named when it is wrong`() throws {
        func refused(_ old: String, _ new: String) -> SecretsError? {
            let text = goldenEvent.replacing(old, with: new, maxReplacements: 1)
            return error { () throws(SecretsError) in
                _ = try KeyFile(parsing: Array(text.utf8))
            }
        }
        #expect(refused("key 1", "key 2") == .keyFile(line: 1, expected: "strongroom-key 1"))
        #expect(
            refused("purpose event", "purpose future")
                == .keyFile(line: 4, expected: "a key of a purpose that this version knows"))
        #expect(refused("name alice", "name Alice") == .name("Alice"))
        #expect(
            refused("public 0", "public  0") == .keyFile(line: 4, expected: "public <key>"))
        #expect(
            refused("scrypt 16", "argon 16")
                == .keyFile(line: 5, expected: "kdf scrypt <N> <r> <p> <salt>"))
        #expect(
            refused("scrypt 16", "scrypt -16") == .keyFile(line: 5, expected: "a decimal number"))
        #expect(
            refused("scrypt 16", "scrypt 016")
                == .keyFile(
                    line: 5, expected: "lower-case digits, numbers without leading zeros"))
        #expect(
            refused("poly1305 ", "poly1305 00")
                == .keyFile(line: 6, expected: "12 bytes in lower-case hexadecimal"))
        #expect(
            refused("sealed ", "sealed 0")
                == .keyFile(line: 7, expected: "32 to 80 bytes in lower-case hexadecimal"))
    }

    @Test func `a file can not demand more memory or time than the limits`() throws {
        func refused(_ n: Int, _ r: Int, _ p: Int) -> String? {
            let found = error { () throws(SecretsError) in
                _ = try ScryptCost(rounds: n, blockSize: r, parallelism: p)
            }
            guard case .scryptCost(let field, _, _) = found else { return nil }
            return field
        }
        // 256 MiB of memory, and four times the standard work.
        #expect(refused(1 << 18, 8, 1) == nil)
        #expect(refused(1 << 19, 8, 1) == "N")
        #expect(refused(1 << 17, 16, 1) == nil)
        #expect(refused(1 << 18, 16, 1) == "N")
        #expect(refused(1 << 17, 8, 4) == nil)
        #expect(refused(1 << 17, 8, 8) == "N")
        // RFC 7914 demands a power of two from 2, below 2^16 when r is 1.
        #expect(refused(1 << 15, 1, 1) == nil)
        #expect(refused(1 << 16, 1, 1) == "N")
        for n in [Int.min, -2, 0, 1, 3, 100_000, 1 << 40, Int.max] {
            #expect(refused(n, 8, 1) == "N")
        }
        for r in [Int.min, 0, 17, Int.max] { #expect(refused(1024, r, 1) == "r") }
        for p in [Int.min, 0, 17, Int.max] { #expect(refused(1024, 8, p) == "p") }
    }

    @Test func `every accepted factor can be computed`() throws {
        var generator = SeededGenerator(seed: 3)
        let secret = try KeyKind.event.newSecret(using: &generator)
        for r in 1...16 {
            for p in 1...16 {
                let cost = try ScryptCost(rounds: 2, blockSize: r, parallelism: p)
                let file = try KeyFile(
                    sealing: secret, of: .event, name: KeyName("k"), under: passphrase("12345678"),
                    cost: cost, using: &generator)
                #expect(try file.open(passphrase("12345678")).count == 32)
            }
        }
    }

    @Test func `the passphrase is changed, and the secret stays`() throws {
        var generator = SeededGenerator(seed: 4)
        let old = try Self.sample(.wallet(.main))
        let new = try old.resealed(
            from: passphrase("correct horse"), to: passphrase("battery staple"), cost: .light,
            using: &generator)
        #expect(new.publicPart == old.publicPart)
        #expect(
            hex(try new.open(passphrase("battery staple")))
                == hex(try old.open(passphrase("correct horse"))))
        let wrong = try passphrase("correct horse")
        let found = error { () throws(SecretsError) in _ = try new.open(wrong) }
        #expect(found == .wrongPassphrase(name: "alice"))
    }

    @Test func `sealing wants eight bytes of passphrase`() throws {
        #expect(throws: SecretsError.passphraseLength(accepted: 8...1024, found: 7)) {
            try Self.sample(.event, "1234567")
        }
        #expect(throws: SecretsError.passphraseLength(accepted: 8...1024, found: 0)) {
            try Self.sample(.event, "")
        }
        #expect(throws: SecretsError.passphraseLength(accepted: 8...1024, found: 1025)) {
            try Self.sample(.event, String(repeating: "x", count: 1025))
        }
        _ = try Self.sample(.event, String(repeating: "x", count: 1024))
        _ = try Self.sample(.event, "12345678")
    }

    @Test func `a key is opened for its purpose alone`() throws {
        let right = try passphrase("correct horse")
        let event = try Self.sample(.event)
        let wallet = try Self.sample(.wallet(.test))
        let log = try Self.sample(.note(.log))
        #expect(.event(try event.openEventKey(right).publicKey) == event.publicPart)
        #expect(.wallet(try wallet.openWalletKey(right).publicKey) == wallet.publicPart)
        #expect(.note(.log, try log.openNoteKey(for: .log, right).publicKey) == log.publicPart)
        let asEvent = error { () throws(SecretsError) in _ = try log.openEventKey(right) }
        #expect(asEvent == .purpose(name: "alice", expected: "event", found: "log"))
        let asWallet = error { () throws(SecretsError) in _ = try event.openWalletKey(right) }
        #expect(asWallet == .purpose(name: "alice", expected: "wallet", found: "event"))
        let asLog = error { () throws(SecretsError) in _ = try wallet.openNoteKey(for: .log, right)
        }
        #expect(asLog == .purpose(name: "alice", expected: "log", found: "wallet"))
    }

    @Test func `Python opens our files from the format's description`() throws {
        var generator = SeededGenerator(seed: 5)
        let standard = try KeyFile(
            sealing: secret(String(repeating: "5e", count: 32)), of: .event,
            name: KeyName("standard"), under: passphrase("päßphrase"), using: &generator)
        let wrong: JSON = [
            "text": .string(goldenEvent), "passphrase": .string(encodeHex(Array("wrong".utf8))),
        ]
        let files = try Self.kinds.map { kind throws in
            sample(try Self.sample(kind).bytes, "correct horse")
        }
        let input: JSON = [
            "files": .array(files + [sample(standard.bytes, "päßphrase"), wrong])
        ]
        guard let answer = try Judge.ask("Tests/SecretsTests/Judges/decrypt.py", input) else {
            return
        }
        var expected: [JSON] = []
        for kind in Self.kinds {
            var generator = SeededGenerator(seed: 1)
            expected.append(.string(hex(try kind.newSecret(using: &generator))))
        }
        expected += [.string(String(repeating: "5e", count: 32)), .null]
        #expect(answer["secrets"]?.array == expected)

        func sample(_ bytes: [UInt8], _ passphrase: String) -> JSON {
            [
                "text": .string(String(decoding: bytes, as: UTF8.self)),
                "passphrase": .string(encodeHex(Array(passphrase.utf8))),
            ]
        }
    }
}

private let goldenEvent = """
    strongroom-key 1
    purpose event
    name alice
    public 03ec1863e116b1200bdb337fc2dcee62b163419b9818037f5a08e9d04fe2b89f7e
    kdf scrypt 16 8 1 b980a575a89661fec08aa83b63f1ee08469ccdac9ff735ab278a84ba6d1c170c
    cipher chacha20-poly1305 f5c1183c860763b281385e96
    sealed cc102308d192e6338ef11c2c826816ea3b46461fc1c9e23c65deb08b6c3cbf5146769bbafd7b5b25218\
    32943169a9df0

    """
private let goldenWallet = """
    strongroom-key 1
    purpose wallet
    name alice
    public tpubD6NzVbkrYhZ4XVFzWDk2PiRZXmpNcyiJy6heEeBPuTeP8y7pVoHXucLKYzbbEL8pKofvctZv42rGFbh\
    31dnu6DdCyAXxjxPQ9NvYyvBuxwo
    kdf scrypt 16 8 1 b980a575a89661fec08aa83b63f1ee08469ccdac9ff735ab278a84ba6d1c170c
    cipher chacha20-poly1305 f5c1183c860763b281385e96
    sealed cc102308d192e6338ef11c2c826816ea3b46461fc1c9e23c65deb08b6c3cbf5100caf767a6d5b96ac6a\
    87fe8381a37dd

    """
private let goldenLog = """
    strongroom-key 1
    purpose log
    name alice
    public 4bb675de4f6376ab61737033d701560e4434be1d6736562ae29b8835b763cd24
    kdf scrypt 16 8 1 b980a575a89661fec08aa83b63f1ee08469ccdac9ff735ab278a84ba6d1c170c
    cipher chacha20-poly1305 f5c1183c860763b281385e96
    sealed cc102308d192e6338ef11c2c826816ea3b46461fc1c9e23c65deb08b6c3cbf51638a2a5bf02e5fc9893\
    34f1d71e546bd

    """
