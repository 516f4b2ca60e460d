import Bitcoin
import Events
import State
import StateTestSupport
import Testing

/// What a balance counts as pending: what will come at least, once each.
@Suite struct BalanceTests {
    private func balance(_ ledger: MemoryLedger) -> Balance { ledger.state.balance(of: "main") }

    @Test func `coins are confirmed, pending or reserved`() throws {
        var (ledger, coins) = try Treasury.funded(100_000, 50_000, minimumDepth: 2)
        #expect(balance(ledger).pending == 150_000)
        try ledger.mine(watchedBy: "walt")
        #expect(balance(ledger).confirmed == 150_000)
        _ = try ledger.send([coins[0]], paying: 60_000)
        #expect(balance(ledger).confirmed == 50_000)
        #expect(balance(ledger).reserved == 100_000)
        #expect(balance(ledger).pending == 0)
    }

    @Test func `of transfers that replace each other the smallest change counts`() throws {
        var (ledger, coins) = try Treasury.funded(100_000, 70_000)
        let first = try ledger.sendBroadcast([coins[0]], paying: 60_000)
        #expect(balance(ledger).pending == 39_000)
        let second = try ledger.sendBroadcast(
            [coins[0]], paying: 60_000, fee: 5_000, replaces: first.id)
        #expect(balance(ledger).pending == 35_000)
        // One that is only signed may be sent by whoever has it.
        let third = try ledger.sendAuthorised(
            [coins[0]], paying: 60_000, fee: 9_000, replaces: second.id)
        #expect(balance(ledger).pending == 35_000)
        try ledger.sign(third, key: 0, by: "alice")
        #expect(balance(ledger).pending == 31_000)
        // Another chain of requests adds its own.
        _ = try ledger.sendBroadcast([coins[1]], paying: 50_000)
        #expect(balance(ledger).pending == 50_000)
        try ledger.mine([first.transaction], watchedBy: "walt")
        #expect(balance(ledger).confirmed == 39_000)
        #expect(balance(ledger).pending == 19_000)
    }

    @Test func `a replacement without change leaves nothing to rely on`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let first = try ledger.sendBroadcast(coins, paying: 60_000)
        _ = try ledger.sendBroadcast(coins, paying: 90_000, fee: 10_000, replaces: first.id)
        #expect(balance(ledger).pending == 0)
    }

    @Test func `what the node refused returns nothing, until it is sent again`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let (id, _) = try ledger.sendBroadcast(coins, paying: 60_000)
        try ledger.relay(id, accepted: false, message: "min relay fee not met", by: "walt")
        #expect(balance(ledger).pending == 0)
        let second = try ledger.sendBroadcast(coins, paying: 60_000, fee: 5_000, replaces: id)
        #expect(balance(ledger).pending == 35_000)
        try ledger.relay(second.id, accepted: false, message: "no", by: "walt")
        #expect(balance(ledger).pending == 0)
        _ = try ledger.broadcast(second.id, by: "olga")
        #expect(balance(ledger).pending == 35_000)
    }
}
