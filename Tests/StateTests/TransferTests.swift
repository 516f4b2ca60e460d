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

    @Test(arguments: [0, 1, 2, 3, 4])
    func `wallets of each kind send with real signatures`(_ kind: Int) throws {
        let wallet = try TestWallet.ofEachKind(seed: "kinds")[kind]
        let count = wallet.descriptor.keys.count
        let holders = (0..<count).map { MemberName(stringLiteral: "holder\($0)") }
        var roles = Dictionary(uniqueKeysWithValues: holders.map { ($0, [RoleName]()) })
        roles["walt"] = [.watcher]
        var ledger = try MemoryLedger(roles, policy: "1 of (holder0)")
        ledger.observe = checkSnapshot
        ledger.wallets["main"] = wallet
        try ledger.create(
            MemoryLedger.proposal("main", wallet, holders: holders, quorum: "1 of (holder0)"),
            wallet, by: ["holder0"])
        let coins = try ledger.deposit(100_000, 30_000, to: "main", watchedBy: "walt")
        let transfer = try ledger.transfer(coins, from: "main", paying: 110_000)
        let id = try ledger.carry(.transfer(transfer), by: "holder0")
        for key in 0..<wallet.descriptor.threshold {
            try ledger.sign(id, key: key, by: holders[key])
        }
        let transaction = try ledger.broadcast(id, by: "holder0")
        #expect(transaction.vsize <= ledger.transfer(of: id).vsize)
        #expect(transaction.vsize + 2 * count >= ledger.transfer(of: id).vsize)
        try ledger.mine([transaction], watchedBy: "walt")
        #expect(ledger.status(id) == .confirmed)
        #expect(ledger.balance("main") == 19_000)
        #expect(ledger.effects.incidents.isEmpty)
    }

    @Test func `a taproot coin carries no previous transaction`() throws {
        var (ledger, coins) = try Treasury.funded(
            100_000, kind: .taprootMultisig(UnspendableKey(), .sorted))
        let transfer = try ledger.transfer(coins, from: "main", paying: 50_000)
        let full = try ledger.spentCoin(coins[0], isTaproot: false)
        let refusal = try ledger.refusal(of: .transfer(try transfer.with(coins: [full])))
        #expect(refusal?.rule == .previousTransaction)
        try ledger.initiate(.transfer(transfer), by: "alice")
    }

    @Test func `a transfer that a previous transaction lies about is refused`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let transfer = try ledger.transfer(coins, from: "main", paying: 50_000)
        let other = try ledger.funding("main", [100_000], from: 5).encoded()
        let coin = SpentCoin(
            amount: 100_000, script: transfer.coins[0].script, previous: .inline(other))
        let refusal = try ledger.refusal(of: .transfer(try transfer.with(coins: [coin])))
        #expect(refusal?.rule == .previousTransaction)
    }

    @Test func `previous transactions too long for an event are blobs`() throws {
        var (ledger, _) = try Treasury.funded(100_000)
        let payees = (0..<600).map {
            TransactionOutput(amount: 1_000, scriptPubKey: MemoryLedger.payee("payee \($0)"))
        }
        var large = try ledger.funding("main", [80_000], from: 1)
        large.outputs += payees
        try ledger.mine([large], watchedBy: "walt")
        let coin = OutPoint(txid: large.txid, index: 0)
        let id = try ledger.send([coin], paying: 50_000)
        #expect(ledger.state.requests[id]?.initiated.request.evidence.count == 1)
        #expect(try ledger.replayed().encoded == ledger.state.encoded)
    }

    // MARK: Endings

    @Test func `whom the rule names, or the initiator, aborts alone until the quorum is complete`()
        throws
    {
        var (ledger, coins) = try Treasury.funded(100_000)
        for member in ["alice", "bob", "carol"] as [MemberName] {
            let id = try ledger.send(coins, paying: 50_000)
            let abort = Fact.aborted(Aborted(request: id, reason: nil))
            #expect(try ledger.refusal(abort, by: "walt")?.rule == .notApprover)
            try ledger.record(abort, by: member)
            #expect(ledger.status(id) == .aborted)
            #expect(ledger.state.holders(of: coins[0]).isEmpty)
        }
        let id = try ledger.sendAuthorised(coins, paying: 50_000)
        let abort = Fact.aborted(Aborted(request: id, reason: nil))
        #expect(try ledger.refusal(abort, by: "alice")?.rule == .quorumComplete)
        let approval = Fact.approved(Approved(request: id))
        #expect(try ledger.refusal(approval, by: "carol")?.rule == .quorumComplete)
    }

    @Test func `recorded time ends a request, authorised or not, but not a broadcast one`() throws {
        var (ledger, coins) = try Treasury.funded(100_000, 100_000, 100_000, 100_000)
        let expires = ledger.clock + MemoryLedger.day
        let open = try ledger.send([coins[0]], paying: 50_000, expires: expires)
        let authorised = try ledger.send([coins[1]], paying: 50_000, expires: expires)
        try ledger.approve(authorised, by: "alice", "bob")
        let signed = try ledger.send([coins[2]], paying: 50_000, expires: expires)
        try ledger.approve(signed, by: "alice", "bob")
        try ledger.sign(signed, key: 0, by: "alice")
        try ledger.sign(signed, key: 1, by: "bob")
        let (sent, _) = try ledger.sendBroadcast([coins[3]], paying: 50_000)
        ledger.clock = expires - 1
        try ledger.record(MemoryLedger.attached(), by: "alice")
        #expect(ledger.status(authorised) == .authorised)
        ledger.clock = expires
        try ledger.record(MemoryLedger.attached(), by: "alice")
        #expect(ledger.status(open) == .expired)
        #expect(ledger.status(authorised) == .expired)
        #expect(ledger.status(signed) == .outstanding)
        ledger.clock += 8 * MemoryLedger.day
        try ledger.record(MemoryLedger.attached(), by: "alice")
        #expect(ledger.status(sent) == .broadcast)
        #expect(ledger.state.holders(of: coins[0]).isEmpty)
        #expect(ledger.state.holders(of: coins[2]) == [signed])
        #expect(try ledger.replayed().encoded == ledger.state.encoded)
    }

    @Test func `a complete quorum is undone by a cancellation under the same rule only`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let id = try ledger.sendAuthorised(coins, paying: 50_000)
        let cancel = try ledger.carry(.cancel(request: id), by: "bob", "carol")
        #expect(ledger.status(id) == .cancelled)
        #expect(ledger.status(cancel) == .executed)
        #expect(ledger.state.holders(of: coins[0]).isEmpty)
        let again = try ledger.refusal(of: .cancel(request: id))
        #expect(again?.rule == .requestEnded)
    }

    @Test func `a cancelled request whose signatures are out is outstanding, not broadcast`() throws
    {
        var (ledger, coins) = try Treasury.funded(100_000)
        let id = try ledger.sendAuthorised(coins, paying: 50_000)
        try ledger.sign(id, key: 0, by: "alice")
        try ledger.sign(id, key: 1, by: "bob")
        let transaction = try ledger.finalTransaction(of: id)
        try ledger.carry(.cancel(request: id), by: "bob", "carol")
        #expect(ledger.status(id) == .outstanding)
        let broadcast = Fact.broadcast(
            Broadcast(request: id, transaction: .inline(transaction.encoded())))
        #expect(try ledger.refusal(broadcast, by: "olga")?.rule == .requestEnded)
        #expect(
            try ledger.refusal(.exported(Exported(request: id, psbt: .zero)), by: "olga")?.rule
                == .requestEnded)
        #expect(ledger.state.holders(of: coins[0]) == [id])
        // Whoever broadcasts it all the same spends what was no longer authorised.
        try ledger.mine([transaction], watchedBy: "walt")
        #expect(ledger.status(id) == .confirmed)
        #expect(ledger.effects.incidents.map(\.kind) == [.unexplainedSpend])
        #expect(ledger.effects.incidents.first?.description.contains("request 2") == true)
        #expect(ledger.effects.incidents.first?.description.contains("cancelled") == true)
    }

    @Test func `a broadcast request can neither be cancelled nor voided`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let (id, _) = try ledger.sendBroadcast(coins, paying: 50_000)
        #expect(try ledger.refusal(of: .cancel(request: id))?.rule == .notCancellable)
        try ledger.carry(.suspendMember("carol"), by: "alice", "bob")
        try ledger.carry(.retireWallet("main"), by: "alice", "bob")
        #expect(ledger.status(id) == .broadcast)
    }

    @Test func `an exported request keeps its coins when it ends`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let id = try ledger.sendAuthorised(coins, paying: 50_000)
        let export = Fact.exported(Exported(request: id, psbt: .zero))
        #expect(try ledger.refusal(export, by: "audrey")?.rule == .role)
        try ledger.record(export, by: "olga")
        try ledger.carry(.cancel(request: id), by: "bob", "carol")
        #expect(ledger.status(id) == .outstanding)
        #expect(ledger.state.holders(of: coins[0]) == [id])
    }
}
