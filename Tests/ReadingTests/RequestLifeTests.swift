import Acting
import Bitcoin
import Bytes
import Events
import Reading
import Report
import State
import StateTestSupport
import Testing

/// A request's life and why it stands where it stands.
@Suite struct RequestLifeTests {
    private let folder: ReadFolder
    private let memory: MemoryLedger

    init() throws {
        var memory = try Treasury.staged()
        let coins = try memory.fund([100_000, 50_000])
        _ = try memory.sendAuthorised([coins[0]], paying: 20_000)
        _ = try memory.send([coins[1]], paying: 10_000)
        self.memory = memory
        folder = try ReadFolder(memory)
    }

    /// The numbers of the two transfers, the authorised one first.
    private func transfers() throws -> (authorised: UInt64, open: UInt64) {
        let live = memory.state.requests.values.filter { $0.transfer != nil }
            .sorted { $0.number < $1.number }
        return (try #require(live.first).number, try #require(live.last).number)
    }

    @Test func `a complete quorum is explained by the rule that decided`() throws {
        let reading = try folder.reading()
        let life = try RequestLife(try transfers().authorised, reading)
        let explanation = try Explanation(life, reading)
        let position = try #require(life.authorisedAt)
        #expect(explanation.quorum == "complete at position \(position)")
        #expect(explanation.authorisedAt == position)
        #expect(explanation.approvals.last?.position == position)
        #expect(explanation.sentence.contains("was authorised at position \(position)"))
        #expect(explanation.outcome.hasPrefix("waits for "))
        #expect(explanation.endedAt == nil)
    }

    @Test func `what is missing is named while the quorum is open`() throws {
        let reading = try folder.reading()
        let life = try RequestLife(try transfers().open, reading)
        let explanation = try Explanation(life, reading)
        #expect(life.authorisedAt == nil)
        #expect(explanation.approvals.isEmpty)
        #expect(explanation.quorum.hasPrefix("missing "))
        #expect(explanation.terms.contains { !$0.isMet })
    }

    @Test func `an earlier moment shows a request as it was then`() throws {
        let number = try transfers().authorised
        let life = try RequestLife(number, try folder.reading())
        let position = try #require(life.authorisedAt)
        let before = try folder.reading(at: "\(position - 1)")
        #expect(before.shown?.position == position - 1)
        #expect(try RequestLife(number, before).authorisedAt == nil)
        let at = try folder.reading(at: "\(position)")
        #expect(try RequestLife(number, at).authorisedAt == position)
        let first = life.request.position
        #expect(
            throws: ReadingError.requestNotYet(
                number, position: first, recorded: life.request.recorded)
        ) { _ = try RequestLife(number, try folder.reading(at: "\(first - 1)")) }
    }

    @Test func `moments outside of the history are refused`() throws {
        let last = try folder.ledger.size() - 1
        #expect(throws: ReadingError.noPosition(last + 1, last: last)) {
            _ = try folder.reading(at: "\(last + 1)")
        }
        let founded = try folder.ledger.recordedTime(0)
        #expect(throws: ReadingError.beforeFounding(0, founded: founded)) {
            _ = try folder.reading(at: "1970-01-01")
        }
        let future = try #require(CalendarTime.milliseconds(parsing: "9000-01-01"))
        let recorded = try folder.ledger.recordedTime(last)
        #expect(throws: ReadingError.future(future, last: last, recorded: recorded)) {
            _ = try folder.reading(at: "9000-01-01")
        }
    }

    @Test func `a request that expired is explained by the time, to the millisecond`() throws {
        var memory = memory
        let expires = memory.clock + 60_000
        _ = try memory.initiate(
            .replacePolicy(.ledger, with: "2 of (alice, bob)"), by: "alice", expires: expires)
        let number = memory.state.nextNumber - 1
        memory.clock = expires
        let folder = try ReadFolder(memory)
        let reading = try folder.reading()
        let life = try RequestLife(number, reading)
        #expect(life.status == .expired)
        let explanation = try Explanation(life, reading)
        #expect(explanation.outcome.hasPrefix("expired at \(CalendarTime.text(expires))"))
    }

    @Test func `balances and coins count what is free and what requests hold`() throws {
        let reading = try folder.reading()
        let wallet = try #require(try reading.wallets("main").first)
        let balance = BalanceSummary(wallet, reading.state)
        let coins = reading.state.coins.values.filter { $0.spent == nil }
            .map { CoinSummary($0, reading.state) }
        #expect(balance.reserved.satoshis == 150_000)
        #expect(balance.confirmed.satoshis == 0)
        #expect(balance.state == "ready")
        #expect(coins.allSatisfy { $0.state.hasPrefix("reserved by request ") })
        #expect(throws: ReadingError.noWallet("other", known: ["main"])) {
            _ = try reading.wallets("other")
        }
    }
}
