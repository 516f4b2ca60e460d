import Bytes
import Keys
import TestSupport
import Testing

@Suite struct `Extended public keys` {
    static let account =
        "xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY"
        + "49yfdDEHGCtMMj92pReUsQ"

    @Test func `BIP-32's keys come back as they were written`() throws {
        guard let vectors = try Vectors.json("bip32.json") else { return }
        for chain in vectors["valid"]?.array?.flatMap({ $0["chains"]?.array ?? [] }) ?? [] {
            let text = try #require(chain["xpub"]?.string)
            let key = try ExtendedPublicKey(text: text)
            #expect(key.text == text)
            #expect(try ExtendedPublicKey(bytes: key.bytes) == key)
            let path = try DerivationPath(text: #require(chain["path"]?.string))
            #expect(Int(key.depth) == path.steps.count)
            #expect(key.childNumber == path.steps.last ?? ChildNumber(rawValue: 0))
        }
    }

    @Test func `BIP-32's unhardened children are derived`() throws {
        guard let vectors = try Vectors.json("bip32.json") else { return }
        var derived = 0
        for vector in vectors["valid"]?.array ?? [] {
            let chains = vector["chains"]?.array ?? []
            for (parent, child) in zip(chains, chains.dropFirst()) {
                let key = try ExtendedPublicKey(text: #require(parent["xpub"]?.string))
                let path = try DerivationPath(text: #require(child["path"]?.string))
                let step = try #require(path.steps.last)
                if step.isHardened {
                    #expect(throws: KeyError.hardenedStep(position: 0)) { try key.child(step) }
                } else {
                    #expect(try key.child(step).text == child["xpub"]?.string)
                    derived += 1
                }
            }
        }
        #expect(derived == 3)
    }

    @Test func `BIP-86's first address key is derived`() throws {
        let account = try ExtendedPublicKey(text: Self.account)
        let key = try account.derived(along: try DerivationPath(text: "0/0"))
        #expect(
            encodeHex(key.key.xOnly.bytes)
                == "cc8a4bc64d897bddc5fbc2f670f7a8ba0b386779106cf1223c6fc5d7cd6fc115")
        #expect(
            key.parentFingerprint
                == (try account.derived(along: DerivationPath(text: "0")))
                .fingerprint)
    }

    @Test func `BIP-32's invalid keys are refused for their reason`() throws {
        guard let vectors = try Vectors.json("bip32.json") else { return }
        for vector in vectors["invalid"]?.array ?? [] {
            let text = try #require(vector["key"]?.string)
            let reason = try #require(vector["reason"]?.string)
            let error = #expect(throws: KeyError.self) { try ExtendedPublicKey(text: text) }
            switch error {
            case .privateKey: #expect(text.hasPrefix("xprv"))
            case .rootWithParent: #expect(reason.hasPrefix("zero depth"))
            case .unknownVersion: #expect(reason == "unknown extended key version")
            case .notOnCurve: #expect(reason.hasPrefix("invalid pubkey"))
            default: Issue.record("\(reason): \(String(describing: error))")
            }
        }
    }

    @Test func `a text that is no extended key is refused for its reason`() throws {
        #expect(throws: KeyError.notBase58Check) { try ExtendedPublicKey(text: "") }
        #expect(throws: KeyError.notBase58Check) {
            try ExtendedPublicKey(text: String(Self.account.dropLast()))
        }
        #expect(throws: KeyError.extendedKeyLength(found: 21)) {
            try ExtendedPublicKey(text: "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2")
        }
        var bytes = try ExtendedPublicKey(text: Self.account).bytes
        bytes[45] = 4
        #expect(throws: KeyError.notOnCurve) { try ExtendedPublicKey(bytes: bytes) }
    }

    @Test func `a key of depth 255 has no children`() throws {
        var bytes = try ExtendedPublicKey(text: Self.account).bytes
        bytes[4] = 255
        let deepest = try ExtendedPublicKey(bytes: bytes)
        #expect(throws: KeyError.tooDeep) { try deepest.child(ChildNumber(rawValue: 0)) }
    }

    @Test func `a hardened step is named by its position`() throws {
        let account = try ExtendedPublicKey(text: Self.account)
        let path = try DerivationPath(text: "0/1/2h")
        #expect(throws: KeyError.hardenedStep(position: 2)) { try account.derived(along: path) }
    }

    @Test func `tpub is read for the test networks`() throws {
        var bytes = try ExtendedPublicKey(text: Self.account).bytes
        bytes.replaceSubrange(0..<4, with: [0x04, 0x35, 0x87, 0xcf])
        let key = try ExtendedPublicKey(bytes: bytes)
        #expect(key.version == .test)
        #expect(key.text.hasPrefix("tpub"))
        #expect(try key.child(ChildNumber(rawValue: 7)).version == .test)
    }
}
