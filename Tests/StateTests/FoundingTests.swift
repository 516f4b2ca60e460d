import Bitcoin
import Bytes
import Events
import Keys
import Policy
import State
import StateTestSupport
import TestSigning
import Testing

@Suite struct FoundingTests {
    @Test func `a founding is complete when every member has accepted`() throws {
        var ledger = try MemoryLedger(
            ["alice": [], "bob": []], policy: "1 of (alice, bob)", accepting: false)
        #expect(ledger.state.roster.members.isEmpty)
        try ledger.record(.accepted(.membership("bob")), by: "bob")
        #expect(!ledger.state.isFounded)
        #expect(try ledger.refusal(MemoryLedger.attached(), by: "bob")?.rule == .founding)
        try ledger.record(.accepted(.membership("alice")), by: "alice")
        #expect(ledger.state.isFounded)
        #expect(ledger.state.roster.members == ["alice", "bob"])
        try ledger.record(MemoryLedger.attached(), by: "bob")
    }

    @Test func `nobody accepts for another`() throws {
        var ledger = try MemoryLedger(
            ["alice": [], "bob": []], policy: "1 of (alice, bob)", accepting: false)
        let refusal = try ledger.refusal(.accepted(.membership("bob")), by: "alice")
        #expect(refusal?.rule == .acceptance)
    }

    @Test func `a second founding is refused`() throws {
        var ledger = try Treasury.founded()
        let refusal = try ledger.refusal(.founded(ledger.state.founding), by: "alice")
        #expect(refusal?.rule == .founding)
    }

    @Test(arguments: [
        ("2 of (alice, zoe)", Refusal.Rule.unknownMember),
        ("1 of (alice, zoe)", .unknownMember),
        ("1 of (3 of executive)", .quorumUnreachable),
        ("2 of (alice, 1 of executive)", .quorumOverlap),
    ])
    func `a founding policy must be one that its members can meet`(
        _ policy: String, _ rule: Refusal.Rule
    ) throws {
        let founding = try MemoryLedger.founding(
            ["alice": ["executive"], "bob": ["executive"]], policy: Quorum(stringLiteral: policy))
        #expect(refusal(of: founding, by: "alice")?.rule == rule)
    }

    @Test func `the founding event is the first of its key and has seen nothing`() throws {
        let founding = try MemoryLedger.founding(["alice": []], policy: "1 of (alice)")
        #expect(refusal(of: founding, by: "alice") == nil)
        #expect(refusal(of: founding, by: "alice", sequence: 1)?.rule == .founding)
        let seen = TreeHead(size: 0, root: .zero)
        #expect(refusal(of: founding, by: "alice", seen: seen)?.rule == .founding)
        let start = MemoryLedger.start
        #expect(refusal(of: founding, by: "alice", time: start - LedgerState.oldestAge) == nil)
        #expect(
            refusal(of: founding, by: "alice", time: start - LedgerState.oldestAge - 1)?.rule
                == .tooOld)
        #expect(
            refusal(of: founding, by: "alice", time: start + LedgerState.clockTolerance + 1)?.rule
                == .fromTheFuture)
    }

    @Test func `each founder has a name and a key of his own, and one of them signs`() throws {
        let alice = try Provocation.enrolment("alice", key: "alice")
        let same = try Provocation.enrolment("bob", key: "alice")
        let twice = try Provocation.enrolment("alice", key: "bob")
        #expect(refusal(of: founding([alice, same]), by: "alice")?.rule == .keyTaken)
        #expect(refusal(of: founding([alice, twice]), by: "alice")?.rule == .nameTaken)
        #expect(refusal(of: founding([alice]), by: "bob")?.rule == .founding)
        let noPoint = try #require(KeyID([2] + [UInt8](repeating: 0xff, count: 32)))
        let lost = Enrolment(member: "bob", key: noPoint, roles: [], person: nil)
        #expect(refusal(of: founding([alice, lost]), by: "alice")?.rule == .founding)
    }

    @Test func `an anchor whose parts do not belong together is refused`() throws {
        let anchor = MemoryChain.anchor
        let wrong = Anchor(
            height: 5, header: anchor.header, times: anchor.times,
            periodStart: anchor.periodStart, chainWork: anchor.chainWork)
        let alice = try Provocation.enrolment("alice", key: "alice")
        #expect(refusal(of: founding([alice], anchor: wrong), by: "alice")?.rule == .header)
    }

    private func founding(
        _ members: [Enrolment], anchor: Anchor = MemoryChain.anchor
    ) -> Founded {
        Founded(
            nonce: .zero, name: "treasury", network: .regtest, limits: Limits(), anchor: anchor,
            logKey: .zero, members: members, policy: "1 of (alice)")
    }

    private func refusal(
        of founding: Founded, by name: String, time: UInt64 = MemoryLedger.start,
        sequence: UInt64 = 0, seen: TreeHead = .empty
    ) -> Refusal? {
        do {
            let key = try MemoryLedger.key(name)
            let event = Event(
                time: time, sequence: sequence, seen: seen, fact: .founded(founding))
            let signed = try SignedEvent(event, by: key.publicKey.key.id, ledger: nil) {
                try key.ecdsa($0)
            }
            _ = try LedgerState(founding: signed, recorded: MemoryLedger.start)
            return nil
        } catch { return error as? Refusal }
    }
}
