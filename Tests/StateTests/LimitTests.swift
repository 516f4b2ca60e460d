import Bitcoin
import Bytes
import Events
import State
import StateTestSupport
import TestSigning
import Testing

/// Each limit at its edge and one past it.
@Suite struct LimitTests {
    @Test func `a member has eight open transfers`() throws {
        var (ledger, coins) = try Treasury.funded(
            20_000, 20_000, 20_000, 20_000, 20_000, 20_000, 20_000, 20_000, 20_000)
        var ids: [Digest32] = []
        for coin in coins.prefix(8) { ids.append(try ledger.send([coin], paying: 19_000)) }
        let ninth = try ledger.transfer([coins[8]], from: "main", paying: 19_000)
        #expect(try ledger.refusal(of: .transfer(ninth))?.rule == .openTransfers)
        var other = ledger
        try other.initiate(.transfer(ninth), by: "bob")
        try ledger.record(.aborted(Aborted(request: ids[0], reason: nil)), by: "bob")
        try ledger.initiate(.transfer(ninth), by: "alice")
    }

    @Test func `events are counted by the hour of recorded time`() throws {
        var ledger = try Treasury.founded(limits: Limits(hourlyEvents: 5))
        for _ in 0..<4 { try ledger.record(MemoryLedger.attached(), by: "alice") }
        ledger.clock += 3_599_999
        #expect(try ledger.refusal(MemoryLedger.attached(), by: "alice")?.rule == .hourlyLimit)
        try ledger.record(MemoryLedger.attached(), by: "bob")
        ledger.clock += 1
        for _ in 0..<5 { try ledger.record(MemoryLedger.attached(), by: "alice") }
        #expect(try ledger.refusal(MemoryLedger.attached(), by: "alice")?.rule == .hourlyLimit)
    }

