import Bitcoin
import Bytes
import TestSupport
import Testing

@Suite struct `Header chains` {
    @Test func `genesis blocks have Core's hashes`() {
        let hashes: [(Network, String)] = [
            (.main, "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"),
            (.testnet4, "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043"),
            (.signet, "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6"),
            (.regtest, "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"),
        ]
        for (network, hash) in hashes {
            let state = HeaderChainState(genesisOf: network)
            #expect(state.hash.reversedHex == hash)
            #expect(state.medianTimePast == network.genesis.time)
            #expect(Target(compact: state.periodBits)?.isMet(by: state.hash) == true)
        }
    }

    @Test func `block 1 follows the genesis block`() throws {
        let bytes = try #require(
            decodeHex(
                """
                010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000982051fd\
                1e4ba744bbbe680e1fee14677ba1a3c3540bf7b1cdb606e857233e0e61bc6649ffff001d01e36299
                """))
        let header = try BlockHeader.decode(bytes)
        #expect(header.encoded == bytes)
        let state = try HeaderChainState(genesisOf: .main).accept(header)
        #expect(
            state.hash.reversedHex
                == "00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048")
        #expect(state.chainWork.description.hasSuffix("0000000200020002"))
        #expect(state.times == [1_231_006_505, header.time])
        for count in [0, 79] {
            #expect(throws: BitcoinError.self) { try BlockHeader.decode(Array(bytes[..<count])) }
        }
        #expect(throws: BitcoinError.self) { try BlockHeader.decode(bytes + [0]) }
    }

    /// Core's `pow_tests`: retargets of the main chain.
    @Test(
        arguments: [
            (32_255, 1_261_130_161, 1_262_152_739, 0x1d00_ffff, 0x1d00_d86a),
            (2_015, 1_231_006_505, 1_233_061_996, 0x1d00_ffff, 0x1d00_ffff),
            (68_543, 1_279_008_237, 1_279_297_671, 0x1c05_a3f4, 0x1c01_68fd),
            (46_367, 1_263_163_443, 1_269_211_443, 0x1c38_7f6f, 0x1d00_e1fd),
        ] as [(UInt32, UInt32, UInt32, UInt32, UInt32)])
    func `retargets as the main chain did`(
        height: UInt32, periodTime: UInt32, lastTime: UInt32, bits: UInt32, expected: UInt32
    ) throws {
        let state = try #require(
            HeaderChainState(
                network: .main, height: height, hash: .zero, chainWork: .zero,
                times: [UInt32](repeating: lastTime, count: 11), periodTime: periodTime,
                periodBits: bits))
        #expect(state.requiredBits(time: lastTime + 600) == expected)
        #expect(state.requiredBits(time: .max) == expected)
    }

    @Test(arguments: Network.allCases, [5, 6] as [UInt64])
    func `targets are those of Core's walk over all headers`(
        network: Network, seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        var walk = CoreWalk(network)
        for _ in 0..<6_100 {
            let last = walk.headers[walk.headers.count - 1].time
            // One in four comes after the 20 minutes of the test networks; periods drift.
            let isLate = UInt32.random(in: 0...3, using: &generator) == 0
            let gap: ClosedRange<UInt32> = isLate ? 1_199...1_300 : 100...900
            let time = last + UInt32.random(in: gap, using: &generator)
            let state = try #require(walk.state)
            let expected = walk.required(time: time)
            guard state.requiredBits(time: time) == expected else {
                Issue.record("height \(walk.headers.count), seed \(seed)")
                return
            }
            walk.headers.append((time, expected))
        }
    }

    private static func mine(
        on state: HeaderChainState, _ change: (inout BlockHeader) -> Void = { _ in }
    ) -> BlockHeader {
        let time = (state.times.last ?? 0) + 600
        var header = BlockHeader(
            version: 0x2000_0000, previousHash: state.hash, merkleRoot: .zero, time: time,
            bits: state.requiredBits(time: time), nonce: 0)
        change(&header)
        guard let target = Target(compact: header.bits) else { return header }
        while !target.isMet(by: header.hash) { header.nonce += 1 }
        return header
    }

    private func regtest(height: Int) throws -> HeaderChainState {
        var state = HeaderChainState(genesisOf: .regtest)
        for _ in 0..<height { state = try state.accept(Self.mine(on: state)) }
        return state
    }

    @Test func `a regtest chain grows by two hashes a block`() throws {
        let state = try regtest(height: 30)
        #expect(state.height == 30)
        #expect(state.chainWork.description.hasSuffix("000000000000003e"))
        #expect(state.times.count == 11)
        #expect(state.medianTimePast == Network.regtest.genesis.time + 25 * 600)
    }

    @Test func `each rule refuses what breaks it, and nothing at its edge`() throws {
        let state = try regtest(height: 12)
        let median = state.medianTimePast
        #expect(
            throws: HeaderError.previousHash(height: 13, expected: state.hash, found: .zero)
        ) { try state.accept(Self.mine(on: state) { $0.previousHash = .zero }) }
        #expect(
            throws: HeaderError.bits(height: 13, expected: 0x207f_ffff, found: 0x207f_fffe)
        ) { try state.accept(Self.mine(on: state) { $0.bits = 0x207f_fffe }) }
        #expect(
            throws: HeaderError.timeTooOld(height: 13, time: median, medianTimePast: median)
        ) { try state.accept(Self.mine(on: state) { $0.time = median }) }
        let earliest = Self.mine(on: state) { $0.time = median + 1 }
        #expect(try state.accept(earliest).height == 13)
        #expect(throws: HeaderError.version(height: 13, minimum: 4, found: 3)) {
            try state.accept(Self.mine(on: state) { $0.version = 3 })
        }
        #expect(throws: HeaderError.version(height: 13, minimum: 4, found: -1)) {
            try state.accept(Self.mine(on: state) { $0.version = -1 })
        }
        let header = Self.mine(on: state)
        let clock = UInt64(header.time) - 7_200
        #expect(try state.accept(header, clockSeconds: clock).height == 13)
        #expect(try state.accept(header, clockSeconds: .max).height == 13)
        #expect(
            throws: HeaderError.timeTooNew(
                height: 13, time: header.time, clockSeconds: clock - 1)
        ) { try state.accept(header, clockSeconds: clock - 1) }
        var lazy = header
        let target = try #require(Target(compact: header.bits))
        while target.isMet(by: lazy.hash) { lazy.nonce += 1 }
        #expect(
            throws: HeaderError.proofOfWork(height: 13, hash: lazy.hash, target: target)
        ) { try state.accept(lazy) }
    }

    @Test func `BIP-94 bounds how far back a period may start, on testnet4 alone`() throws {
        let last: UInt32 = 1_800_000_000
        // The last block came far ahead of the ten before it, so that only BIP-94 is in the way.
        let times = [UInt32](repeating: last - 50_000, count: 10) + [last]
        for (network, height, isFirst) in [
            (Network.testnet4, UInt32(2_015), true), (.testnet4, 2_014, false),
            (.main, 2_015, false),
        ] {
            let state = try #require(
                HeaderChainState(
                    network: network, height: height, hash: .zero, chainWork: .zero,
                    times: times, periodTime: last - 1_000_000, periodBits: 0x1d00_ffff))
            for (time, isEarly) in [(last - 601, true), (last - 600, false)] {
                let header = BlockHeader(
                    version: 4, previousHash: .zero, merkleRoot: .zero, time: time,
                    bits: state.requiredBits(time: time), nonce: 0)
                let refusal = #expect(throws: HeaderError.self) { try state.accept(header) }
                // No work was done for these: whatever passes the other rules fails that one.
                let expected: HeaderError =
                    isFirst && isEarly
                    ? .timewarp(height: height + 1, time: time, minimum: last - 600)
                    : .proofOfWork(
                        height: height + 1, hash: header.hash,
                        target: try #require(Target(compact: header.bits)))
                #expect(refusal == expected)
            }
        }
    }

    @Test func `points that can not be on a chain are none`() {
        func point(
            height: UInt32 = 20, times: Int = 11, periodTime: UInt32 = 1, bits: UInt32 = 0x1d00_ffff
        ) -> HeaderChainState? {
            HeaderChainState(
                network: .main, height: height, hash: .zero, chainWork: .zero,
                times: [UInt32](repeating: 7, count: times), periodTime: periodTime,
                periodBits: bits)
        }
        #expect(point() != nil)
        #expect(point(times: 10) == nil)
        #expect(point(times: 12) == nil)
        #expect(point(height: 4, times: 5) != nil)
        #expect(point(height: 4, times: 0) == nil)
        #expect(point(bits: 0) == nil)
        #expect(point(bits: 0x1d01_0000) == nil)
        #expect(point(height: 2_016) == nil)
        #expect(point(height: 2_016, periodTime: 7) != nil)
        #expect(throws: HeaderError.chainTooLong(height: .max)) {
            try #require(point(height: .max)).accept(Network.main.genesis)
        }
    }
}

