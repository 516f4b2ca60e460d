import Bytes
import Keys
import TestSigning
import TestSupport
import Testing

@testable import Bitcoin

@Suite struct `Descriptors` {
    static let a =
        "xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY"
        + "49yfdDEHGCtMMj92pReUsQ"
    static let b =
        "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBG"
        + "RjaDMzQLcgJvLJuZZvRcEL"
    static let h = "50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0"
    static let end = "/<0;1>/*"

    static func parse(_ text: String) throws(DescriptorError) -> Descriptor {
        try Descriptor(text: text, network: .main)
    }

    static let valid = [
        "wpkh([d34db33f/84h/0h/0h]\(a)\(end))",
        "wpkh(\(a)\(end))",
        "wsh(multi(1,\(a)\(end)))",
        "wsh(multi(2,\(b)\(end),\(a)\(end)))",
        "wsh(sortedmulti(1,[00000000]\(b)\(end),[ffffffff/0]\(a)\(end)))",
        "tr([d34db33f/86h/0h/0h]\(a)\(end))",
        "tr(\(h),multi_a(1,\(a)\(end)))",
        "tr(\(h),sortedmulti_a(2,[00000000/1h]\(b)\(end),\(a)\(end)))",
    ]

    @Test(arguments: valid) func `a canonical text comes back with its checksum`(text: String) throws {
        let descriptor = try Self.parse(text)
        #expect(descriptor.text.dropLast(9) == text)
        #expect(try Self.parse(descriptor.text) == descriptor)
        #expect(descriptor.spendPaths.count == 1)
        #expect(descriptor.spendPaths[0].threshold == descriptor.threshold)
        #expect(descriptor.spendPaths[0].keys == Array(descriptor.keys.indices))
    }

    @Test func `apostrophes and capital fingerprints become the canonical form`() throws {
        let descriptor = try Self.parse("wpkh([D34DB33F/84'/0'/0h]\(Self.a)\(Self.end))")
        #expect(descriptor == (try Self.parse(Self.valid[0])))
    }

    @Test func `every refusal says where`() {
        let (a, b, h, end) = (Self.a, Self.b, Self.h, Self.end)
        let key = "\(a)\(end)"
        let accepted = "[fingerprint/path] (or nothing), an xpub or tpub, and /<0;1>/*"
        for (text, expected) in [
            ("", DescriptorError.unexpected(
                offset: 0, found: "the end", accepted: "wpkh(, wsh( or tr(")),
            ("sh(wpkh(\(key)))", .notSupported(
                offset: 0, found: "sh()", accepted: "wpkh(, wsh( or tr(")),
            ("wsh(pk(\(key)))", .notSupported(
                offset: 4, found: "pk()", accepted: "multi( or sortedmulti(")),
            ("tr(\(h),pk(\(key)))", .notSupported(
                offset: 68, found: "pk()", accepted: "multi_a( or sortedmulti_a(")),
            ("tr(\(h),{pk(\(key)),pk(\(key))})", .notSupported(
                offset: 68, found: "a tree of scripts", accepted: "multi_a( or sortedmulti_a(")),
            ("tr(\(key),multi_a(1,\(b)\(end)))", .notSupported(
                offset: 3, found: "an internal key that some one may be able to sign with",
                accepted: "an unspendable key of 64 hexadecimal digits")),
            ("tr(\(h))", .notSupported(
                offset: 3, found: "a key without extension", accepted: accepted)),
            ("wpkh(02\(h))", .notSupported(
                offset: 5, found: "a key without extension", accepted: accepted)),
            ("wpkh(pk(02\(h)))", .notSupported(
                offset: 5, found: "an expression in place of a key", accepted: accepted)),
            ("wpkh([d34db33f])", .unexpected(offset: 15, found: "no key", accepted: accepted)),
            ("wpkh(\(key)", .unexpected(offset: 124, found: "the end", accepted: "\")\"")),
            ("wpkh(\(key)))", .unexpected(
                offset: 125, found: "\")\"", accepted: "the end, or # and the checksum")),
            ("wpkh(\(a))", .notSupported(
                offset: 116, found: "a key without derivation", accepted: end)),
            ("wpkh(\(a)/*)", .notSupported(
                offset: 116, found: "the derivation /*", accepted: end)),
            ("wpkh(\(a)/<1;0>/*)", .notSupported(
                offset: 116, found: "the derivation /<1;0>/*", accepted: end)),
            ("wpkh(\(a)/<0;1>/*h)", .notSupported(
                offset: 116, found: "the derivation /<0;1>/*h", accepted: end)),
            ("wpkh([d34db33f/x]\(key))", .key(
                offset: 15, .pathStep(offset: 10, found: "x"))),
            ("wpkh([d34db3f/0]\(key))", .key(
                offset: 6, .origin(
                    offset: 1, expected: "a fingerprint of eight hexadecimal digits"))),
            ("wpkh(\(a)0\(end))", .key(offset: 5, .notBase58Check)),
            ("wsh(multi(0,\(key)))", .threshold(found: 0, keys: 1)),
            ("wsh(multi(2,\(key)))", .threshold(found: 2, keys: 1)),
            ("wsh(multi(1))", .keyCount(found: 0, maximum: 15)),
            ("wsh(multi(01,\(key)))", .unexpected(
                offset: 10, found: "\"0\"", accepted: "the threshold, a decimal number")),
            ("wsh(multi(a,\(key)))", .unexpected(
                offset: 10, found: "\"a\"", accepted: "the threshold, a decimal number")),
            ("wsh(multi(1,\(key))", .unexpected(
                offset: 132, found: "the end", accepted: "\")\"")),
            ("wsh(multi(1,\(key),[d34db33f]\(key)))", .duplicateKeys(first: 0, second: 1)),
            ("tr(\(h.dropLast())1,multi_a(1,\(key)))", .spendableInternalKey),
            ("wpkh(Ü)", .character(offset: 5)),
            ("wpkh (\(key))", .unexpected(
                offset: 0, found: "\"w\"", accepted: "wpkh(, wsh( or tr(")),
        ] {
            let error = #expect(throws: DescriptorError.self) { try Self.parse(text) }
            #expect(error == expected, "\(text)")
        }
    }

