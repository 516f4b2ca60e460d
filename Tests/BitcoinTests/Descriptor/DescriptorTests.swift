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

    @Test(arguments: valid) func `a canonical text comes back with its checksum`(text: String)
        throws
    {
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
        for (text, expected) in refusals {
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
        let keys = try TestWallet(.taprootMultisig(UnspendableKey(), .given), of: 20).descriptor
            .keys
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
        #expect(
            throws: DescriptorError.unexpected(
                offset: 0, found: "\"w\"", accepted: "wpkh(, wsh( or tr(")
        ) { try Self.parse(long) }
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
