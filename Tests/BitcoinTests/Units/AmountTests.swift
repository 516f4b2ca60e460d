import Bitcoin
import TestSupport
import Testing

@Suite struct `Amounts and fee rates` {
    @Test func `only 0 to 21 million bitcoins are amounts`() {
        #expect(Amount(satoshis: 2_100_000_000_000_000) == .maximum)
        #expect(Amount(satoshis: 2_100_000_000_000_001) == nil)
        #expect(Amount(satoshis: .max) == nil)
        #expect(Amount.maximum.adding(.maximum) == nil)
        #expect(Amount.maximum.adding(.zero) == .maximum)
        #expect(Amount.zero.subtracting(.maximum) == nil)
        #expect(Amount.maximum.subtracting(.maximum) == .zero)
        #expect(Amount.sum([.maximum, .zero]) == .maximum)
        #expect(Amount.sum([.maximum, .zero, .maximum]) == nil)
    }

    @Test(
        arguments: [
            ("0", 0), ("0.5", 50_000_000), ("1.00000000", 100_000_000), ("0.00000001", 1),
            ("21000000", 2_100_000_000_000_000), ("20999999.99999999", 2_099_999_999_999_999),
        ] as [(String, UInt64)])
    func `decimal bitcoins are exact`(text: String, satoshis: UInt64) {
        #expect(Amount(bitcoin: text)?.satoshis == satoshis)
    }

    @Test(arguments: [
        "", ".", "1.", ".5", "01", "-1", "+1", "1e3", " 1", "1 ", "1,5", "1.2.3", "0.000000001",
        "21000000.00000001", "21000001", "18446744073709551616", "184467440737.09551616", "٣",
    ])
    func `other forms are not amounts`(text: String) {
        #expect(Amount(bitcoin: text) == nil)
    }

    @Test func `amounts survive their text, seed 1`() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<1_000 {
            let satoshis = UInt64.random(in: 0...Amount.maximum.satoshis, using: &generator)
            let amount = Amount(satoshis: satoshis)
            #expect(amount.flatMap { Amount(bitcoin: $0.bitcoin) } == amount)
        }
        #expect(Amount(bitcoin: "0.5")?.description == "0.50000000 BTC")
    }

    @Test func `fees round up`() {
        let rate = FeeRate(satoshisPerVbyte: "1.5")
        #expect(rate?.satoshisPerKilovbyte == 1_500)
        #expect(rate?.fee(vsize: 3)?.satoshis == 5)
        #expect(rate?.fee(vsize: 2)?.satoshis == 3)
        #expect(rate?.fee(vsize: 0) == .zero)
        #expect(rate?.fee(vsize: -1) == nil)
        #expect(FeeRate(satoshisPerVbyte: "0.001")?.fee(vsize: 1)?.satoshis == 1)
        #expect(FeeRate.maximum.fee(vsize: .max) == nil)
        #expect(FeeRate(satoshisPerVbyte: "1.0001") == nil)
        #expect(FeeRate(satoshisPerVbyte: "100000000.001") == nil)
        #expect(rate?.description == "1.500 sat/vB")
    }
}