    @Test func `no refusal repeats a private key`() throws {
        let root = try TestKey(seed: [1, 2, 3]).text
        for text in ["wpkh(\(root)/<0;1>/*)", "wpkh(\(root))", "wsh(multi(\(root)))", root] {
            let error = #expect(throws: DescriptorError.self) {
                try Descriptor(text: text, network: .regtest)
            }
            #expect(error.map { !"\($0)".contains(root.dropFirst(8).prefix(12)) } == true)
        }
    }

    @Test func `keys of other networks are refused`() throws {
        let text = "wsh(multi(1,\(Self.a)\(Self.end)))"
        for network in Network.allCases where network != .main {
            #expect(throws: DescriptorError.wrongNetwork(key: 0, network: network)) {
                try Descriptor(text: text, network: network)
            }
        }
        let test = try TestWallet(.taprootKey).descriptor
        #expect(throws: DescriptorError.wrongNetwork(key: 0, network: .main)) {
            try Self.parse(test.text)
        }
    }

    @Test func `keys that derive the same keys are duplicates, whatever they claim`() throws {
        let key = try ExtendedPublicKey(text: Self.a)
        let renamed = try ExtendedPublicKey(
            version: .main, depth: 9, parentFingerprint: KeyFingerprint(rawValue: 7),
            childNumber: ChildNumber(rawValue: 1), chainCode: key.chainCode, key: key.key)
        let rechained = try ExtendedPublicKey(
            version: .main, depth: 3, parentFingerprint: KeyFingerprint(rawValue: 7),
            childNumber: ChildNumber(rawValue: 1), chainCode: .zero, key: key.key)
        for twin in [renamed, rechained] {
            #expect(throws: DescriptorError.duplicateKeys(first: 0, second: 1)) {
                try Descriptor(
                    .witnessMultisig(.sorted), threshold: 1,
                    keys: [
                        try DescriptorKey(origin: nil, extendedKey: key),
                        try DescriptorKey(origin: nil, extendedKey: twin),
                    ], network: .main)
            }
        }
    }

    @Test func `as many keys as the limit, and one more`() throws {
        let limits: [(Descriptor.Kind, Int)] = [
            (.witnessPublicKeyHash, 1), (.taprootKey, 1), (.witnessMultisig(.sorted), 15),
            (.taprootMultisig(UnspendableKey(), .given), 20),
        ]
        for (kind, limit) in limits {
            #expect(kind.maximumKeys == limit)
            let wallet = try TestWallet(kind, threshold: limit, of: limit)
            let descriptor = try Descriptor(text: wallet.descriptor.text, network: .regtest)
            #expect(descriptor == wallet.descriptor)
            #expect(throws: DescriptorError.keyCount(found: limit + 1, maximum: limit)) {
                try TestWallet(kind, of: limit + 1)
            }
        }
        let keys = try TestWallet(.taprootMultisig(UnspendableKey(), .given), of: 20).descriptor.keys
        let list = (keys + [keys[0]]).map(\.text).joined(separator: ",")
        #expect(throws: DescriptorError.keyCount(found: 21, maximum: 20)) {
            try Descriptor(text: "tr(\(Self.h),multi_a(1,\(list)))", network: .regtest)
        }
        #expect(throws: DescriptorError.keyCount(found: 21, maximum: 15)) {
            try Descriptor(text: "wsh(multi(1,\(list)))", network: .regtest)
        }
    }

    @Test func `a text over the limit is refused before it is read`() throws {
        let long = String(repeating: "w", count: Descriptor.maximumLength)
        #expect(throws: DescriptorError.tooLong(count: Descriptor.maximumLength + 1)) {
            try Self.parse(long + "w")
        }
        #expect(throws: DescriptorError.unexpected(
            offset: 0, found: "\"w\"", accepted: "wpkh(, wsh( or tr(")) { try Self.parse(long) }
    }

    @Test func `no change of a valid text crashes, and what is accepted is canonical`() {
        var generator = SeededGenerator(seed: 380)
        for text in Self.valid {
            for _ in 0..<300 {
                var bytes = Array(text.utf8)
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    let position = Int.random(in: 0..<bytes.count, using: &generator)
                    switch Int.random(in: 0..<3, using: &generator) {
                    case 0: bytes[position] = UInt8.random(in: 0...127, using: &generator)
                    case 1: bytes.remove(at: position)
                    default: bytes.insert(bytes[bytes.count - 1 - position], at: position)
                    }
                }
                let changed = String(decoding: bytes, as: UTF8.self)
                guard let descriptor = try? Self.parse(changed) else { continue }
                #expect(descriptor == (try? Self.parse(descriptor.text)))
            }
        }
    }
}

