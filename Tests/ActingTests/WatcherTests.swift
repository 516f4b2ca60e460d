import Acting
import Bitcoin
import Bytes
import Chain
import Events
import State
import StateTestSupport
import TestSigning
import Testing

/// The watcher finds whatever the blocks within reach hold of ours, whenever it was started, killed
/// or told of new addresses.
@Suite struct WatcherTests {
    private var ledger: MemoryLedger
    private let node: WatchedNode
    private var watcher: Watcher

    /// The treasury with its wallet `main`, whose receive addresses 0 to 3 are watched.
    init() throws {
        ledger = try Treasury.staged()
        _ = try ledger.fund([100_000])
        node = WatchedNode(ledger.chain)
        watcher = Watcher(node)
    }

    /// Records what the watcher tells, until it has nothing more, or so often.
    @discardableResult
    private mutating func watch(atMost most: Int = .max) async throws -> [Observation] {
        node.show(ledger.chain)
        var told: [Observation] = []
        while told.count < most, let watching = try await watcher.next(ledger.state) {
            for blob in watching.blobs { ledger.keep(blob) }
            try ledger.record(.observed(watching.fact), by: "walt")
            told.append(watching)
            guard told.count < 1_000 else {
                Issue.record("the watcher tells the same again and again")
                break
            }
        }
        return told
    }

    private func expectWhole(sourceLocation: SourceLocation = #_sourceLocation) {
        let violations = violations(of: ledger.state, chain: ledger.chain)
        #expect(violations == [], sourceLocation: sourceLocation)
    }

    /// Records the new blocks as a watcher does that leaves every transaction out.
    private mutating func recordHeadersAlone() throws {
        let observed = try ledger.observation()
        try ledger.record(
            .observed(
                Observed(headers: observed.headers, scripts: observed.scripts, transactions: [])),
            by: "walt")
    }

    private func dust(_ count: Int) throws -> [Transaction] {
        try (0..<count).map { number in
            try ledger.funding("main", [Amount(integerLiteral: UInt64(600 + number))])
        }
    }

    // MARK: More than one event holds

    @Test mutating func `a block with more of ours than one event holds is recorded whole`()
        async throws
    {
        let theft = Transaction(
            inputs: [
                TransactionInput(
                    previousOutput: try #require(ledger.state.coins.keys.first), sequence: .max)
            ],
            outputs: [TransactionOutput(amount: 90_000, scriptPubKey: MemoryLedger.payee("thief"))])
        ledger.chain.mine(try dust(600) + [theft])
        ledger.chain.mine()
        let told = try await watch()
        #expect(told.count >= 3, "\(told.map(\.summary))")
        #expect(told.flatMap(\.fact.transactions).count == 601)
        #expect(told[1].summary.hasPrefix("Block 2, looked through again: "))
        #expect(told.last?.fact.headers.count == 1, "what is left comes before the next block")
        #expect(ledger.state.coins.count == 601)
        #expect(ledger.effects.incidents.map(\.kind) == [.unexplainedSpend])
        expectWhole()
        #expect(try await watcher.next(ledger.state) == nil)
    }

    @Test(arguments: 1...4)
    mutating func `a watcher that was killed inside a block goes on there`(
        _ events: Int
    ) async throws {
        ledger.chain.mine(try dust(600))
        try await watch(atMost: events)
        watcher = Watcher(node)
        try await watch()
        #expect(ledger.state.coins.count == 601)
        expectWhole()
    }

    @Test mutating func `a ledger that has lost transactions gets them within 288 blocks`()
        async throws
    {
        ledger.chain.mine(try dust(3))
        for _ in 0..<BlockTree.reorganisationLimit - 1 { ledger.chain.mine() }
        while ledger.state.blocks.tip.hash != ledger.chain.tip { try recordHeadersAlone() }
        #expect(ledger.state.coins.count == 1)
        let told = try await watch()
        #expect(told.map(\.summary) == ["Block 2, looked through again: 3 transactions of ours"])
        expectWhole()
    }

    @Test mutating func `what others record of a batch that was refused is completed`()
        async throws
    {
        ledger.chain.mine(try dust(5))
        node.show(ledger.chain)
        #expect(try await watcher.next(ledger.state)?.fact.transactions.count == 5)
        try recordHeadersAlone()
        try await watch()
        expectWhole()
    }

    // MARK: Scripts that come to be watched

    @Test mutating func `payments beyond the gap are found once the gap has moved`() async throws {
        // In the order in which nothing is seen at first: 12, 9, 6, and 3, which moves the gap.
        for index in stride(from: UInt32(12), through: 3, by: -3) {
            ledger.chain.mine([try ledger.funding("main", [10_000], from: index)])
        }
        try await watch()
        #expect(ledger.balance("main") == 140_000)
        expectWhole()
    }

    @Test mutating func `a transaction that pays beyond the gap that it moves is seen whole`()
        async throws
    {
        ledger.chain.mine([
            try ledger.funding("main", [Amount](repeating: 5_000, count: 12), from: 3)
        ])
        try await watch()
        #expect(ledger.balance("main") == 160_000)
        expectWhole()
    }

    @Test mutating func `a wallet's coins are found that were paid before it was known`()
        async throws
    {
        let keys = try TestWallet(.witnessMultisig(.sorted), threshold: 2, of: 2, seed: "late")
        ledger.wallets["late"] = keys
        ledger.chain.mine([try ledger.funding("late", [40_000, 30_000])])
        for _ in 0..<5 { ledger.chain.mine() }
        try await watch()
        #expect(ledger.balance("late") == 0)
        try ledger.create(
            MemoryLedger.proposal(
                "late", keys, holders: ["alice", "bob"], quorum: Treasury.quorum), keys,
            by: ["alice", "bob"])
        try await watch()
        #expect(ledger.balance("late") == 70_000)
        #expect(watcher.takeNotices() == [], "every block since the founding is within reach")
        expectWhole()
    }

    @Test mutating func `what is out of reach for a new wallet is said, once`() async throws {
        let keys = try TestWallet(.witnessMultisig(.sorted), threshold: 2, of: 2, seed: "late")
        ledger.wallets["late"] = keys
        ledger.chain.mine([try ledger.funding("late", [40_000])])
        ledger.chain.mine([try ledger.funding("late", [30_000], from: 1)])
        for _ in 0..<BlockTree.reorganisationLimit { ledger.chain.mine() }
        try await watch()
        try ledger.create(
            MemoryLedger.proposal(
                "late", keys, holders: ["alice", "bob"], quorum: Treasury.quorum), keys,
            by: ["alice", "bob"])
        try await watch()
        #expect(ledger.balance("late") == 30_000, "one block was the first within reach")
        #expect(
            watcher.takeNotices() == [
                "the wallet late is looked for from block 3 on; what it received before can not "
                    + "be recorded, and a verification with a node finds it"
            ])
        try await watch()
        #expect(watcher.takeNotices() == [])
    }

