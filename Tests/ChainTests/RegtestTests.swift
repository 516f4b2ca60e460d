import Bitcoin
import Bytes
import Testing

@testable import Chain

/// Client and scanner against Bitcoin Core's consensus engine behind `Tools/regtest`.
@Suite(.enabled(if: RegtestNode.isAvailable), .serialized, .timeLimit(.minutes(3)))
struct RegtestTests {
    /// A scanner from the genesis block on.
    private func scanner(
        _ node: RegtestNode, known: [KnownBlock]? = nil, scripts: Set<Script>
    ) async throws -> BlockScanner {
        let genesis = KnownBlock(height: 0, hash: try await node.client.blockHash(height: 0))
        return BlockScanner(
            source: node.client, known: known ?? [genesis], scripts: scripts, outPoints: [])
    }

    private func digest(_ text: String) throws -> Digest32 {
        let bytes = try #require(decodeHex(text))
        return try #require(Digest32(bytes.reversed()))
    }

    private func expect(
        _ outcome: BroadcastOutcome, isRefused code: Int, _ words: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        guard case .refused(code, let message) = outcome, message.hasPrefix(words) else {
            Issue.record("\(words): \(outcome)", sourceLocation: sourceLocation)
            return
        }
    }

    @Test func `a deposit is seen with its proof, and its spend after it`() async throws {
        try await RegtestNode.run { node in
            try await node.client.check(.regtest)
            await #expect(throws: ChainError.wrongChain(expected: "main", found: "regtest")) {
                try await node.client.check(.main)
            }
            let txid = try digest(try await node.pay("1.5", to: watchedScript))
            #expect(try await node.client.isInMempool(txid))
            let waiting = try await node.waiting(txid)
            #expect(waiting.outputs[0].amount.satoshis == 150_000_000)
            #expect(try await !node.client.isInMempool(.zero))
            let mined = try await node.mine(3)

            var scanner = try await scanner(node, scripts: [watchedScript])
            var batches: [ScannedBlocks] = []
            while let batch = try await scanner.next() { batches.append(batch) }
            let info = try await node.client.blockchainInfo()
            #expect(info.chain == "regtest" && batches.last?.height == info.blocks)
            #expect(batches.dropLast().allSatisfy { $0.headers.count == 200 })
            let found = try #require(batches.flatMap(\.transactions).first)
            #expect(batches.flatMap(\.transactions).count == 1)
            #expect(found.transaction == waiting && found.height == info.blocks - 2)
            #expect(found.blockHash.reversedHex == mined[0])
            let header = try await node.client.header(found.blockHash)
            try found.branch.check(found.transaction, in: header)
        }
    }

    @Test func `a reorganisation moves the deposit to its new block`() async throws {
        try await RegtestNode.run { node in
            let txid = try digest(try await node.pay("2", to: watchedScript))
            let first = try await node.mine(2)
            var scanner = try await scanner(node, scripts: [watchedScript])
            var last: ScannedBlocks?
            while let batch = try await scanner.next() { last = batch }
            let before = try #require(last?.transactions.last)
            #expect(before.blockHash.reversedHex == first[0])

            try await node.invalidate(first[0])
            #expect(try await node.client.isInMempool(txid))
            #expect(try await scanner.next() == nil, "a shorter chain is no news")
            let second = try await node.mine(3)
            let batch = try #require(try await scanner.next())
            #expect(batch.forkHeight == before.height - 1 && batch.headers.count == 3)
            let after = try #require(batch.transactions.first)
            #expect(after.transaction.txid == txid && after.blockHash.reversedHex == second[0])
            try after.branch.check(after.transaction, in: batch.headers[0])
        }
    }

    @Test func `the mempool's refusals arrive with Core's codes and words`() async throws {
        try await RegtestNode.run { node in
            let client = node.client
            let funded = try digest(try await node.pay("1", to: anyoneScript))
            let funding = try await node.waiting(funded)
            try await node.mine(1)
            let deposit = OutPoint(txid: funding.txid, index: 0)
            let fair = anyoneSpends(deposit, to: [(otherScript, 99_990_000)])
            let cases: [(Int, String, Transaction)] = [
                (
                    -26, "min relay fee not met",
                    anyoneSpends(deposit, to: [(otherScript, 100_000_000)])
                ),
                (
                    -26, "bad-txns-in-belowout",
                    anyoneSpends(deposit, to: [(otherScript, 100_000_001)])
                ),
                (-26, "dust", anyoneSpends(deposit, to: [(otherScript, 293)])),
                (
                    -25, "Fee exceeds maximum",
                    anyoneSpends(deposit, to: [(otherScript, 50_000_000)])
                ),
                (
                    -25, "bad-txns-inputs-missingorspent",
                    anyoneSpends(coin(7), to: [(otherScript, 1_000)])
                ),
                (
                    -26, "mandatory-script-verify-flag-failed",
                    payment(to: otherScript, value: 99_990_000, from: deposit, padding: 3)
                ),
            ]
            for (code, words, transaction) in cases {
                expect(try await client.sendRawTransaction(transaction), isRefused: code, words)
            }
            #expect(try await client.sendRawTransaction(fair) == .accepted(txid: fair.txid))
            #expect(try await client.sendRawTransaction(fair) == .accepted(txid: fair.txid))
            let cheaper = anyoneSpends(deposit, to: [(otherScript, 99_990_001)])
            expect(
                try await client.sendRawTransaction(cheaper), isRefused: -26, "insufficient fee")
            let low = FeeRate(satoshisPerKilovbyte: 1_000)
            let costly = anyoneSpends(deposit, to: [(otherScript, 99_900_000)])
            expect(
                try await client.sendRawTransaction(costly, feeRateMax: low), isRefused: -25,
                "Fee exceeds maximum")
            #expect(try await client.sendRawTransaction(costly) == .accepted(txid: costly.txid))
            #expect(try await client.isInMempool(costly.txid))
            #expect(try await !client.isInMempool(fair.txid))
            try await node.mine(1)
            guard case .alreadyKnown(costly.txid, _) = try await client.sendRawTransaction(costly)
            else {
                Issue.record("a confirmed transaction is known")
                return
            }
            expect(
                try await client.sendRawTransaction(fair), isRefused: -25,
                "bad-txns-inputs-missingorspent")
        }
    }

    @Test func `a restart keeps chain and mempool, and the client reads the new cookie`()
        async throws
    {
        try await RegtestNode.run { node in
            let txid = try digest(try await node.pay("1", to: watchedScript))
            let height = try await node.client.blockCount()
            let best = try await node.client.blockHash(height: height)
            try node.restart()
            #expect(try await node.client.blockCount() == height)
            #expect(try await node.client.blockHash(height: height) == best)
            #expect(try await node.client.isInMempool(txid))
        }
    }

    @Test func `errors of the node and its estimate are told`() async throws {
        try await RegtestNode.run { node in
            let client = node.client
            await #expect(
                throws: ChainError.refused(
                    method: "getblockhash", code: -8, message: "Block height out of range")
            ) { try await client.blockHash(height: 1_000_000) }
            await #expect(
                throws: ChainError.refused(
                    method: "getblock", code: -5, message: "Block not found")
            ) { try await client.block(.zero) }
            let estimate = try await client.estimateSmartFee(blocks: 6)
            #expect(estimate.rate == FeeRate(satoshisPerKilovbyte: 2_000))
            #expect(
                estimate.source
                    == .fallback(reason: "Insufficient data or no feerate found"))
        }
    }
}
