import Bitcoin
import Bytes
import Events
import State
import StateTestSupport
import TestSupport
import Testing

@Suite struct SnapshotTests {
    /// A ledger with something of everything in it.
    private static func busy() throws -> MemoryLedger {
        var (ledger, coins) = try Treasury.funded(100_000, 100_000, 100_000, 100_000)
        let (first, _) = try ledger.sendBroadcast([coins[0]], paying: 50_000)
        let (_, second) = try ledger.sendBroadcast(
            [coins[0]], paying: 50_000, fee: 2_000, replaces: first)
        try ledger.relay(first, accepted: false, message: "txn-mempool-conflict", by: "walt")
        let fork = ledger.chain.tip
        try ledger.mine([second], watchedBy: "walt")
        ledger.chain.rewind(to: fork)
        try ledger.mine([try ledger.funding("main", [5_000], from: 4)], watchedBy: "walt")
        let late = try ledger.send([coins[1]], paying: 50_000)
        try ledger.sign(late, key: 1, by: "bob")
        try ledger.record(.aborted(Aborted(request: late, reason: "no")), by: "carol")
        _ = try ledger.sendAuthorised([coins[2]], paying: 20_000)
        try ledger.initiate(.replacePolicy(.ledger, with: "3 of (alice, bob, carol)"), by: "bob")
        try ledger.carry(
            .enrolMember(try Provocation.enrolment("zoe", key: "zoe")), by: "alice", "bob")
        try ledger.initiate(.createWallet(try Provocation.proposal()), by: "carol")
        return ledger
    }

    @Test func `two replays of the same events have the same bytes`() throws {
        let ledger = try Self.busy()
        let first = try ledger.replayed()
        let second = try ledger.replayed()
        #expect(first.encoded == second.encoded)
        #expect(first.encoded == ledger.state.encoded)
        #expect(first.digest == sha256(first.encoded))
    }

    @Test func `a snapshot and the tail give the state of a full replay`() throws {
        let ledger = try Self.busy()
        for size in 1...UInt64(ledger.entries.count) {
            let snapshot = try LedgerState(decoding: try ledger.replayed(to: size).encoded)
            #expect(snapshot.size == size)
            let state = try ledger.replayed(from: snapshot)
            #expect(state.encoded == ledger.state.encoded, "from the snapshot at \(size)")
        }
    }

    @Test func `a snapshot whose lists are in another order is refused`() throws {
        let bytes = try Self.busy().state.encoded
        var reader = CBORReader(bytes.span)
        // Key 8 is that of the members.
        guard case .map(var fields) = try reader.value(), case .array(let members)? = fields[8]
        else { throw CBORError.truncated(offset: 0) }
        #expect(members.count > 1)
        #expect(CBORValue.map(fields).encoded == bytes)
        for other in [members.reversed(), members + members.suffix(1)] {
            fields[8] = .array(Array(other))
            #expect(
                throws: CBORError.refused(
                    offset: 0, rule: "it is not the one encoding of its state")
            ) { try LedgerState(decoding: CBORValue.map(fields).encoded) }
        }
    }

    @Test func `a snapshot of another version, cut short, or longer is refused`() throws {
        let bytes = try Self.busy().state.encoded
        var other = bytes
        // Behind the map's head and the key 0.
        #expect(other[2] == 2)
        other[2] = 1
        #expect(throws: CBORError.self) { try LedgerState(decoding: other) }
        #expect(throws: CBORError.self) { try LedgerState(decoding: bytes + [0]) }
        for count in stride(from: 0, to: bytes.count, by: 97) {
            #expect(throws: CBORError.self) {
                try LedgerState(decoding: Array(bytes.prefix(count)))
            }
        }
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `a damaged snapshot is refused or read, and crashes nothing`(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let bytes = try Self.busy().state.encoded
        for _ in 0..<40 {
            var damaged = bytes
            let place = Int.random(in: bytes.indices, using: &generator)
            damaged[place] = UInt8.random(in: 0...255, using: &generator)
            if let state = try? LedgerState(decoding: damaged) { _ = state.encoded }
        }
    }
}