    // MARK: What it costs

    @Test mutating func `blocks without anything of ours are fetched once`() async throws {
        for _ in 0..<40 { ledger.chain.mine() }
        try await watch()
        #expect(node.takeFetched() == Array(1...41), "the first look reads the known block too")
        try ledger.record(.issued(Issued(wallet: "main", index: 1)), by: "olga")
        ledger.chain.mine([try ledger.funding("main", [1_000], from: 2)])
        try await watch()
        #expect(node.takeFetched().first { $0 < 42 } == nil)
        try await watch()
        #expect(node.takeFetched() == [])
        expectWhole()
    }

    @Test mutating func `blocks that the node has deleted are told of and passed over`()
        async throws
    {
        for _ in 0..<9 { ledger.chain.mine() }
        try ledger.watch(by: "walt")
        node.prune(below: 5)
        ledger.chain.mine(try dust(1))
        try await watch()
        #expect(
            watcher.takeNotices() == [
                "4 blocks from 1 to 4 can not be looked through again: the node has deleted them "
                    + "(it is pruned)"
            ])
        expectWhole()
        try await watch()
        #expect(watcher.takeNotices() == [])
    }

    // MARK: What can not be recorded

    @Test mutating func `a spend of 64 bytes is told of at every look until it is undone`()
        async throws
    {
        let theft = Transaction(
            inputs: [
                TransactionInput(
                    previousOutput: try #require(ledger.state.coins.keys.first), sequence: .max)
            ],
            outputs: [
                TransactionOutput(amount: 90_000, scriptPubKey: Script([0x51, 0x02, 0x4e, 0x73]))
            ])
        #expect(theft.strippedSize == 64)
        let fork = ledger.chain.tip
        ledger.chain.mine([theft])
        for _ in 0..<3 {
            try await watch()
            #expect(watcher.unprovable(in: ledger.state).map(\.txid) == [theft.txid])
        }
        watcher = Watcher(node)
        try await watch()
        #expect(watcher.unprovable(in: ledger.state).map(\.txid) == [theft.txid])
        ledger.chain.rewind(to: fork)
        for _ in 0..<2 { ledger.chain.mine() }
        try await watch()
        #expect(watcher.unprovable(in: ledger.state).isEmpty)
        expectWhole()
    }

    @Test mutating func `a reorganisation takes what was recorded late, and brings it back`()
        async throws
    {
        let fork = ledger.chain.tip
        ledger.chain.mine(try dust(600))
        try await watch()
        let first = ledger.chain.tip
        ledger.chain.rewind(to: fork)
        for _ in 0..<2 { ledger.chain.mine() }
        try await watch()
        #expect(ledger.balance("main") == 100_000)
        ledger.chain.rewind(to: first)
        ledger.chain.mine()
        ledger.chain.mine(try dust(600))
        try await watch()
        expectWhole()
    }
}