    @Test func `a limit of nothing admits nothing, in whatever hour or day`() throws {
        var ledger = try MemoryLedger(
            Treasury.roles, policy: Treasury.quorum, limits: Limits(hourlyEvents: 0),
            accepting: false)
        for _ in 0..<2 {
            #expect(
                try ledger.refusal(.accepted(.membership("alice")), by: "alice")?.rule
                    == .hourlyLimit)
            ledger.clock += 3_600_000
        }
        var quiet = try Treasury.founded(limits: Limits(dailyBlobBytes: 0))
        #expect(try quiet.refusal(MemoryLedger.attached(1), by: "alice")?.rule == .blobLimit)
        quiet.clock += MemoryLedger.day
        #expect(try quiet.refusal(MemoryLedger.attached(1), by: "alice")?.rule == .blobLimit)
        var (still, coins) = try Treasury.funded(20_000, limits: Limits(openTransfers: 0))
        let transfer = try still.transfer([coins[0]], from: "main", paying: 19_000)
        #expect(try still.refusal(of: .transfer(transfer))?.rule == .openTransfers)
        still.clock += MemoryLedger.day
        #expect(try still.refusal(of: .transfer(transfer))?.rule == .openTransfers)
    }

    @Test func `a thousand events an hour is what a member has unless founded otherwise`() throws {
        var ledger = try MemoryLedger(Treasury.roles, policy: Treasury.quorum)
        for _ in 0..<999 { try ledger.record(MemoryLedger.attached(), by: "alice") }
        #expect(try ledger.refusal(MemoryLedger.attached(), by: "alice")?.rule == .hourlyLimit)
    }

    @Test func `bytes of blobs are counted by the day of recorded time`() throws {
        var ledger = try Treasury.founded(limits: Limits(dailyBlobBytes: 100))
        try ledger.record(MemoryLedger.attached(60), by: "alice")
        #expect(try ledger.refusal(MemoryLedger.attached(41), by: "alice")?.rule == .blobLimit)
        try ledger.record(MemoryLedger.attached(40), by: "alice")
        #expect(try ledger.refusal(MemoryLedger.attached(1), by: "alice")?.rule == .blobLimit)
        ledger.clock += MemoryLedger.day
        try ledger.record(MemoryLedger.attached(100), by: "alice")
    }

    @Test func `an event is at most thirty days old and ten minutes ahead`() throws {
        let ledger = try Treasury.founded()
        func refusal(time: UInt64) throws -> Refusal? {
            var ledger = ledger
            let key = ledger.key(of: "alice")
            return try ledger.refusal(
                try ledger.sign(MemoryLedger.attached(), with: key, time: time))
        }
        #expect(try refusal(time: ledger.clock - LedgerState.oldestAge) == nil)
        #expect(try refusal(time: ledger.clock - LedgerState.oldestAge - 1)?.rule == .tooOld)
        #expect(try refusal(time: ledger.clock + LedgerState.clockTolerance) == nil)
        #expect(
            try refusal(time: ledger.clock + LedgerState.clockTolerance + 1)?.rule
                == .fromTheFuture)
        #expect(LedgerState.oldestAge == 2_592_000_000)
        #expect(LedgerState.clockTolerance == 600_000)
    }

    @Test func `a seen head trails by at most 1,048,576 entries`() throws {
        let ledger = try Treasury.founded()
        let limit = LedgerState.seenDistanceLimit
        #expect(limit == 1_048_576)
        #expect(try ledger.refusal(seeing: 7, at: 7 + limit) == nil)
        #expect(try ledger.refusal(seeing: 7, at: 8 + limit)?.rule == .seenTooFarBehind)
        #expect(try ledger.refusal(seeing: 7, at: 7) == nil)
        #expect(try ledger.refusal(seeing: 7, at: 6)?.rule == .seenBeyondEntry)
    }

    @Test func `a request expires within thirty days, and not at once`() throws {
        let ledger = try Treasury.founded()
        func refusal(expires: UInt64) throws -> Refusal? {
            var ledger = ledger
            return try ledger.refusal(of: .suspendMember("carol"), expires: expires)
        }
        #expect(try refusal(expires: ledger.clock)?.rule == .expiry)
        #expect(try refusal(expires: 0)?.rule == .expiry)
        #expect(try refusal(expires: ledger.clock + 1) == nil)
        #expect(try refusal(expires: ledger.clock + LedgerState.longestExpiry) == nil)
        #expect(
            try refusal(expires: ledger.clock + LedgerState.longestExpiry + 1)?.rule == .expiry)
        #expect(LedgerState.longestExpiry == 2_592_000_000)
    }

    @Test(arguments: [
        (UInt32(0), UInt32(20), false), (1, 20, true), (1_000, 20, true), (1_001, 20, false),
        (1, 0, false), (1, 1, true), (1, 1_000, true), (1, 1_001, false),
    ])
    func `a wallet has a depth and a gap of 1 to 1,000`(
        _ depth: UInt32, _ gap: UInt32, _ isAccepted: Bool
    ) throws {
        var ledger = try Treasury.founded()
        let wallet = try TestWallet(.witnessPublicKeyHash, seed: "limits")
        let proposal = MemoryLedger.proposal(
            "cold", wallet, holders: ["alice"], quorum: "1 of (alice)", minimumDepth: depth,
            gap: gap)
        #expect(
            try ledger.refusal(of: .createWallet(proposal))?.rule
                == (isAccepted ? nil : .descriptor))
    }

    @Test func `fees are judged against every ceiling`() throws {
        func refusal(_ ceilings: FeeCeilings, fee: Amount) throws -> Refusal? {
            var ledger = try Treasury.founded()
            let wallet = try TestWallet(.taprootKey, seed: "fees")
            try ledger.create(
                MemoryLedger.proposal(
                    "cold", wallet, holders: ["alice"], quorum: "1 of (alice)",
                    ceilings: ceilings), wallet, by: ["alice", "bob"])
            let coins = try ledger.deposit(100_000, to: "cold", watchedBy: "walt")
            let transfer = try ledger.transfer(coins, from: "cold", paying: 50_000, fee: fee)
            return try ledger.refusal(of: .transfer(transfer))
        }
        func ceilings(_ fee: Amount, _ rate: UInt64, _ percent: UInt64) -> FeeCeilings {
            FeeCeilings(
                fee: fee, satoshisPerVirtualByte: rate, percentOfAmount: percent)
        }
        // One taproot input, a P2WSH and a P2TR output: 10.5 + 57.5 + 43 + 43 vbytes.
        #expect(try refusal(ceilings(1_540, 10, 4), fee: 1_540) == nil)
        #expect(try refusal(ceilings(1_539, 10, 4), fee: 1_540)?.rule == .feeCeiling)
        #expect(try refusal(ceilings(9_999, 10, 4), fee: 1_541)?.rule == .feeCeiling)
        #expect(try refusal(ceilings(9_999, 20, 3), fee: 1_500) == nil)
        #expect(try refusal(ceilings(9_999, 20, 3), fee: 1_501)?.rule == .feeCeiling)
    }

    @Test func `the state keeps the last 256 incidents and counts all`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let id = try ledger.send(coins, paying: 50_000)
        let signatures = try ledger.signatures(of: ledger.transfer(of: id), key: 0)
        try ledger.record(.aborted(Aborted(request: id, reason: nil)), by: "alice")
        ledger.observe = nil
        for _ in 0..<257 {
            try ledger.record(.signed(Signed(request: id, signatures: signatures)), by: "alice")
        }
        #expect(ledger.state.incidentCount == 257)
        #expect(ledger.state.incidents.count == LedgerState.incidentLimit)
        #expect(ledger.state.incidents.last?.position == ledger.state.size - 1)
        checkSnapshot(ledger.state)
    }
}
