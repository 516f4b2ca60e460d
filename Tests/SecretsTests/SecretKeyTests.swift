import Bytes
import Keys
import Secrets
import TestSupport
import Testing

@Suite struct `Secret keys` {
    static let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
    static let one = String(repeating: "0", count: 63) + "1"

    @Test func `a key is a number from 1 to the order less one`() throws {
        for valid in [Self.one, String(Self.order.dropLast()) + "0"] {
            let key = try SecretKey(secret(valid))
            #expect(encodeHex(key.bytes) == valid)
        }
        for invalid in [
            String(repeating: "0", count: 64), Self.order, String(Self.order.dropLast()) + "2",
            String(repeating: "f", count: 64),
        ] {
            #expect(throws: SecretsError.scalarOutOfRange) { _ = try SecretKey(secret(invalid)) }
        }
        for count in [0, 31, 33] {
            let short = String(repeating: "01", count: count)
            #expect(throws: SecretsError.secretLength(accepted: 32...32, found: count)) {
                _ = try SecretKey(secret(short))
            }
        }
    }

    @Test func `the public key of 1 is the generator, of the order less one its mirror`() throws {
        let x = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
        let one = try SecretKey(secret(Self.one)).publicKey
        #expect(one.id.hex == "02" + x)
        let last = try SecretKey(secret(String(Self.order.dropLast()) + "0")).publicKey
        #expect(last.id.hex == "03" + x)
    }

    @Test func `a random draw out of range is drawn again`() throws {
        struct Generator: RandomNumberGenerator {
            var words = [UInt64](repeating: .max, count: 4) + [1, 2, 3, 4]
            mutating func next() -> UInt64 { words.removeFirst() }
        }
        var generator = Generator()
        let key = try SecretKey(random: &generator)
        #expect(
            encodeHex(key.bytes)
                == "0100000000000000020000000000000003000000000000000400000000000000")
    }

    /// Known answers of RFC 6979 on secp256k1 with SHA-256, in common use since 2013.
    @Test func `nonces are RFC 6979's and s is low`() throws {
        let answers: [(key: String, message: String, signature: String)] = [
            (
                one(), "Satoshi Nakamoto",
                "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
                    + "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"
            ),
            (
                one(),
                "All those moments will be lost in time, like tears in rain. Time to die...",
                "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b"
                    + "547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21"
            ),
            (
                String(Self.order.dropLast()) + "0", "Satoshi Nakamoto",
                "fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0"
                    + "6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5"
            ),
            (
                "f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181",
                "Alan Turing",
                "7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c"
                    + "58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea"
            ),
        ]
        for answer in answers {
            let key = try SecretKey(secret(answer.key))
            let signature = try key.sign(sha256(Array(answer.message.utf8)))
            #expect(encodeHex(signature.bytes) == answer.signature)
            #expect(signature.isLowS)
        }
        func one() -> String { Self.one }
    }

    /// The signatures that Bitcoin Core's own tests expect of its grinding signer.
    @Test func `low r is ground as Bitcoin Core grinds it`() throws {
        let digest = sha256d(Array("Very deterministic message".utf8))
        for (key, der) in [
            (
                "12b004fff7f4b69ef8650e767f18f11ede158148b425660723b9f9a66e61f747",
                "304402205dbbddda71772d95ce91cd2d14b592cfbc1dd0aabd6a394b6c2d377bbe59d31d0220"
                    + "14ddda21494a4e221f0824f0b8b924c43fa43c0ad57dccdaa11f81a6bd4582f6"
            ),
            (
                "b524c28b61c9b2c49b2c7dd4c2d75887abb78768c054bd7c01af4029f6c0d117",
                "3044022052d8a32079c11e79db95af63bb9600c5b04f21a9ca33dc129c2bfa8ac9dc1cd50220"
                    + "61d8ae5e0f6c1a16bde3719c64c2fd70e404b6428ab9a69566962e8771b5944d"
            ),
        ] {
            let key = try SecretKey(secret(key))
            #expect(encodeHex(try key.signLowR(digest).der) == der)
        }
    }

    @Test(arguments: [20_260_101 as UInt64])
    func `a hundred keys sign what their public keys verify and nobody else's`(seed: UInt64) throws
    {
        var generator = SeededGenerator(seed: seed)
        var ground = 0
        var other = try SecretKey(random: &generator).publicKey
        for _ in 0..<100 {
            let key = try SecretKey(random: &generator)
            let digest = try #require(Digest32(generator.bytes(32)))
            let plain = try key.sign(digest)
            let lowR = try key.signLowR(digest)
            #expect(try key.sign(digest) == plain)
            #expect(lowR.bytes[0] < 0x80)
            #expect(lowR.der.count <= 70)
            #expect((plain == lowR) == (plain.bytes[0] < 0x80))
            if plain != lowR { ground += 1 }
            let schnorr = try key.signSchnorr(digest.array, auxiliary: .zero)
            #expect(plain.isLowS && lowR.isLowS)
            #expect(key.publicKey.isValid(plain, for: digest))
            #expect(key.publicKey.isValid(lowR, for: digest))
            #expect(key.publicKey.xOnly.isValid(schnorr, for: digest))
            #expect(!other.isValid(plain, for: digest))
            #expect(!other.xOnly.isValid(schnorr, for: digest))
            #expect(!key.publicKey.isValid(plain, for: sha256(digest.span)))
            other = key.publicKey
        }
        #expect((20...80).contains(ground))
    }

    @Test func `BIP-340's signatures come out, and its verdicts`() throws {
        guard let data = try Vectors.data("bip340.csv") else { return }
        var signed = 0
        for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
            .dropFirst()
        {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
                .map(String.init)
            let message = try #require(decodeHex(fields[4]))
            let bytes = try #require(decodeHex(fields[5]))
            let signature = try #require(SchnorrSignature(bytes))
            let key = XOnlyPublicKey(try #require(decodeHex(fields[2])))
            let isValid = key?.isValid(signature, for: message) ?? false
            #expect(isValid == (fields[6] == "TRUE"), "vector \(fields[0])")
            guard !fields[1].isEmpty else { continue }
            let signer = try SecretKey(secret(fields[1]))
            let auxiliary = try #require(Digest32(hex: fields[3]))
            #expect(try signer.signSchnorr(message, auxiliary: auxiliary) == signature)
            #expect(signer.publicKey.xOnly == key)
            signed += 1
        }
        #expect(signed >= 5)
    }

    @Test func `BIP-340's first signature, typed in`() throws {
        let key = try SecretKey(secret(String(repeating: "0", count: 63) + "3"))
        let signature = try key.signSchnorr(
            [UInt8](repeating: 0, count: 32), auxiliary: .zero)
        #expect(
            encodeHex(signature.bytes)
                == "e907831f80848d1069a5371b402410364bdf1c5f8307b0084c55f1ce2dca8215"
                + "25f66a4a85ea8b71e482a74f382d2ce5ebeee8fdb2172f477df4900d310536c0")
        let other = try key.signSchnorr(
            [UInt8](repeating: 0, count: 32), auxiliary: Digest32(repeating: 1))
        #expect(other != signature)
    }

    @Test func `BIP-341's key path signatures come out`() throws {
        guard let vectors = try Vectors.json("bip341_wallet.json") else { return }
        var signed = 0
        for spend in vectors["keyPathSpending"]?[0]?["inputSpending"]?.array ?? [] {
            let given = try #require(spend["given"])
            let middle = try #require(spend["intermediary"])
            let key = try SecretKey(secret(#require(given["internalPrivkey"]?.string)))
            let tweak = try #require(middle["tweak"]?.string.flatMap { Digest32(hex: $0) })
            let sighash = try #require(middle["sigHash"]?.string.flatMap { Digest32(hex: $0) })
            #expect(
                encodeHex(key.publicKey.xOnly.bytes) == middle["internalPubkey"]?.string)
            let signature = try key.signTaproot(sighash, tweak: tweak, auxiliary: .zero)
            let witness = try #require(spend["expected"]?["witness"]?[0]?.string)
            // A sighash type other than the default follows the signature.
            #expect(witness.hasPrefix(encodeHex(signature.bytes)))
            signed += 1
        }
        #expect(signed >= 4)
    }

    @Test func `a tweak out of range signs nothing`() throws {
        let key = try SecretKey(secret(Self.one))
        let order = try #require(Digest32(hex: Self.order))
        let found = error { () throws(SecretsError) in
            _ = try key.signTaproot(.zero, tweak: order, auxiliary: .zero)
        }
        #expect(found == .scalarOutOfRange)
        // The generator is even, so minus one takes it to infinity.
        let minusOne = try #require(Digest32(hex: String(Self.order.dropLast()) + "0"))
        let infinity = error { () throws(SecretsError) in
            _ = try key.signTaproot(.zero, tweak: minusOne, auxiliary: .zero)
        }
        #expect(infinity == .scalarOutOfRange)
    }

    @Test func `threads sign with one context at once`() async throws {
        let digest = sha256(Array("shared".utf8))
        let expected = try SecretKey(secret(Self.one)).sign(digest)
        try await withThrowingTaskGroup(of: ECDSASignature.self) { group in
            for _ in 0..<32 {
                group.addTask { try SecretKey(secret(Self.one)).sign(digest) }
            }
            for try await signature in group { #expect(signature == expected) }
        }
    }
}
