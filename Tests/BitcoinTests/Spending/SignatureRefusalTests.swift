import Bitcoin
import Testing

@Suite struct `Why a signature is refused` {
    static let claim = SignatureClaim(input: 3, key: 1, bytes: [UInt8](repeating: 7, count: 71))

    static let refusals: [(SignatureRefusal, String)] = [
        (.noSuchInput(9), "the transaction has no input 9"),
        (.noSuchKey(input: 3, key: 8), "the descriptor of input 3 has no key 8"),
        (.encoding(claim), "the signature of input 3 by bob is malformed: 71 bytes found; "),
        (
            .sighashType(claim, found: .single, accepted: .all),
            "the signature of input 3 by bob would fit other transactions: SIGHASH_SINGLE found, "
                + "SIGHASH_ALL is accepted"
        ),
        (
            .sighashType(claim, found: .none.anyoneCanPay, accepted: .default),
            "the signature of input 3 by bob would fit other transactions: "
                + "SIGHASH_NONE|ANYONECANPAY found, SIGHASH_DEFAULT is accepted"
        ),
        (.highS(claim), "the signature of input 3 by bob has its s in the upper half"),
        (.invalid(claim), "the signature of input 3 by bob does not verify"),
        (.otherDigest(claim), "the signature of input 3 by bob was made for another input"),
        (.tooFew(input: 3, found: 1, threshold: 2), "input 3 has 1 signature; it needs 2"),
    ]

    @Test(arguments: refusals.indices) func `is a sentence with the input and the key`(
        _ index: Int
    ) {
        let (refusal, sentence) = Self.refusals[index]
        #expect(refusal.sentence { $0 == 1 ? "bob" : "another" }.hasPrefix(sentence))
        #expect(!"\(refusal)".contains("SignatureClaim"))
    }

    @Test(
        arguments: [
            (0x00, "SIGHASH_DEFAULT"), (0x01, "SIGHASH_ALL"), (0x02, "SIGHASH_NONE"),
            (0x03, "SIGHASH_SINGLE"), (0x81, "SIGHASH_ALL|ANYONECANPAY"),
            (0x82, "SIGHASH_NONE|ANYONECANPAY"), (0x83, "SIGHASH_SINGLE|ANYONECANPAY"),
            (0x04, "sighash type 0x04"), (0x80, "sighash type 0x80"), (0xff, "sighash type 0xff"),
        ] as [(UInt8, String)]) func `names each sighash type`(_ byte: UInt8, _ name: String)
    {
        #expect("\(SighashType(rawValue: byte))" == name)
    }
}
