import Bitcoin
import Bytes
import Events
import State
import StateTestSupport
import TestSigning
import Testing

@Suite struct ObservationTests {
    /// A transaction of a thief who holds enough keys.
    private func theft(of coin: OutPoint, to payee: String = "thief") -> Transaction {
        Transaction(
            inputs: [TransactionInput(previousOutput: coin, sequence: .max)],
            outputs: [TransactionOutput(amount: 90_000, scriptPubKey: MemoryLedger.payee(payee))])
    }

    @Test func `coins confirm, mature and are spent`() throws {
        var (ledger, coins) = try Treasury.funded(100_000, minimumDepth: 2)
        let coin = try #require(ledger.state.coins[coins[0]])
        #expect(ledger.state.confirmations(of: coin) == 1)
        #expect(!ledger.state.isMature(coin))
        try ledger.mine(watchedBy: "walt")
        #expect(ledger.state.isMature(coin))
        #expect(ledger.state.height == 2)
    }

    @Test func `a coinbase is spent behind its hundredth successor`() throws {
        var (ledger, _) = try Treasury.funded(100_000)
        let script = try #require(ledger.wallets["main"]).descriptor.derive(.receive, 2)
        ledger.chain.mine(coinbase: script.scriptPubKey, reward: 5_000)
        try ledger.watch(by: "walt")
        let coin = try #require(ledger.state.coins.values.first { $0.isCoinbase })
        try ledger.mine(blocks: 99, watchedBy: "walt")
        #expect(!ledger.state.isMature(coin))
        try ledger.mine(watchedBy: "walt")
        #expect(ledger.state.isMature(coin))
        #expect(ledger.state.wallets["main"]?.nextReceive == 3)
    }

