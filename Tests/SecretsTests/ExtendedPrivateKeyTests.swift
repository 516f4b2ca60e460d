import Bytes
import Keys
import Secrets
import TestSupport
import Testing

@Suite struct `Extended private keys` {
    /// BIP-32's first test vector, m/0h/1, typed in so that it always runs.
    static let seed = "000102030405060708090a0b0c0d0e0f"
    static let child =
        "xprv9wTYmMFdV23N2TdNG573QoEsfRrWKQgWeibmLntzniatZvR9BmLnvSxqu53Kw1UmYPxLgboyZQaXwTCg8MSY3"
        + "H2EU4pWcQDnRnrVA1xe8fs"

    @Test func `a path is derived step by step`() throws {
        let root = try ExtendedPrivateKey(seed: secret(Self.seed), version: .main)
        let child = try root.derived(along: DerivationPath(text: "0h/1"))
        #expect(try child.text() == Self.child)
        #expect(child.depth == 2)
        #expect(child.childNumber == ChildNumber(normal: 1))
        let empty = error { () throws(SecretsError) in _ = try root.derived(along: .root) }
        #expect(empty == .emptyPath)
    }

    @Test func `BIP-32's chains are derived, written and read`() throws {
        guard let vectors = try Vectors.json("bip32.json") else { return }
        var chains = 0
        for vector in vectors["valid"]?.array ?? [] {
            let root = try ExtendedPrivateKey(
                seed: secret(#require(vector["seed"]?.string)), version: .main)
            for chain in vector["chains"]?.array ?? [] {
                let path = try DerivationPath(text: #require(chain["path"]?.string))
                let text = try #require(chain["xprv"]?.string)
                let read = try ExtendedPrivateKey(text: text)
                #expect(try read.text() == text)
                #expect(try read.publicKey.text == chain["xpub"]?.string)
                chains += 1
                guard !path.steps.isEmpty else {
                    #expect(try root.text() == text)
                    continue
                }
                let derived = try root.derived(along: path)
                #expect(try derived.text() == text)
            }
        }
        #expect(chains >= 10)
    }

    @Test func `BIP-32's invalid keys are refused for their reason`() throws {
        guard let vectors = try Vectors.json("bip32.json") else { return }
        for vector in vectors["invalid"]?.array ?? [] {
            let text = try #require(vector["key"]?.string)
            let reason = try #require(vector["reason"]?.string)
            let found = error { () throws(SecretsError) in
                _ = try ExtendedPrivateKey(text: text)
            }
            switch found {
            case .publicKey: #expect(text.hasPrefix("xpub"))
            case .keyPadding:
                #expect(reason.contains("prvkey prefix") || reason.contains("mismatch"))
            case .scalarOutOfRange: #expect(reason.contains("n not in 1..n-1"))
            case .extendedKey(.rootWithParent): #expect(reason.hasPrefix("zero depth"))
            case .extendedKey(.unknownVersion):
                #expect(reason == "unknown extended key version")
            default: Issue.record("\(reason): \(String(describing: found))")
            }
        }
    }

    @Test(arguments: [7 as UInt64])
    func `a public child is the neutered private child`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for version in [ExtendedPublicKey.Version.main, .test] {
            let root = try ExtendedPrivateKey(
                seed: SecretBytes(random: 64, using: &generator), version: version)
            let account = try root.derived(along: DerivationPath(text: "48h/1h/0h/2h"))
            let neutered = try account.publicKey
            #expect(neutered.version == version)
            #expect(neutered.text.hasPrefix(version == .main ? "xpub" : "tpub"))
            #expect(try account.text().hasPrefix(version == .main ? "xprv" : "tprv"))
            let again = try ExtendedPrivateKey(text: account.text())
            #expect(try again.publicKey == neutered)
            for _ in 0..<16 {
                let number = ChildNumber(
                    rawValue: UInt32(truncatingIfNeeded: generator.next()) >> 1)
                let child = try account.child(number)
                #expect(try child.publicKey == neutered.child(number))
                #expect(child.key.publicKey == (try neutered.child(number)).key)
            }
        }
    }

    @Test func `a seed has 16 to 64 bytes`() throws {
        for count in [0, 15, 65] {
            let bytes = try secret(String(repeating: "01", count: count))
            let found = error { () throws(SecretsError) in
                _ = try ExtendedPrivateKey(seed: bytes, version: .main)
            }
            #expect(found == .secretLength(accepted: 16...64, found: count))
        }
        for count in [16, 64] {
            let root = try ExtendedPrivateKey(
                seed: secret(String(repeating: "01", count: count)), version: .test)
            #expect(root.depth == 0)
        }
    }

    @Test func `depth ends at 255`() throws {
        var key = try ExtendedPrivateKey(seed: secret(Self.seed), version: .main)
        let step = ChildNumber(rawValue: 0)
        for _ in 0..<255 { key = try key.child(step) }
        #expect(key.depth == 255)
        let deepest = try ExtendedPrivateKey(text: key.text())
        let found = error { () throws(SecretsError) in _ = try deepest.child(step) }
        #expect(found == .extendedKey(.tooDeep))
    }
}
