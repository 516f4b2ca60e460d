import Bitcoin
import Bytes
import Chain
import Events
import State
import StateTestSupport
import TestSigning
import Testing

@testable import Audit

/// What a node's chain says against the ledger: one finding each, and none when they agree.
@Suite struct ChainVerificationTests {
    private var ledger: MemoryLedger
    private let coins: [OutPoint]

    /// Two coins of the wallet `main`, observed by walt.
    init() throws {
        ledger = try MemoryLedger(
            ["alice": ["executive"], "bob": ["executive"], "walt": [.watcher]],
            policy: "2 of (alice, bob)")
        let wallet = try TestWallet(.witnessMultisig(.sorted), threshold: 2, of: 2, seed: "main")
        try ledger.create(
            MemoryLedger.proposal(
                "main", wallet, holders: ["alice", "bob"], quorum: "2 of (alice, bob)"),
            wallet, by: ["alice", "bob"])
        coins = try ledger.deposit(100_000, 50_000, to: "main", watchedBy: "walt")
    }

    /// Compares what was observed, or only some of it, with a node.
    private func report(
        _ node: MemoryNode, of other: MemoryLedger? = nil,
        observing: (Observed) -> Bool = { _ in true }
    ) async throws -> AuditReport {
        let ledger = other ?? self.ledger
        var verification = ChainVerification()
        for entry in ledger.entries.dropFirst() {
            let event = try SignedEvent(decoding: entry.event, ledger: ledger.state.ledger)
            if case .observed(let fact) = event.event.fact, !observing(fact) { continue }
            try verification.take(event) { _ throws(AuditError) in nil }
        }
        var report = AuditReport(ledger: ledger.state.ledger, name: "treasury")
        try await verification.compare(ledger.state, with: node, &report) { _, _ in }
        return report
    }

    private func expectOne(_ report: AuditReport, _ expected: String, _ found: String) {
        #expect(report.findings.count == 1, "\(report.findings)")
        guard let finding = report.findings.first else { return }
        #expect(finding.rule == .chain)
        #expect(finding.expected.contains(expected), "\(finding.expected)")
        #expect(finding.found.contains(found), "\(finding.found)")
    }

    @Test func `the ledger's own chain agrees, also when it has grown since`() async throws {
        var chain = ledger.chain
        #expect(try await report(MemoryNode(chain)).findings == [])
        for _ in 0..<3 { chain.mine() }
        #expect(try await report(MemoryNode(chain)).findings == [])
    }

