import Bitcoin
import Bytes
import TestSupport
import Testing

@Suite struct `Headers and transactions by Core's engine` {
    private static let judge = "Tests/JudgeTests/Judges/headers.py"

    /// A header on `state` of which one field in two cases out of three was moved near an edge.
    private static func candidate(
        on state: HeaderChainState, _ generator: inout SeededGenerator
    ) -> BlockHeader {
        let time = (state.times.last ?? 0) + UInt32.random(in: 1...2_000, using: &generator)
        var header = BlockHeader(
            version: 4, previousHash: state.hash, merkleRoot: .zero, time: time,
            bits: state.requiredBits(time: time),
            nonce: UInt32(truncatingIfNeeded: generator.next())
        )
        switch Int.random(in: 0..<15, using: &generator) {
        case 0: header.version = Int32.random(in: 0...4, using: &generator)
        case 1: header.version = .min
        case 2...5: header.time = state.medianTimePast + UInt32.random(in: 0...1, using: &generator)
        case 6: header.time = state.medianTimePast - 1
        case 7: header.bits -= 1
        case 8: header.bits = UInt32.random(in: 0x1f00_0000...0x23ff_ffff, using: &generator)
        case 9: header.previousHash = state.network.genesis.merkleRoot
        default: break
        }
        return header
    }

    @Test func `regtest headers stand or fall alike, seed 7`() throws {
        var generator = SeededGenerator(seed: 7)
        var state = HeaderChainState(genesisOf: .regtest)
        var headers: [String] = []
        var ours: [JSON] = []
        for _ in 0..<2_000 {
            // Half of all hashes lack the work, which is one of the cases.
            let header = Self.candidate(on: state, &generator)
            headers.append(encodeHex(header.encoded))
            if let next = try? state.accept(header) {
                state = next
                ours.append(true)
            } else {
                ours.append(false)
            }
        }
        #expect(state.height > 300)
        guard
            let answers = try Judge.ask(
                Self.judge, ["headers": .array(headers.map { .string($0) }), "transactions": []])
        else { return }
        let theirs = try #require(answers["headers"]?.array)
        for (index, verdict) in theirs.enumerated() {
            #expect(verdict == ours[index], "header \(index): \(headers[index])")
        }
        #expect(theirs.count == ours.count)
    }

    @Test func `whatever we decode Core decodes to the same id, seed 8`() throws {
        var generator = SeededGenerator(seed: 8)
        let original = try Self.segwitTransaction().encoded()
        var texts: [String] = []
        var ours: [Transaction?] = []
        for _ in 0..<5_000 {
            var bytes = original
            for _ in 0..<Int.random(in: 0...2, using: &generator) {
                let position = Int.random(in: bytes.indices, using: &generator)
                bytes[position] = UInt8.random(in: 0...255, using: &generator)
            }
            texts.append(encodeHex(bytes))
            ours.append(try? Transaction.decode(bytes))
        }
        guard
            let answers = try Judge.ask(
                Self.judge, ["headers": [], "transactions": .array(texts.map { .string($0) })])
        else { return }
        let theirs = try #require(answers["transactions"]?.array)
        #expect(theirs.count == ours.count)
        var agreed = 0
        for (index, transaction) in ours.enumerated() {
            // Core decodes amounts out of range and bytes left over, which we refuse.
            guard let transaction else { continue }
            #expect(theirs[index].string == transaction.txid.reversedHex, "\(texts[index])")
            agreed += 1
        }
        #expect(agreed > 2_000)
    }

    private static func segwitTransaction() throws -> Transaction {
        let input = TransactionInput(
            previousOutput: OutPoint(txid: .zero, index: 1), scriptSig: Script([1, 2]),
            sequence: 7, witness: [[UInt8](repeating: 3, count: 64), []])
        let output = TransactionOutput(
            amount: try #require(Amount(satoshis: 5_000)),
            scriptPubKey: .witnessProgram(version: 1, [UInt8](repeating: 9, count: 32)))
        return Transaction(inputs: [input, input], outputs: [output, output], lockTime: 8)
    }
}
