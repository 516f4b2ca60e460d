import Bytes
import Keys
import TestSupport
import Testing

@Suite struct `Wycheproof's ECDSA for Bitcoin` {
    @Test func `every verdict on DER, ranges and low s is the same`() throws {
        guard let vectors = try Vectors.json("wycheproof_ecdsa_bitcoin.json") else { return }
        var verdicts = [true: 0, false: 0]
        for group in vectors["testGroups"]?.array ?? [] {
            let point = try #require(group["publicKey"]?["uncompressed"]?.string)
            let bytes = try #require(decodeHex(point))
            // Our keys are compressed: the parity of y, then x.
            let key = try #require(PublicKey([2 + bytes[64] & 1] + bytes[1..<33]))
            for test in group["tests"]?.array ?? [] {
                let message = try #require(test["msg"]?.string.flatMap { decodeHex($0) })
                let der = try #require(test["sig"]?.string.flatMap { decodeHex($0) })
                let expected = test["result"]?.string == "valid"
                let found =
                    ECDSASignature(der: der).map { key.isValid($0, for: sha256(message)) }
                    ?? false
                #expect(found == expected, "test \(String(describing: test["tcId"]))")
                verdicts[found, default: 0] += 1
            }
        }
        #expect(verdicts == [true: 108, false: 201])
    }

    @Test func `the high twin of a signature is refused, typed in`() throws {
        let key = try #require(
            KeyID(hex: "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
                .flatMap { PublicKey($0) })
        let digest = sha256(Array("Satoshi Nakamoto".utf8))
        let r = "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
        let low = "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"
        let high = "dbbd3162d46e9f9bef7feb87c16dc13b4f6568a87f4e83f728e2443ba586675c"
        for (s, isLow) in [(low, true), (high, false)] {
            let signature = try #require(decodeHex(r + s).flatMap { ECDSASignature($0) })
            #expect(signature.isLowS == isLow)
            #expect(key.isValid(signature, for: digest) == isLow)
            #expect(ECDSASignature(der: signature.der) == signature)
        }
    }
}