/// Core's `GetNextWorkRequired`, over a list of all headers as Core has it.
private struct CoreWalk {
    let network: Network
    var headers: [(time: UInt32, bits: UInt32)]

    init(_ network: Network) {
        self.network = network
        headers = [(network.genesis.time, network.genesis.bits)]
    }

    /// The state that a fold would have at the last header.
    var state: HeaderChainState? {
        let height = headers.count - 1
        let first = headers[height - height % 2_016]
        return HeaderChainState(
            network: network, height: UInt32(height), hash: .zero, chainWork: .zero,
            times: headers.suffix(11).map(\.time), periodTime: first.time,
            periodBits: first.bits)
    }

    func required(time: UInt32) -> UInt32 {
        let limit = network.powLimit.compact
        let last = headers[headers.count - 1]
        if headers.count % 2_016 != 0 {
            guard network == .testnet4 || network == .regtest else { return last.bits }
            if time > last.time + 1_200 { return limit }
            var index = headers.count - 1
            while index % 2_016 != 0 && headers[index].bits == limit { index -= 1 }
            return headers[index].bits
        }
        guard network != .regtest else { return last.bits }
        let first = headers[headers.count - 2_016]
        let bits = network == .testnet4 ? first.bits : last.bits
        let span = 1_209_600
        let taken = min(max(Int(last.time) - Int(first.time), span / 4), span * 4)
        // The same value as Core's 256-bit product, cut to 64 bits below the compact mantissa.
        let size = Int(bits >> 24)
        let mantissa = (UInt128(bits & 0x7f_ffff) << 64) * UInt128(taken) / UInt128(span)
        return min(compact(mantissa, shift: 8 * (size - 3) - 64), limit)
    }

    private func compact(_ value: UInt128, shift: Int) -> UInt32 {
        let width = 128 - value.leadingZeroBitCount + shift
        var size = (width + 7) / 8
        var word = UInt32(truncatingIfNeeded: value >> (8 * (size - 3) - shift))
        if word & 0x80_0000 != 0 {
            word >>= 8
            size += 1
        }
        return word | UInt32(size) << 24
    }
}