    @Test func `a payment to us that no event has observed is missing`() async throws {
        // The watcher records the headers and leaves the payment out.
        var silent = ledger
        let funding = try silent.funding("main", [7_000], from: 2)
        silent.chain.mine([funding])
        let observed = try silent.observation()
        try silent.record(
            .observed(
                Observed(headers: observed.headers, scripts: observed.scripts, transactions: [])),
            by: "walt")
        let report = try await report(MemoryNode(silent.chain), of: silent)
        #expect(report.findings.count == 2, "\(report.findings)")
        #expect(
            report.findings.contains {
                $0.expected.contains("\(funding.txid.reversedHex) at height")
                    && $0.expected.contains("which pays us")
                    && $0.found == "no event that observed it there"
            })
        #expect(report.findings.contains { $0.found == "a ledger without it" })
    }

    @Test func `a transaction that its block does not hold is a false claim`() async throws {
        // The node shows the same blocks, but for the one that is said to hold the deposit.
        let block = ledger.chain.block(ledger.chain.tip)
        let invented = Observed(
            headers: [], scripts: .zero,
            transactions: [try claim(of: ledger.chain.transactions.values, in: block)])
        var verification = ChainVerification()
        for entry in ledger.entries.dropFirst() {
            let event = try SignedEvent(decoding: entry.event, ledger: ledger.state.ledger)
            try verification.take(event) { _ throws(AuditError) in nil }
        }
        try verification.take(
            try ledger.sign(.observed(invented), with: ledger.key(of: "walt"))
        ) { _ throws(AuditError) in nil }
        var report = AuditReport(ledger: ledger.state.ledger, name: "treasury")
        try await verification.compare(ledger.state, with: MemoryNode(ledger.chain), &report) {
            _, _ in
        }
        expectOne(report, "than the blocks hold", "which does not hold it as one of ours")
        #expect(report.findings[0].found.contains(block.hash.reversedHex))
    }

    /// A transaction of another block, claimed for this one.
    private func claim(
        of transactions: some Sequence<Transaction>, in block: MemoryChain.Block
    ) throws -> ObservedTransaction {
        let here = Set(block.transactions.map(\.txid))
        let other = try #require(transactions.first { !here.contains($0.txid) } ?? foreign())
        return ObservedTransaction(
            block: block.hash, index: 1, branch: [.zero],
            bytes: ByteString.holding(other.encoded()).value)
    }

    private func foreign() -> Transaction? {
        Transaction(
            inputs: [TransactionInput(previousOutput: coins[0], sequence: 1)],
            outputs: [TransactionOutput(amount: 1_000, scriptPubKey: Script([0x51]))])
    }

    @Test func `a spend of ours that is not observed yet is named`() async throws {
        var chain = ledger.chain
        let theft = Transaction(
            inputs: [TransactionInput(previousOutput: coins[1], sequence: 0)],
            outputs: [TransactionOutput(amount: 49_000, scriptPubKey: MemoryLedger.payee("thief"))])
        chain.mine([theft])
        let report = try await report(MemoryNode(chain))
        expectOne(report, "spends that a request explains", coins[1].description)
        #expect(report.findings[0].found.contains("not observed yet"))
        // A payment to us is no theft: a note says that the watcher is behind.
        var grown = ledger
        grown.chain.mine([try grown.funding("main", [3_000], from: 2)])
        let other = try await self.report(MemoryNode(grown.chain))
        #expect(other.findings == [])
        #expect(other.notes.contains { $0.contains("is not observed yet") })
    }

    @Test func `a block that the node's chain has reorganised away is a fork`() async throws {
        var chain = ledger.chain
        let tip = chain.block(chain.tip)
        chain.rewind(to: tip.header.previousHash)
        for _ in 0..<2 { chain.mine() }
        let report = try await report(MemoryNode(chain))
        expectOne(
            report, "\(tip.hash.reversedHex) at height \(tip.height), the ledger's tip",
            "the node's chain has \(chain.hash(at: tip.height).reversedHex) there")
    }

    @Test func `a node that is behind can not be compared with`() async throws {
        let tip = ledger.chain.block(ledger.chain.tip)
        let report = try await report(MemoryNode(ledger.chain, upTo: tip.height - 1))
        expectOne(
            report, "at height \(tip.height)", "a node whose chain ends at height \(tip.height - 1)"
        )
    }

    @Test func `a node of another chain does not hold the anchor`() async throws {
        var header = Network.regtest.genesis
        header.nonce += 1
        let report = try await report(MemoryNode(foreign: header))
        #expect(report.findings.count == 2)
        #expect(
            report.findings.contains {
                $0.expected.contains("the anchor") && $0.found.contains("does not hold it")
            })
    }

    /// Has the watcher record the headers that are new, and no transaction.
    private func observingHeadersAlone(_ ledger: inout MemoryLedger) throws {
        let observed = try ledger.observation()
        try ledger.record(
            .observed(
                Observed(headers: observed.headers, scripts: observed.scripts, transactions: [])),
            by: "walt")
    }

    @Test func `a spend that no event has observed is missing, and so is its coin`() async throws {
        var silent = ledger
        let theft = Transaction(
            inputs: [TransactionInput(previousOutput: coins[1], sequence: 0)],
            outputs: [TransactionOutput(amount: 49_000, scriptPubKey: MemoryLedger.payee("thief"))])
        silent.chain.mine([theft])
        try observingHeadersAlone(&silent)
        let report = try await report(MemoryNode(silent.chain), of: silent)
        #expect(report.findings.count == 2, "\(report.findings)")
        #expect(
            report.findings.contains {
                $0.expected.contains("\(theft.txid.reversedHex) at height")
                    && $0.expected.contains("which spends our coins")
                    && $0.found == "no event that observed it there"
            })
        #expect(
            report.findings.contains {
                $0.expected.contains("the coin \(coins[1]) of")
                    && $0.expected.contains("unspent on the chain")
                    && $0.found == "a chain without it"
            })
    }

    @Test(arguments: [false, true])
    func `a spend of 64 bytes is a finding, recorded block or not`(_ isRecorded: Bool) async throws
    {
        var robbed = ledger
        let theft = Transaction(
            inputs: [TransactionInput(previousOutput: coins[1], sequence: 0)],
            outputs: [
                TransactionOutput(amount: 49_000, scriptPubKey: Script([0x51, 0x02, 0x4e, 0x73]))
            ])
        #expect(theft.strippedSize == 64)
        robbed.chain.mine([theft])
        if isRecorded { try observingHeadersAlone(&robbed) }
        let report = try await report(MemoryNode(robbed.chain), of: robbed)
        expectOne(
            report, "spends that a request explains and an event observes",
            "\(theft.txid.reversedHex) at height")
        #expect(report.findings.first?.found.contains("the coin \(coins[1])") == true)
    }

    @Test func `a deposit whose event is left out is found by its transaction`() async throws {
        let report = try await report(MemoryNode(ledger.chain)) { $0.transactions.isEmpty }
        #expect(!report.findings.isEmpty)
        for finding in report.findings {
            #expect(finding.rule == .chain)
            #expect(finding.expected.contains("which pays us"), "\(finding.expected)")
            #expect(finding.found == "no event that observed it there")
        }
    }

    @Test func `a spend that a request explains is no finding before it is observed`() async throws
    {
        var paying = ledger
        let transfer = try paying.transfer([coins[0]], from: "main", paying: 60_000)
        let id = try paying.initiate(.transfer(transfer), by: "alice")
        try paying.approve(id, by: "alice", "bob")
        try paying.sign(id, key: 0, by: "alice")
        try paying.sign(id, key: 1, by: "bob")
        var chain = paying.chain
        chain.mine([try paying.finalTransaction(of: id)])
        let report = try await report(MemoryNode(chain), of: paying)
        #expect(report.findings == [])
        #expect(report.notes.contains { $0.contains("is not observed yet") })
    }

    @Test func `a spend by a request that was aborted is not explained`() async throws {
        var aborted = ledger
        let transfer = try aborted.transfer([coins[0]], from: "main", paying: 60_000)
        let id = try aborted.initiate(.transfer(transfer), by: "alice")
        let transaction = try Transaction.decode(aborted.transfer(of: id).transaction.encoded())
        try aborted.record(.aborted(Aborted(request: id, reason: "no")), by: "bob")
        var chain = aborted.chain
        chain.mine([transaction])
        let report = try await report(MemoryNode(chain), of: aborted)
        expectOne(report, "spends that a request explains", coins[0].description)
    }

    @Test func `a node that fails on the way is no verdict`() async throws {
        var chain = ledger.chain
        chain.mine()
        let node = FailingNode(node: MemoryNode(chain))
        await #expect(throws: AuditError.self) {
            var report = AuditReport(ledger: ledger.state.ledger, name: "treasury")
            try await ChainVerification().compare(ledger.state, with: node, &report) { _, _ in }
        }
    }
}

/// A node whose blocks can not be read.
private struct FailingNode: BlockSource {
    let node: MemoryNode

    func blockCount() async throws(ChainError) -> Int { try await node.blockCount() }
    func blockHash(height: Int) async throws(ChainError) -> Digest32 {
        try await node.blockHash(height: height)
    }
    func blockHashes(heights: Range<Int>) async throws(ChainError) -> [Digest32] {
        try await node.blockHashes(heights: heights)
    }
    func headers(_ hashes: [Digest32]) async throws(ChainError) -> [BlockHeader] {
        try await node.headers(hashes)
    }
    func block(_ hash: Digest32) async throws(ChainError) -> Block {
        throw .refused(method: "getblock", code: -1, message: "the disk is broken")
    }
}
