import Bitcoin
import Bytes
import Testing

@testable import Chain

/// The scanner against a chain in memory.
struct BlockScannerTests {
    private func scanner(
        _ chain: FakeChain, known: [KnownBlock]? = nil, outPoints: Set<OutPoint> = [],
        limits: BatchLimits = BatchLimits()
    ) -> BlockScanner {
        BlockScanner(
            source: chain, known: known ?? chain.known, scripts: [watchedScript],
            outPoints: outPoints, limits: limits)
    }

    private func all(_ scanner: inout BlockScanner) async throws -> [ScannedBlocks] {
        var batches: [ScannedBlocks] = []
        while let batch = try await scanner.next() { batches.append(batch) }
        return batches
    }

    @Test func `a deposit and its spend in the same block are found, with proofs`() async throws {
        let chain = FakeChain()
        var scanner = scanner(chain)
        let deposit = payment(to: watchedScript, from: coin(1))
        let spend = payment(to: otherScript, from: OutPoint(txid: deposit.txid, index: 0))
        chain.mine([someTransaction(), deposit, spend])
        let batch = try #require(try await scanner.next())
        #expect(batch.forkHeight == 0 && batch.height == 1 && batch.nodeHeight == 1)
        #expect(batch.transactions.map(\.transaction) == [deposit, spend])
        for (position, found) in zip([2, 3], batch.transactions) {
            #expect(found.height == 1 && Int(found.branch.index) == position)
            try found.branch.check(found.transaction, in: batch.headers[0])
        }
        #expect(try await scanner.next() == nil)
    }

    @Test func `spends of watched coins are found, also in a later block`() async throws {
        let chain = FakeChain()
        var scanner = scanner(chain, outPoints: [coin(9)])
        let theft = payment(to: otherScript, from: coin(9))
        let deposit = payment(to: watchedScript, from: coin(1))
        chain.mine([deposit])
        chain.mine([payment(to: otherScript, from: coin(2)), theft])
        let later = payment(to: otherScript, from: OutPoint(txid: deposit.txid, index: 0))
        let first = try #require(try await scanner.next())
        #expect(first.transactions.map(\.transaction) == [deposit, theft])
        chain.mine([later])
        let second = try #require(try await scanner.next())
        #expect(second.transactions.map(\.transaction) == [later] && second.forkHeight == 2)
    }

    @Test func `a batch has 200 headers at most`() async throws {
        let chain = FakeChain()
        var scanner = scanner(chain)
        for _ in 0..<401 { chain.mine([]) }
        let batches = try await all(&scanner)
        #expect(batches.map(\.headers.count) == [200, 200, 1])
        #expect(batches.map(\.forkHeight) == [0, 200, 400])
        #expect(chain.fetched == 401)
    }

    @Test func `batches stay within their bytes, and nothing is lost or doubled`() async throws {
        for limit in [BatchLimits.bytesMin, 20_000, 59_000] {
            let chain = FakeChain()
            var scanner = scanner(chain, limits: BatchLimits(bytesMax: limit))
            var expected: [Transaction] = []
            for block in 0..<12 {
                // Sizes up to and past the largest inline one, several blocks over a whole batch.
                let sizes = [0, 16_200, 16_281, 16_282, 40_000, 300, 9_000].prefix(block % 8)
                let paid = sizes.enumerated().map { offset, size in
                    payment(
                        to: watchedScript, from: coin(UInt32(block * 100 + offset)), padding: size)
                }
                expected += paid
                chain.mine(paid)
            }
            let batches = try await all(&scanner)
            #expect(batches.flatMap { $0.transactions.map(\.transaction) } == expected)
            #expect(batches.reduce(0) { $0 + $1.headers.count } == 12)
            for batch in batches {
                let bytes = batch.transactions.reduce(batch.headers.count * 82) {
                    $0 + $1.eventBytes
                }
                #expect(bytes <= limit)
                #expect(!batch.headers.isEmpty || !batch.transactions.isEmpty)
            }
        }
    }

