import Bitcoin
import Bytes
import Events
import State
import StateTestSupport
import Testing

@Suite struct ReplacementTests {
    @Test func `an authorised replacement supersedes what was not broadcast`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let first = try ledger.sendAuthorised(coins, paying: 50_000)
        let second = try ledger.send(coins, paying: 50_000, fee: 2_000, replaces: first)
        #expect(ledger.status(first) == .authorised)
        #expect(ledger.state.holders(of: coins[0]) == [first, second])
        try ledger.approve(second, by: "alice", "bob")
        #expect(ledger.status(first) == .superseded)
        #expect(ledger.state.holders(of: coins[0]) == [second])
    }

    @Test func `a broadcast request and its replacement race, and one confirms`() throws {
        for wins in [0, 1] {
            var (ledger, coins) = try Treasury.funded(100_000)
            let first = try ledger.sendBroadcast(coins, paying: 50_000)
            let second = try ledger.sendBroadcast(
                coins, paying: 50_000, fee: 2_000, replaces: first.id)
            #expect(ledger.status(first.id) == .broadcast)
            let both = [first, second]
            try ledger.mine([both[wins].transaction], watchedBy: "walt")
            #expect(ledger.status(both[wins].id) == .confirmed)
            #expect(ledger.status(both[1 - wins].id) == .conflicted)
            #expect(ledger.effects.incidents.isEmpty)
            #expect(try ledger.replayed().encoded == ledger.state.encoded)
        }
    }

    @Test func `an outstanding request is stopped by a replacement alone`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let first = try ledger.sendAuthorised(coins, paying: 50_000)
        try ledger.sign(first, key: 0, by: "alice")
        try ledger.carry(.cancel(request: first), by: "alice", "bob")
        #expect(ledger.status(first) == .outstanding)
        let other = try ledger.transfer(coins, from: "main", paying: 40_000, fee: 3_000)
        #expect(try ledger.refusal(of: .transfer(other))?.rule == .coinReserved)
        let second = try ledger.sendBroadcast(
            coins, paying: 40_000, fee: 3_000, replaces: first)
        try ledger.mine([second.transaction], watchedBy: "walt")
        #expect(ledger.status(first) == .conflicted)
        #expect(ledger.effects.incidents.isEmpty)
    }

    @Test func `each replacement shares a coin with all that it replaces`() throws {
        var (ledger, coins) = try Treasury.funded(100_000, 100_000)
        let first = try ledger.sendBroadcast([coins[0]], paying: 50_000)
        let second = try ledger.send(coins, paying: 50_000, fee: 2_000, replaces: first.id)
        // It would share a coin with the second, but could confirm beside the first.
        let third = try ledger.transfer(
            [coins[1]], from: "main", paying: 50_000, fee: 3_000, replaces: second)
        let refusal = try #require(try ledger.refusal(of: .transfer(third)))
        #expect(refusal.rule == .replacement)
        #expect(refusal.reason.contains("request 2"))
    }

    @Test func `an authorised replacement supersedes its whole chain`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let first = try ledger.sendAuthorised(coins, paying: 50_000)
        let second = try ledger.send(coins, paying: 50_000, fee: 2_000, replaces: first)
        let third = try ledger.sendAuthorised(
            coins, paying: 50_000, fee: 3_000, replaces: second)
        #expect(ledger.status(first) == .superseded)
        #expect(ledger.status(second) == .superseded)
        #expect(ledger.status(third) == .authorised)
    }

    @Test func `only the newest of a chain is replaced, also when one between has ended`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let first = try ledger.sendBroadcast(coins, paying: 50_000)
        let second = try ledger.send(coins, paying: 50_000, fee: 2_000, replaces: first.id)
        let third = try ledger.sendBroadcast(
            coins, paying: 50_000, fee: 3_000, replaces: second)
        #expect(ledger.status(second) == .superseded)
        let beside = try ledger.transfer(
            coins, from: "main", paying: 50_000, fee: 4_000, replaces: first.id)
        #expect(try ledger.refusal(of: .transfer(beside))?.rule == .replacement)
        let fourth = try ledger.sendBroadcast(
            coins, paying: 50_000, fee: 4_000, replaces: third.id)
        #expect(ledger.state.holders(of: coins[0]) == [first.id, third.id, fourth.id])
        #expect(try ledger.replayed().encoded == ledger.state.encoded)
    }

    @Test func `a replacement has seen what it replaces, and a cancellation what it cancels`()
        throws
    {
        var (ledger, coins) = try Treasury.funded(100_000)
        let before = ledger.head
        let first = try ledger.sendAuthorised(coins, paying: 50_000)
        let again = try ledger.transfer(
            coins, from: "main", paying: 50_000, fee: 2_000, replaces: first)
        for request in [Request.transfer(again), .cancel(request: first)] {
            let fact = Fact.initiated(
                Initiated(request: request, expires: ledger.clock + 1_000, reference: nil))
            // Carol has seen nothing newer yet.
            let refusal = try ledger.refusal(fact, by: "carol", seen: before)
            #expect(refusal?.rule == .seenDoesNotCover)
        }
    }

    @Test func `what one holder signs alone, at the highest fee, locks no coin for ever`() throws {
        var (ledger, coins) = try Treasury.funded(5_000_000)
        // The wallet's ceiling is 1,000,000: no replacement could pay more.
        let first = try ledger.send(coins, paying: 3_000_000, fee: 1_000_000, by: "carol")
        try ledger.sign(first, key: 2, by: "carol")
        try ledger.record(.aborted(Aborted(request: first, reason: nil)), by: "alice")
        #expect(ledger.status(first) == .outstanding)
        let second = try ledger.sendBroadcast(coins, paying: 4_000_000, replaces: first)
        try ledger.mine([second.transaction], watchedBy: "walt")
        #expect(ledger.status(second.id) == .confirmed)
        #expect(ledger.status(first) == .conflicted)
        #expect(try ledger.replayed().encoded == ledger.state.encoded)
    }

    @Test func `the very transaction of a request that was aborted can be authorised by another`()
        throws
    {
        var (ledger, coins) = try Treasury.funded(5_000_000)
        let first = try ledger.send(coins, paying: 4_000_000, fee: 1_000_000, by: "carol")
        try ledger.sign(first, key: 2, by: "carol")
        try ledger.record(.aborted(Aborted(request: first, reason: nil)), by: "alice")
        let incidents = ledger.effects.incidents
        let second = try ledger.sendBroadcast(
            coins, paying: 4_000_000, fee: 1_000_000, replaces: first)
        try ledger.mine([second.transaction], watchedBy: "walt")
        #expect(ledger.status(second.id) == .confirmed)
        // The second explains the spend, whichever of the two is looked at first.
        #expect(ledger.effects.incidents == incidents)
        #expect(try ledger.replayed().encoded == ledger.state.encoded)
    }

    @Test func `what was authorised, or still can be, is replaced with a higher fee alone`() throws
    {
        var (ledger, coins) = try Treasury.funded(5_000_000)
        let open = try ledger.send(coins, paying: 3_000_000, fee: 2_000)
        let beside = try ledger.transfer(
            coins, from: "main", paying: 3_000_000, fee: 2_000, replaces: open)
        #expect(try ledger.refusal(of: .transfer(beside))?.rule == .replacement)
        try ledger.approve(open, by: "alice", "bob")
        try ledger.sign(open, key: 0, by: "alice")
        try ledger.carry(.cancel(request: open), by: "alice", "bob")
        #expect(ledger.status(open) == .outstanding)
        let late = try ledger.transfer(
            coins, from: "main", paying: 3_000_000, fee: 2_000, replaces: open)
        #expect(try ledger.refusal(of: .transfer(late))?.rule == .replacement)
    }

    @Test func `what is no open transfer of the wallet is not replaced`() throws {
        var (ledger, coins) = try Treasury.funded(100_000, 100_000)
        let gone = try ledger.send([coins[0]], paying: 50_000)
        try ledger.record(.aborted(Aborted(request: gone, reason: nil)), by: "alice")
        let late = try ledger.transfer(
            [coins[0]], from: "main", paying: 50_000, fee: 2_000, replaces: gone)
        #expect(try ledger.refusal(of: .transfer(late))?.rule == .replacement)
        let governance = try ledger.initiate(.suspendMember("carol"), by: "alice")
        let odd = try ledger.transfer(
            [coins[0]], from: "main", paying: 50_000, fee: 2_000, replaces: governance)
        #expect(try ledger.refusal(of: .transfer(odd))?.rule == .replacement)
    }
}
