import Acting
import Events
import Ledger
import State
import StateTestSupport
import Testing

/// The state at any size of a log, from the snapshots and the entries behind them.
@Suite struct LedgerAtTests {
    private let treasury: TreasuryFolder

    init() throws { treasury = try TreasuryFolder(100_000, 50_000) }

    @Test func `the state at each size is the one that a replay comes to there`() throws {
        let memory = treasury.memory
        let open = try treasury.open()
        #expect(try open.size() == UInt64(memory.entries.count))
        for size in 1...memory.entries.count {
            let replayed = try memory.replayed(to: UInt64(size))
            #expect(try open.state(at: UInt64(size)).digest == replayed.digest, "size \(size)")
        }
        #expect(try open.writer.state().digest == memory.state.digest)
    }

    @Test func `there is no state before the first entry or after the last`() throws {
        let open = try treasury.open()
        let last = try open.size()
        for size in [0, last + 1] {
            #expect(throws: SubmissionError.noSize(size, size: last)) {
                _ = try open.state(at: size)
            }
        }
        #expect(throws: SubmissionError.noPosition(last, size: last)) { _ = try open.entry(last) }
        #expect(
            throws: ActingError.missing(.position(try open.size(), last: try open.size() - 1))
        ) { _ = try open.document(at: open.size()) }
    }

    @Test func `a moment has the entries recorded by then, and what had expired has ended`()
        throws
    {
        var memory = treasury.memory
        memory.clock += 1_000
        let id = try memory.initiate(
            .replacePolicy(.ledger, with: "2 of (alice, bob)"), by: "alice",
            expires: memory.clock + 60_000)
        let treasury = try TreasuryFolder(memory)
        let open = try treasury.open()
        let recorded = memory.clock
        let size = try open.size()
        #expect(try open.size(recordedBy: recorded - 1) == size - 1)
        #expect(try open.size(recordedBy: recorded) == size)
        #expect(try open.recordedTime(size - 1) == recorded)
        #expect(try open.state(asOf: recorded + 59_999)?.requests[id]?.ending == nil)
        #expect(try open.state(asOf: recorded + 59_999)?.requests[id] != nil)
        let after = try #require(try open.state(asOf: recorded + 60_000))
        #expect(after.requests[id] == nil || after.requests[id]?.ending != nil)
        #expect(try open.state(asOf: memory.entries[0].recorded - 1) == nil)

        // The clock that was passed in says what "now" is.
        #expect(try open.state().requests[id]?.ending == nil)
        treasury.advance(by: 60_000)
        #expect(try open.state().digest == after.digest)
    }
}
