import Bitcoin
import Events
import Policy
import Testing

@Suite struct `Fee ceilings` {
    static func amount(_ satoshis: UInt64) throws -> Amount {
        guard let amount = Amount(satoshis: satoshis) else { throw SampleMissing(what: "amount") }
        return amount
    }

    static func refusal(
        fee: UInt64, vsize: Int, sent: UInt64, ceilings: (UInt64, UInt64, UInt64)
    ) throws -> FeeRefusal? {
        FeeCeilings(
            fee: try amount(ceilings.0), satoshisPerVirtualByte: ceilings.1,
            percentOfAmount: ceilings.2
        ).refusal(of: try amount(fee), vsize: vsize, sent: try amount(sent))
    }

    @Test func `the fee itself`() throws {
        let ceilings: (UInt64, UInt64, UInt64) = (1_000, 1_000_000, 100)
        #expect(try Self.refusal(fee: 1_000, vsize: 100, sent: 1, ceilings: ceilings) == nil)
        #expect(
            try Self.refusal(fee: 1_001, vsize: 100, sent: 1, ceilings: ceilings)
                == .fee(Self.amount(1_001), ceiling: Self.amount(1_000)))
        #expect(try Self.refusal(fee: 0, vsize: 100, sent: 1, ceilings: (0, 0, 0)) == nil)
        #expect(
            try Self.refusal(fee: 1, vsize: 100, sent: 1, ceilings: (0, 0, 0))
                == .fee(Self.amount(1), ceiling: .zero))
    }

    @Test func `the rate, where a part of a satoshi over is over`() throws {
        let ceilings: (UInt64, UInt64, UInt64) = (1_000_000, 5, 100)
        #expect(try Self.refusal(fee: 705, vsize: 141, sent: 1, ceilings: ceilings) == nil)
        #expect(
            try Self.refusal(fee: 706, vsize: 141, sent: 1, ceilings: ceilings)
                == .rate(6, ceiling: 5))
        #expect(
            try Self.refusal(fee: 705, vsize: 140, sent: 1, ceilings: ceilings)
                == .rate(6, ceiling: 5))
        // No transaction has no size; were there one, it would be judged as one byte.
        for vsize in [0, -1, Int.min, 1] {
            #expect(try Self.refusal(fee: 5, vsize: vsize, sent: 1, ceilings: ceilings) == nil)
            #expect(
                try Self.refusal(fee: 6, vsize: vsize, sent: 1, ceilings: ceilings)
                    == .rate(6, ceiling: 5))
        }
        #expect(try Self.refusal(fee: 1, vsize: .max, sent: 1, ceilings: ceilings) == nil)
    }

    @Test func `the share of what is sent, where a part of a percent over is over`() throws {
        let ceilings: (UInt64, UInt64, UInt64) = (1_000_000, 1_000_000, 10)
        #expect(try Self.refusal(fee: 100, vsize: 1, sent: 1_000, ceilings: ceilings) == nil)
        #expect(
            try Self.refusal(fee: 101, vsize: 1, sent: 1_000, ceilings: ceilings)
                == .share(11, ceiling: 10))
        #expect(
            try Self.refusal(fee: 100, vsize: 1, sent: 999, ceilings: ceilings)
                == .share(11, ceiling: 10))
        // Nothing sent: a consolidation, whose fee is a share of nothing.
        #expect(try Self.refusal(fee: 100, vsize: 1, sent: 0, ceilings: ceilings) == nil)
        let none: (UInt64, UInt64, UInt64) = (1_000_000, 1_000_000, 0)
        #expect(try Self.refusal(fee: 0, vsize: 1, sent: 1, ceilings: none) == nil)
        #expect(
            try Self.refusal(fee: 1, vsize: 1, sent: 2_000_000, ceilings: none)
                == .share(1, ceiling: 0))
    }

    @Test func `a share of 100 percent and more does not bind, of 99 does`() throws {
        #expect(
            try Self.refusal(fee: 100, vsize: 1, sent: 100, ceilings: (1_000, 1_000, 99))
                == .share(100, ceiling: 99))
        for share in [100, 101, 1_000_000] as [UInt64] {
            #expect(
                try Self.refusal(fee: 1_000, vsize: 1, sent: 1, ceilings: (1_000, 1_000, share))
                    == nil)
        }
    }

    @Test func `the largest amounts are judged`() throws {
        let largest = Amount.maximum.satoshis
        #expect(
            try Self.refusal(
                fee: largest, vsize: 1, sent: 1, ceilings: (largest, largest, 99))
                == .share(largest * 100, ceiling: 99))
        #expect(
            try Self.refusal(fee: largest, vsize: 1, sent: largest, ceilings: (largest, 1, 99))
                == .rate(largest, ceiling: 1))
        #expect(
            try Self.refusal(fee: 1, vsize: 1, sent: largest, ceilings: (1, 1, 1)) == nil)
    }

    @Test func `the first ceiling that does not hold is named`() throws {
        let refusals = [
            try Self.refusal(fee: 11, vsize: 1, sent: 10, ceilings: (10, 10, 10)),
            try Self.refusal(fee: 11, vsize: 1, sent: 10, ceilings: (11, 10, 10)),
            try Self.refusal(fee: 11, vsize: 1, sent: 10, ceilings: (11, 11, 10)),
        ]
        #expect(
            refusals.map { $0?.description } == [
                "the fee of 0.00000011 BTC is over the wallet's ceiling of 0.00000010 BTC",
                "the fee rate of 11 sat/vB is over the wallet's ceiling of 10 sat/vB",
                "the fee is 110 % of the amount sent; the wallet's ceiling is 10 %",
            ])
    }
}
