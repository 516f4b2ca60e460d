import Bitcoin
import Bytes
import Events
import State
import StateTestSupport
import TestSigning
import Testing

@Suite struct TransferTests {
    @Test func `a transfer is approved, signed, broadcast, relayed and confirmed`() throws {
        var (ledger, coins) = try Treasury.funded(100_000, 50_000)
        #expect(ledger.balance("main") == 150_000)
        let id = try ledger.send(coins, paying: 120_000)
        #expect(ledger.status(id) == .initiated)
        #expect(ledger.state.holders(of: coins[0]) == [id])
        try ledger.approve(id, by: "carol")
        #expect(ledger.status(id) == .initiated)
        try ledger.approve(id, by: "bob")
        #expect(ledger.status(id) == .authorised)
        try ledger.sign(id, key: 0, by: "alice")
        #expect(ledger.status(id) == .authorised)
        try ledger.sign(id, key: 2, by: "carol")
        #expect(ledger.status(id) == .signed)
        let transaction = try ledger.broadcast(id, by: "olga")
        #expect(ledger.status(id) == .broadcast)
        try ledger.relay(id, by: "walt")
        #expect(ledger.state.requests[id]?.relay?.isAccepted == true)
        try ledger.mine([transaction], watchedBy: "walt")
        #expect(ledger.status(id) == .confirmed)
        #expect(ledger.balance("main") == 29_000)
        #expect(ledger.effects.incidents.isEmpty)
        #expect(try ledger.replayed().encoded == ledger.state.encoded)
    }
}