@Suite struct `Unspendable internal keys` {
    @Test func `H is the hash of the generator`() throws {
        let generator =
            "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbf"
            + "c0e1108a8fd17b448a68554199c47d08ffb10d4b8"
        let bytes = try #require(decodeHex(generator))
        #expect(sha256(bytes).array == UnspendableKey().key.bytes)
    }

    @Test func `H + rG is accepted with r and with no other`() throws {
        let r = sha256([1])
        let key = try #require(UnspendableKey(offset: r))
        let wallet = try TestWallet(.taprootMultisig(key, .sorted), threshold: 1, of: 2)
        let text = wallet.descriptor.text
        let parsed = try Descriptor(text: text, network: .regtest, internalKeyOffset: r)
        #expect(parsed == wallet.descriptor)
        for wrong in [nil, sha256([2]), .zero, Digest32([32 of UInt8](repeating: 0xff))] {
            #expect(throws: DescriptorError.spendableInternalKey) {
                try Descriptor(text: text, network: .regtest, internalKeyOffset: wrong)
            }
        }
    }

    @Test func `an r out of range gives no key`() {
        #expect(UnspendableKey(offset: .zero) == nil)
        #expect(UnspendableKey(offset: Digest32([32 of UInt8](repeating: 0xff))) == nil)
    }
}

@Suite struct `Derived outputs` {
    @Test func `BIP-86's addresses are derived`() throws {
        let descriptor = try Descriptors.parse("tr([73c5da0a/86h/0h/0h]\(Descriptors.a)/<0;1>/*)")
        for (chain, index, script) in [
            (Chain.receive, UInt32(0), "a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c"),
            (.receive, 1, "a82f29944d65b86ae6b5e5cc75e294ead6c59391a1edc5e016e3498c67fc7bbb"),
            (.change, 0, "882d74e5d0572d5a816cef0041a96b6c1de832f6f9676d9605c44d5e9a97d3dc"),
        ] {
            let output = try descriptor.derive(chain, index)
            #expect(output.scriptPubKey.hex == "5120" + script)
            #expect(output.keys[0].origin.text == "[73c5da0a/86h/0h/0h/\(chain.rawValue)/\(index)]")
            #expect(output.leaf == nil)
            #expect(output.witnessScript == nil)
        }
    }

    @Test func `an index that is hardened or beyond is refused`() throws {
        for wallet in try TestWallet.ofEachKind() {
            #expect(try wallet.descriptor.derive(.change, 0x7fff_ffff).index == 0x7fff_ffff)
            #expect(throws: KeyError.noSuchChild(index: 0x8000_0000)) {
                try wallet.descriptor.derive(.change, 0x8000_0000)
            }
        }
    }

    @Test func `sorted keys stand in the script by their bytes, given ones as given`() throws {
        for wallet in try TestWallet.ofEachKind() {
            for index in UInt32(0)..<10 {
                let output = try wallet.descriptor.derive(.receive, index)
                let keys = output.keys.map(\.publicKey)
                switch wallet.descriptor.kind {
                case .witnessMultisig(.sorted):
                    let ordered = output.scriptOrder.map { keys[$0].id }
                    #expect(ordered == ordered.sorted())
                case .taprootMultisig(_, .sorted):
                    let ordered = output.scriptOrder.map { encodeHex(keys[$0].xOnly.bytes) }
                    #expect(ordered == ordered.sorted())
                default: #expect(output.scriptOrder == Array(keys.indices))
                }
                #expect(Set(output.scriptOrder) == Set(keys.indices))
            }
        }
    }

    @Test func `a control block proves its leaf`() throws {
        for wallet in try TestWallet.ofEachKind() {
            let output = try wallet.descriptor.derive(.receive, 3)
            guard let leaf = output.leaf, let block = output.controlBlock,
                let taproot = output.taproot
            else { continue }
            #expect(block.bytes.count == 33)
            #expect(ControlBlock(block.bytes) == block)
            #expect(block.proves(leaf.script, in: taproot.outputKey))
            #expect(!block.proves(Script(leaf.script.bytes + [0]), in: taproot.outputKey))
            #expect(output.scriptPubKey == .payToTaproot(outputKey: taproot.outputKey))
        }
    }
}