    @Test func `a transaction stands inline up to 16,384 bytes`() async throws {
        let inline = payment(to: watchedScript, from: coin(1), padding: 16_384 - 88)
        let large = payment(to: watchedScript, from: coin(2), padding: 16_384 - 87)
        #expect(inline.size == 16_384 && large.size == 16_385)
        let chain = FakeChain()
        var scanner = scanner(chain)
        chain.mine([inline, large])
        let batch = try #require(try await scanner.next())
        #expect(batch.transactions.map(\.eventBytes) == [64 + 2 * 34 + 16_384, 64 + 2 * 34 + 40])
    }

    @Test func `a reorganisation goes back to the newest shared block`() async throws {
        for depth in 1...40 {
            let chain = FakeChain()
            for _ in 0..<40 { chain.mine([]) }
            var scanner = scanner(chain)
            chain.disconnect(depth)
            let shared = chain.tip
            for _ in 0...depth { chain.mine([], tag: 1) }
            let batch = try #require(try await scanner.next())
            #expect(batch.forkHeight == shared.height && batch.headers.count == depth + 1)
            #expect(batch.headers[0].previousHash == shared.hash)
            #expect(try await scanner.next() == nil)
        }
    }

    @Test func `a shorter chain is no news, an equally long one is`() async throws {
        let chain = FakeChain()
        for _ in 0..<5 { chain.mine([]) }
        var scanner = scanner(chain)
        chain.disconnect(3)
        chain.mine([], tag: 1)
        #expect(try await scanner.next() == nil)
        chain.mine([], tag: 1)
        chain.mine([], tag: 1)
        let batch = try #require(try await scanner.next())
        #expect(batch.forkHeight == 2 && batch.headers.count == 3)
    }

    @Test func `known blocks may have gaps`() async throws {
        let chain = FakeChain()
        for _ in 0..<30 { chain.mine([]) }
        let known = chain.known.filter { $0.height % 7 == 0 }
        var scanner = scanner(chain, known: known)
        chain.disconnect(10)
        for _ in 0..<11 { chain.mine([], tag: 1) }
        #expect(try await scanner.next()?.forkHeight == 14)
    }

    @Test func `a reorganisation while scanning is read anew`() async throws {
        let chain = FakeChain()
        for _ in 0..<3 { chain.mine([]) }
        var scanner = scanner(chain)
        let lost = payment(to: watchedScript, from: coin(1))
        let kept = payment(to: watchedScript, from: coin(2))
        chain.mine([lost])
        chain.mine([])
        chain.interrupt(2) { chain in
            chain.disconnect(4)
            for _ in 0..<5 { chain.mine([kept], tag: 2) }
        }
        let batch = try #require(try await scanner.next())
        #expect(batch.forkHeight == 1 && batch.headers.count == 5)
        #expect(batch.transactions.map(\.transaction) == Array(repeating: kept, count: 5))
    }

    @Test func `what is left of a block that was reorganised away is dropped`() async throws {
        let chain = FakeChain()
        var scanner = scanner(chain, limits: BatchLimits(bytesMax: BatchLimits.bytesMin))
        chain.mine([1, 2].map { payment(to: watchedScript, from: coin($0), padding: 16_000) })
        #expect(try await scanner.next()?.transactions.count == 1)
        chain.disconnect(1)
        chain.mine([], tag: 1)
        chain.mine([], tag: 1)
        let batch = try #require(try await scanner.next())
        #expect(batch.forkHeight == 0 && batch.headers.count == 2 && batch.transactions.isEmpty)
    }