    @Test func `a spend that no request explains is an incident`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let id = try ledger.sendAuthorised(coins, paying: 50_000)
        try ledger.mine([theft(of: coins[0])], watchedBy: "walt")
        #expect(ledger.status(id) == .conflicted)
        #expect(ledger.effects.incidents.map(\.kind) == [.unexplainedSpend])
        #expect(
            ledger.effects.incidents.first?.description.contains("no request explains it") == true)
        #expect(ledger.state.incidentCount == 1)
        #expect(ledger.balance("main") == 0)
    }

    @Test func `the transaction of a request that was never authorised is an incident`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let id = try ledger.send(coins, paying: 50_000)
        let transaction = ledger.transfer(of: id).transaction
        try ledger.mine([transaction], watchedBy: "walt")
        #expect(ledger.effects.incidents.map(\.kind) == [.unexplainedSpend])
        #expect(ledger.effects.incidents.first?.description.contains("never authorised") == true)
    }

    // MARK: Reorganisations

    @Test func `a confirmation is reorganised away and comes back`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let (id, transaction) = try ledger.sendBroadcast(coins, paying: 50_000)
        let fork = ledger.chain.tip
        try ledger.mine([transaction], watchedBy: "walt")
        #expect(ledger.status(id) == .confirmed)
        #expect(ledger.balance("main") == 49_000)
        ledger.chain.rewind(to: fork)
        ledger.chain.mine()
        try ledger.mine(watchedBy: "walt")
        #expect(ledger.status(id) == .broadcast)
        #expect(ledger.state.holders(of: coins[0]) == [id])
        #expect(ledger.balance("main") == 100_000)
        let change = OutPoint(txid: transaction.txid, index: 1)
        #expect(ledger.state.coins[change]?.height == nil)
        try ledger.mine([transaction], watchedBy: "walt")
        #expect(ledger.status(id) == .confirmed)
        #expect(ledger.state.coins[change]?.height == 4)
        #expect(ledger.balance("main") == 49_000)
        #expect(ledger.effects.incidents.isEmpty)
        #expect(try ledger.replayed().encoded == ledger.state.encoded)
    }

    @Test func `a branch takes over with more work, not with as much`() throws {
        var (ledger, _) = try Treasury.funded(100_000)
        let fork = ledger.chain.tip
        try ledger.mine(blocks: 2, watchedBy: "walt")
        let tip = ledger.state.blocks.tip.hash
        ledger.chain.rewind(to: fork)
        try ledger.mine(blocks: 2, watchedBy: "walt")
        #expect(ledger.state.blocks.tip.hash == tip)
        try ledger.mine(watchedBy: "walt")
        #expect(ledger.state.blocks.tip.hash == ledger.chain.tip)
        #expect(ledger.state.height == 4)
    }

    @Test func `a reorganisation removes a coin, and its transfer waits for it`() throws {
        var ledger = try Treasury.funded(100_000).0
        let fork = ledger.chain.tip
        let coins = try ledger.deposit(60_000, to: "main", watchedBy: "walt")
        let id = try ledger.sendAuthorised(coins, paying: 50_000)
        let funding = try #require(ledger.chain.transactions[coins[0].txid])
        ledger.chain.rewind(to: fork)
        ledger.chain.mine()
        try ledger.mine(watchedBy: "walt")
        #expect(ledger.balance("main") == 100_000)
        #expect(ledger.status(id) == .authorised)
        #expect(ledger.state.holders(of: coins[0]) == [id])
        let other = try ledger.transfer(coins, from: "main", paying: 55_000)
        #expect(try ledger.refusal(of: .transfer(other))?.rule == .coinImmature)
        try ledger.mine([funding], watchedBy: "walt")
        #expect(ledger.balance("main") == 160_000)
        try ledger.sign(id, key: 0, by: "alice")
    }

    @Test func `of two conflicts the one that stays still holds`() throws {
        var (ledger, coins) = try Treasury.funded(100_000, 100_000)
        let id = try ledger.sendAuthorised(coins, paying: 150_000)
        try ledger.mine([theft(of: coins[0])], watchedBy: "walt")
        let fork = ledger.chain.tip
        try ledger.mine([theft(of: coins[1], to: "another")], watchedBy: "walt")
        ledger.chain.rewind(to: fork)
        ledger.chain.mine()
        try ledger.mine(watchedBy: "walt")
        #expect(ledger.status(id) == .conflicted)
        #expect(
            ledger.state.requests[id]?.mined
                == .conflicted(
                    height: 2, by: theft(of: coins[0]).txid))
        #expect(ledger.balance("main") == 100_000)
    }

    @Test func `a request that a reorganisation brings back still expires`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let id = try ledger.send(coins, paying: 50_000, expires: ledger.clock + 1_000)
        let fork = ledger.chain.tip
        try ledger.mine([theft(of: coins[0])], watchedBy: "walt")
        ledger.clock += 1_000
        try ledger.record(MemoryLedger.attached(), by: "alice")
        #expect(ledger.status(id) == .conflicted)
        ledger.chain.rewind(to: fork)
        ledger.chain.mine()
        try ledger.mine(watchedBy: "walt")
        try ledger.record(MemoryLedger.attached(), by: "alice")
        #expect(ledger.status(id) == .expired)
    }

    @Test func `what a branch makes and spends before it takes over is followed`() throws {
        var (ledger, _) = try Treasury.funded(100_000)
        let fork = ledger.chain.tip
        try ledger.mine(blocks: 2, watchedBy: "walt")
        ledger.chain.rewind(to: fork)
        let funding = try ledger.funding("main", [70_000], from: 1)
        try ledger.mine([funding], watchedBy: "walt")
        let coin = OutPoint(txid: funding.txid, index: 0)
        #expect(ledger.state.coins[coin] == nil)
        try ledger.mine([theft(of: coin)], watchedBy: "walt")
        #expect(ledger.effects.incidents.isEmpty)
        try ledger.mine(watchedBy: "walt")
        #expect(ledger.state.coins[coin]?.spent?.height == 3)
        #expect(ledger.effects.incidents.count == 1)
    }

    // MARK: What is settled

    @Test func `buried requests and spent coins are forgotten, and their late signatures are not`()
        throws
    {
        var (ledger, coins) = try Treasury.funded(100_000)
        let (id, transaction) = try ledger.sendBroadcast(coins, paying: 50_000)
        let third = try ledger.signatures(of: ledger.transfer(of: id), key: 2)
        try ledger.mine([transaction], watchedBy: "walt")
        try ledger.mine(blocks: BlockTree.reorganisationLimit, watchedBy: "walt")
        #expect(ledger.state.requests[id]?.status == .confirmed)
        #expect(ledger.state.blocks.blocks.count == BlockTree.reorganisationLimit + 1)
        try ledger.mine(watchedBy: "walt")
        #expect(ledger.state.requests[id] == nil)
        #expect(ledger.status(id) == .confirmed)
        #expect(ledger.state.coins[coins[0]] == nil)
        #expect(ledger.balance("main") == 49_000)
        try ledger.record(.signed(Signed(request: id, signatures: third)), by: "carol")
        #expect(ledger.effects.incidents.map(\.kind) == [.unauthorisedSignature])
        #expect(try ledger.replayed().encoded == ledger.state.encoded)
    }

    @Test func `a branch that leaves the chain below what is settled is forgotten with its coins`()
        throws
    {
        var (ledger, _) = try Treasury.funded(100_000)
        let fork = ledger.chain.tip
        // The branch's first block pays us; for a while it is the best.
        try ledger.mine([try ledger.funding("main", [70_000], from: 1)], watchedBy: "walt")
        let side = ledger.chain.tip
        #expect(ledger.state.coins.count == 2)
        ledger.chain.rewind(to: fork)
        try ledger.mine(blocks: BlockTree.reorganisationLimit, watchedBy: "walt")
        #expect(ledger.state.coins.count == 2)
        let tip = ledger.chain.tip
        // It grows one further and stays the shorter one.
        ledger.chain.rewind(to: side)
        try ledger.mine(watchedBy: "walt")
        let end = ledger.chain.tip
        ledger.chain.rewind(to: tip)
        try ledger.mine(blocks: 2, watchedBy: "walt")
        #expect(ledger.state.blocks.blocks[side] == nil)
        #expect(ledger.state.blocks.blocks[end] == nil)
        #expect(ledger.state.coins.count == 1)
        ledger.chain.rewind(to: end)
        let block = ledger.chain.mine()
        let late = Observed(
            headers: [block.header.encoded], scripts: ledger.state.watchedScripts,
            transactions: [])
        #expect(try ledger.refusal(.observed(late), by: "walt")?.rule == .header)
    }

    // MARK: Evidence

    @Test func `an observation goes on from what is known, and shows each thing once`() throws {
        var (ledger, _) = try Treasury.funded(100_000)
        let known = try #require(ledger.chain.blocks[ledger.chain.tip])
        let (observed, _) = try ledger.chain.observed(1, in: known)
        func refusal(
            _ headers: [[UInt8]], _ transactions: [ObservedTransaction]
        ) throws -> Refusal? {
            var ledger = ledger
            return try ledger.refusal(
                .observed(
                    Observed(
                        headers: headers, scripts: ledger.state.watchedScripts,
                        transactions: transactions)), by: "walt")
        }
        #expect(try refusal([], [])?.rule == .header)
        #expect(try refusal([known.header.encoded], [])?.rule == .header)
        #expect(try refusal([], [observed])?.rule == .branch)
        let (coinbase, _) = try ledger.chain.observed(0, in: known)
        #expect(try refusal([], [coinbase])?.rule == .branch)
        let stranger = ledger.chain.mine()
        let (unknown, _) = try ledger.chain.observed(0, in: stranger)
        #expect(try refusal([], [unknown])?.rule == .branch)
        var heavy = stranger.header
        heavy.bits = 0x1d00_ffff
        #expect(try refusal([heavy.encoded], [])?.rule == .header)
        #expect(try refusal([stranger.header.encoded], []) == nil)
    }

    @Test func `transactions of a block come in more than one event`() throws {
        var (ledger, _) = try Treasury.funded(100_000)
        let payments = try (1...3).map { try ledger.funding("main", [70_000], from: $0) }
        ledger.chain.mine(payments)
        let whole = try ledger.observation()
        for (index, transaction) in whole.transactions.enumerated() {
            try ledger.record(
                .observed(
                    Observed(
                        headers: index == 0 ? whole.headers : [],
                        scripts: ledger.state.watchedScripts, transactions: [transaction])),
                by: "walt")
        }
        #expect(ledger.balance("main") == 310_000)
    }

    @Test func `what is paid beyond the gap is seen when the block is looked at again`() throws {
        var (ledger, _) = try Treasury.funded(100_000)
        #expect(ledger.state.wallets["main"]?.watchedReceive == 4)
        // One transaction pays the last watched address and the one behind it.
        let funding = try ledger.funding("main", [50_000, 60_000], from: 3)
        try ledger.mine([funding], watchedBy: "walt")
        #expect(ledger.balance("main") == 150_000)
        #expect(ledger.state.wallets["main"]?.watchedReceive == 7)
        let again = try #require(try ledger.omission())
        let position = ledger.state.size
        try ledger.record(.observed(again), by: "walt")
        #expect(ledger.balance("main") == 210_000)
        #expect(ledger.state.wallets["main"]?.watchedReceive == 8)
        let coin = OutPoint(txid: funding.txid, index: 1)
        #expect(ledger.state.coins[coin]?.observedAt == position)
        #expect(try ledger.omission() == nil)
        let refusal = try ledger.refusal(
            .observed(
                Observed(
                    headers: [], scripts: ledger.state.watchedScripts,
                    transactions: again.transactions)), by: "walt")
        #expect(refusal?.rule == .branch)
        #expect(refusal?.reason.contains("already") == true)
        #expect(try ledger.replayed().encoded == ledger.state.encoded)
    }

    @Test func `twice in one event is once too often, also for what is new`() throws {
        var (ledger, _) = try Treasury.funded(100_000)
        try ledger.mine(
            [try ledger.funding("main", [50_000, 60_000], from: 3)], watchedBy: "walt")
        let again = try #require(try ledger.omission())
        let twice = Observed(
            headers: [], scripts: again.scripts,
            transactions: again.transactions + again.transactions)
        #expect(try ledger.refusal(.observed(twice), by: "walt")?.rule == .branch)
    }

    @Test func `a chain of payments, each beyond the gap of the last, is followed to its end`()
        throws
    {
        var (ledger, _) = try Treasury.funded(100_000)
        for index in stride(from: UInt32(12), through: 3, by: -3) {
            ledger.chain.mine([try ledger.funding("main", [10_000], from: index)])
        }
        try ledger.watch(by: "walt")
        #expect(ledger.balance("main") == 110_000)
        try ledger.lookAgain(by: "walt")
        #expect(ledger.balance("main") == 140_000)
        #expect(ledger.state.wallets["main"]?.watchedReceive == 16)
    }

    @Test func `a coin found late shows its spends, in the order of an incident each`() throws {
        var (ledger, _) = try Treasury.funded(100_000)
        let near = try ledger.funding("main", [10_000], from: 3)
        let far = try ledger.funding("main", [20_000], from: 5)
        let coin = OutPoint(txid: far.txid, index: 0)
        ledger.chain.mine([far, near])
        ledger.chain.mine([theft(of: coin)])
        try ledger.watch(by: "walt")
        #expect(ledger.effects.incidents.isEmpty)
        try ledger.lookAgain(by: "walt")
        #expect(ledger.state.coins[coin]?.spent?.height == 3)
        #expect(ledger.effects.incidents.map(\.kind) == [.unexplainedSpend])
    }

    @Test func `what was observed late in a block survives its reorganisation and return`() throws {
        var (ledger, _) = try Treasury.funded(100_000)
        let far = try ledger.funding("main", [20_000], from: 5)
        let coin = OutPoint(txid: far.txid, index: 0)
        // It spends the coin beyond the gap and pays the address that moves the gap.
        let mover = Transaction(
            inputs: [TransactionInput(previousOutput: coin, sequence: .max)],
            outputs: try ledger.funding("main", [15_000], from: 3).outputs)
        let fork = ledger.chain.tip
        try ledger.mine([far, mover], watchedBy: "walt")
        #expect(ledger.state.coins[coin] == nil)
        try ledger.lookAgain(by: "walt")
        #expect(ledger.state.coins[coin]?.spent?.txid == mover.txid)
        #expect(ledger.effects.incidents.count == 1)
        let seen = ledger.state.blocks.blocks[ledger.chain.tip]?.transactions
        #expect(seen?.map(\.txid) == [mover.txid, far.txid], "in the order of observation")
        let first = ledger.chain.tip
        ledger.chain.rewind(to: fork)
        try ledger.mine(blocks: 2, watchedBy: "walt")
        #expect(ledger.balance("main") == 100_000)
        #expect(ledger.state.coins[coin]?.spent == nil)
        ledger.chain.rewind(to: first)
        try ledger.mine(blocks: 2, watchedBy: "walt")
        #expect(ledger.state.coins[coin]?.spent?.txid == mover.txid)
        #expect(ledger.balance("main") == 115_000)
        #expect(try ledger.replayed().encoded == ledger.state.encoded)
    }

    @Test func `a branch whose coins were observed behind what spends them takes over whole`()
        throws
    {
        var (ledger, _) = try Treasury.funded(100_000)
        let fork = ledger.chain.tip
        let far = try ledger.funding("main", [20_000], from: 4)
        let coin = OutPoint(txid: far.txid, index: 0)
        let spend = Transaction(
            inputs: [TransactionInput(previousOutput: coin, sequence: .max)],
            outputs: try ledger.funding("main", [15_000], from: 3).outputs)
        try ledger.mine(blocks: 2, watchedBy: "walt")
        ledger.chain.rewind(to: fork)
        // Not active yet when the address behind the gap comes to be watched.
        try ledger.mine([far, spend], watchedBy: "walt")
        try ledger.record(.issued(Issued(wallet: "main", index: 1)), by: "olga")
        try ledger.lookAgain(by: "walt")
        #expect(ledger.state.coins[coin] == nil)
        try ledger.mine(blocks: 2, watchedBy: "walt")
        #expect(ledger.state.coins[coin]?.spent?.txid == spend.txid)
        #expect(ledger.balance("main") == 115_000)
    }

    @Test func `a coin that a reorganisation removed is forgotten with the request that held it`()
        throws
    {
        var ledger = try Treasury.funded(100_000).0
        let fork = ledger.chain.tip
        let coins = try ledger.deposit(60_000, to: "main", watchedBy: "walt")
        let id = try ledger.sendAuthorised(coins, paying: 50_000)
        ledger.chain.rewind(to: fork)
        try ledger.mine(blocks: BlockTree.reorganisationLimit + 3, watchedBy: "walt")
        #expect(ledger.state.blocks.blocks.count == BlockTree.reorganisationLimit + 1)
        #expect(ledger.state.coins[coins[0]] != nil, "its transfer lives")
        let cancel = try ledger.initiate(.cancel(request: id), by: "alice")
        try ledger.approve(cancel, by: "alice", "bob")
        #expect(ledger.status(id) == .cancelled)
        #expect(ledger.state.coins[coins[0]] == nil)
        #expect(ledger.state.coins.count == 1)
        #expect(try ledger.replayed().encoded == ledger.state.encoded)
    }

    @Test func `a coin stays while a known block makes it, though its request has ended`() throws {
        var ledger = try Treasury.funded(100_000).0
        let fork = ledger.chain.tip
        let coins = try ledger.deposit(60_000, to: "main", watchedBy: "walt")
        let side = ledger.chain.tip
        let id = try ledger.send(coins, paying: 50_000)
        ledger.chain.rewind(to: fork)
        try ledger.mine(blocks: 2, watchedBy: "walt")
        try ledger.record(.aborted(Aborted(request: id, reason: nil)), by: "alice")
        #expect(ledger.state.coins[coins[0]]?.height == nil)
        #expect(ledger.state.coins[coins[0]] != nil)
        ledger.chain.rewind(to: side)
        try ledger.mine(blocks: 2, watchedBy: "walt")
        #expect(ledger.balance("main") == 160_000)
    }
}
