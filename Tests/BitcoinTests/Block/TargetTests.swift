import Bitcoin
import Bytes
import TestSupport
import Testing

@Suite struct `Targets and work` {
    /// Core's `arith_uint256_tests`: what each compact form expands to and compacts to again.
    @Test(
        arguments: [
            (0x0112_3456, 0x0112_0000, "12"), (0x0200_8000, 0x0200_8000, "80"),
            (0x0212_3456, 0x0212_3400, "1234"), (0x0312_3456, 0x0312_3456, "123456"),
            (0x0412_3456, 0x0412_3456, "12345600"), (0x0500_9234, 0x0500_9234, "92340000"),
            (0x2012_3456, 0x2012_3456, "123456" + String(repeating: "0", count: 58)),
            (0x2100_0012, 0x1f12_0000, nil), (0x2200_0001, 0x2001_0000, nil),
        ] as [(UInt32, UInt32, String?)])
    func `compact forms expand as Core expands them`(
        bits: UInt32, again: UInt32, digits: String?
    ) throws {
        let target = try #require(Target(compact: bits))
        #expect(target.compact == again)
        if let digits {
            #expect(
                target.description == String(repeating: "0", count: 64 - digits.count) + digits)
        }
    }

    @Test(
        arguments: [
            0, 0x0012_3456, 0x0100_3456, 0x0200_0056, 0x0300_0000, 0x0400_0000, 0x0092_3456,
            0x0180_3456, 0x0280_0056, 0x0380_0000, 0x0480_0000, 0x01fe_dcba, 0x0492_3456,
            0xff12_3456, 0x2300_0001, 0x2200_0100, 0x2101_0000,
        ] as [UInt32])
    func `zero, negative and overflowing targets are none`(bits: UInt32) {
        #expect(Target(compact: bits) == nil)
    }

    @Test func `compacting is stable and never raises a target, seed 4`() {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<5_000 {
            let bits = UInt32.random(in: 0...0x22ff_ffff, using: &generator)
            guard let target = Target(compact: bits) else { continue }
            let again = Target(compact: target.compact)
            #expect(again == target)
        }
    }

    @Test func `limits are Core's`() {
        #expect(Network.main.powLimit.compact == 0x1d00_ffff)
        #expect(Network.testnet4.powLimit.compact == 0x1d00_ffff)
        #expect(Network.signet.powLimit.compact == 0x1e03_77ae)
        #expect(Network.regtest.powLimit.compact == 0x207f_ffff)
        #expect(
            Network.signet.powLimit.description
                == "00000377ae" + String(repeating: "0", count: 54))
    }

    @Test(
        arguments: [
            (0x1d00_ffff, "100010001"), (0x207f_ffff, "2"), (0x1e03_77ae, "49d414"),
            (0x1705_3894, "31085d594cb7e26e94b5"),
            (0x0312_3456, "e0fff97690309e2f96677e115e465ed2d49ebff2a34c636177dcdb14856"),
        ] as [(UInt32, String)])
    func `the work of a target`(bits: UInt32, expected: String) throws {
        let work = try #require(Target(compact: bits)).work.description
        #expect(work == String(repeating: "0", count: 64 - expected.count) + expected)
    }

    @Test func `work adds and does not wrap`() throws {
        let ones = try #require(Digest32([UInt8](repeating: 255, count: 32)))
        let full = ChainWork(bigEndian: ones)
        let one = ChainWork(
            bigEndian: try #require(Digest32([UInt8](repeating: 0, count: 31) + [1])))
        #expect(full.adding(.zero) == full)
        #expect(full.adding(one) == nil)
        #expect(full.bigEndian == ones)
        #expect(ChainWork.zero < one && one < full)
        #expect(one.adding(one)?.description.hasSuffix("02") == true)
    }

    @Test func `a hash meets a target up to and with equality`() throws {
        let target = try #require(Target(compact: 0x0312_3456))
        func hash(_ number: UInt32) -> Digest32? {
            var bytes: [UInt8] = []
            bytes.appendLittleEndian(number)
            return Digest32(bytes + [UInt8](repeating: 0, count: 28))
        }
        #expect(target.isMet(by: try #require(hash(0x12_3456))))
        #expect(!target.isMet(by: try #require(hash(0x12_3457))))
        #expect(target.isMet(by: .zero))
    }
}