    @Test func `a chain that never rests is an error`() async throws {
        let chain = FakeChain()
        var scanner = scanner(chain)
        chain.mine([])
        for number in 1...BlockScanner.readingsMax {
            chain.interrupt(number) { chain in
                chain.disconnect(1)
                chain.mine([], tag: UInt32(number))
            }
        }
        await #expect(throws: ChainError.unsteady(attempts: BlockScanner.readingsMax)) {
            try await scanner.next()
        }
        #expect(try await scanner.next()?.headers.count == 1)
    }

    @Test func `another chain is an error`() async throws {
        let chain = FakeChain()
        let strange = [
            KnownBlock(height: 8, hash: sha256d([1])), KnownBlock(height: 3, hash: sha256d([2])),
        ]
        for _ in 0..<10 { chain.mine([]) }
        var scanner = scanner(chain, known: strange)
        await #expect(throws: ChainError.noCommonBlock(oldestHeight: 3)) {
            try await scanner.next()
        }
    }

    @Test func `a watched spend of 64 bytes is reported as unprovable`() async throws {
        let theft = payment(to: Script([0x51, 0x02, 0x4e, 0x73]), from: coin(1))
        #expect(theft.strippedSize == 64)
        let chain = FakeChain()
        var scanner = scanner(chain, outPoints: [coin(1)])
        chain.mine([theft])
        let batch = try #require(try await scanner.next())
        #expect(batch.transactions.isEmpty)
        #expect(batch.unprovable.map(\.txid) == [theft.txid])
        #expect(batch.unprovable.map(\.transaction) == [theft])
    }

    @Test func `an outline holds whatever its block pays and spends, and little else`() throws {
        let chain = FakeChain()
        let inside = (0..<200).map { payment(to: script($0), from: coin($0)) }
        chain.mine(inside)
        let outline = BlockOutline(chain.block)
        #expect(inside.allSatisfy { outline.mayPay($0.outputs[0].scriptPubKey) })
        #expect(inside.allSatisfy { outline.maySpend($0.inputs[0].previousOutput) })
        // One in 20 million is expected; ten of two thousand mean that hashes are cut too short.
        let outside = (1_000..<2_000).filter {
            outline.mayPay(script($0)) || outline.maySpend(coin($0))
        }
        #expect(outside.count < 10)
    }

    private func script(_ number: UInt32) -> Script {
        .payToWitnessScriptHash(Script([UInt8]("\(number)".utf8)))
    }

    @Test func `a batch outlines the blocks that it holds whole`() async throws {
        let chain = FakeChain()
        var scanner = scanner(chain, limits: BatchLimits(bytesMax: BatchLimits.bytesMin))
        chain.mine([])
        let whole = chain.tip.hash
        let full = [1, 2].map { payment(to: watchedScript, from: coin($0), padding: 16_000) }
        chain.mine(full)
        let first = try #require(try await scanner.next())
        #expect(Set(first.outlines.keys) == [whole] && first.headers.count == 1)
        let second = try #require(try await scanner.next())
        #expect(second.outlines.isEmpty && second.transactions.count == 1)
        let third = try #require(try await scanner.next())
        #expect(third.outlines.isEmpty && third.transactions.count == 1)
    }

    @Test func `a source that answers with other blocks is caught`() async throws {
        let chain = FakeChain()
        chain.mine([])
        var scanner = BlockScanner(
            source: Liar(honest: chain), known: Array(chain.known.suffix(1)), scripts: [],
            outPoints: [])
        await #expect(throws: ChainError.self) { try await scanner.next() }
    }
}

/// Hands out the genesis block, whichever is asked for.
private struct Liar: BlockSource {
    let honest: FakeChain

    func blockCount() async throws(ChainError) -> Int { try await honest.blockCount() }
    func blockHash(height: Int) async throws(ChainError) -> Digest32 {
        try await honest.blockHash(height: height)
    }
    func blockHashes(heights: Range<Int>) async throws(ChainError) -> [Digest32] {
        try await honest.blockHashes(heights: heights)
    }
    func headers(_ hashes: [Digest32]) async throws(ChainError) -> [BlockHeader] {
        try await honest.headers(hashes)
    }
    func block(_ hash: Digest32) async throws(ChainError) -> Block {
        try await honest.block(try await honest.blockHash(height: 0))
    }
}
