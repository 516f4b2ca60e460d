import Bytes
import Events
import State
import StateTestSupport
import Testing

/// What a log answers that lies: other bytes, or another entry, than it was asked for.
private struct LyingLog: Evidence {
    var blob: [UInt8]?
    var initiation: (position: UInt64, entry: [UInt8])?

    func bytes(behind digest: Digest32) -> [UInt8]? { blob }

    func initiation(of request: Digest32) -> (position: UInt64, entry: [UInt8])? { initiation }
}

@Suite struct StepTests {
    /// A founded ledger and an observation whose transaction is a blob.
    private static func observing(
        _ transaction: [UInt8]
    ) throws -> (MemoryLedger, SignedEvent) {
        let ledger = try Treasury.founded()
        let observed = Observed(
            headers: [], scripts: ledger.state.watchedScripts,
            transactions: [
                ObservedTransaction(
                    block: .zero, index: 0, branch: [], bytes: .blob(BlobReference(transaction)))
            ])
        return (ledger, try ledger.sign(.observed(observed), with: ledger.key(of: "walt")))
    }

    @Test func `a blob of other bytes is as good as none, whoever carries or keeps it`() throws {
        let bytes = [UInt8](repeating: 1, count: 20_000)
        let other = [UInt8](repeating: 2, count: 20_000)
        let (ledger, event) = try Self.observing(bytes)
        func rule(kept: [UInt8]?, carried: [[UInt8]] = []) -> Refusal.Rule? {
            var state = ledger.state
            let judgement = state.judge(
                event, recorded: ledger.clock, seenRoot: ledger.head.root, carrying: carried,
                LyingLog(blob: kept))
            guard case .refused(let refusal) = judgement.verdict else { return nil }
            return refusal.rule
        }
        #expect(rule(kept: nil) == .blobMissing)
        #expect(rule(kept: other) == .blobMissing)
        #expect(rule(kept: nil, carried: [other]) == .blobMissing)
        // With the right bytes the rules go on to what they say: the block is not known.
        #expect(rule(kept: bytes) == .branch)
        #expect(rule(kept: nil, carried: [other, bytes]) == .branch)
        #expect(rule(kept: other, carried: [bytes]) == .branch)
    }

    @Test func `an ended request is found only where its own event stands`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let id = try ledger.send(coins, paying: 50_000)
        let place = try #require(ledger.initiated[id])
        try ledger.record(.aborted(Aborted(request: id, reason: nil)), by: "bob")
        let event = try ledger.sign(
            .attached(
                Attached(
                    document: BlobReference([1]), label: nil, request: id)),
            with: ledger.key(of: "bob"))
        func refusal(_ initiation: (position: UInt64, entry: [UInt8])?) -> Refusal.Rule? {
            var state = ledger.state
            let judgement = state.judge(
                event, recorded: ledger.clock, seenRoot: ledger.head.root,
                LyingLog(initiation: initiation))
            guard case .refused(let refusal) = judgement.verdict else { return nil }
            return refusal.rule
        }
        let entry = ledger.entries[Int(place)].encoded
        #expect(refusal((place, entry)) == nil)
        #expect(refusal(nil) == .unknownRequest)
        #expect(refusal((place, [])) == .unknownRequest)
        #expect(refusal((place, ledger.entries[Int(place) - 1].encoded)) == .unknownRequest)
        #expect(refusal((0, entry)) == .unknownRequest)
        #expect(refusal((ledger.state.size, entry)) == .unknownRequest)
    }

    @Test func `a refused event is a verdict, and takes its place and number alone`() throws {
        let ledger = try Treasury.founded()
        let event = try ledger.sign(
            .approved(Approved(request: .zero)), with: ledger.key(of: "bob"))
        var state = ledger.state
        let (judgement, effects) = state.step(
            event, recorded: ledger.clock + 1, seenRoot: ledger.head.root, ledger)
        guard case .refused(let refusal) = judgement.verdict else {
            Issue.record("it is admitted")
            return
        }
        #expect(refusal.rule == .unknownRequest)
        #expect(throws: refusal) { try judgement.admission() }
        #expect(effects.isEmpty)
        #expect(state.size == ledger.state.size + 1)
        #expect(state.recorded == ledger.clock + 1)
        let before = try #require(ledger.state.authors[event.author])
        let after = try #require(state.authors[event.author])
        #expect(after.nextSequence == before.nextSequence + 1)
        #expect(after.seenSize == before.seenSize)
        #expect(state.members == ledger.state.members)
    }

    @Test func `time that a refused event has let pass has passed`() throws {
        var ledger = try Treasury.founded()
        let id = try ledger.initiate(.suspendMember("carol"), by: "alice")
        let expires = try #require(ledger.state.requests[id]).initiated.expires
        ledger.clock = expires
        let event = try ledger.sign(
            .approved(Approved(request: id)), with: ledger.key(of: "bob"))
        var state = ledger.state
        #expect(!state.hasDue(by: expires - 1) && state.hasDue(by: expires))
        let (judgement, effects) = state.step(
            event, recorded: expires, seenRoot: ledger.head.root, ledger)
        guard case .refused(let refusal) = judgement.verdict else {
            Issue.record("it is admitted")
            return
        }
        #expect(refusal.rule == .requestEnded)
        #expect(effects.outcomes.map(\.id) == [id])
        #expect(effects.outcomes.map(\.status) == [.expired])
    }
}
