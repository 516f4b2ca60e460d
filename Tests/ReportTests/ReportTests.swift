import Bitcoin
import Bytes
import Events
import Foundation
import State
import StateTestSupport
import TestSupport
import Testing

@testable import Audit
@testable import Report

/// A ledger in memory as a source of entries.
private struct MemorySource: EventSource {
    let entries: [[UInt8]]
    let blobs: [Digest32: [UInt8]]
    let places: [Digest32: UInt64]

    init(_ ledger: MemoryLedger) {
        entries = ledger.entries.map(\.encoded)
        blobs = ledger.blobs
        places = ledger.initiated
    }

    var size: UInt64 { UInt64(entries.count) }

    func entries(_ positions: Range<UInt64>) throws(AuditError) -> [[UInt8]] {
        Array(entries[Int(positions.lowerBound)..<Int(min(positions.upperBound, size))])
    }

    func blob(_ digest: Digest32) throws(AuditError) -> [UInt8]? { blobs[digest] }

    func position(ofRequest id: Digest32) throws(AuditError) -> UInt64? { places[id] }
}

/// Adds up movements and compares them with the state after each entry.
private final class CoinTally {
    private var trail = CoinTrail()
    private var sums: [WalletName: Int64] = [:]
    var causes: Set<CoinMovement.Cause> = []
    var mismatches: [String] = []
    var entries = 0

    func take(_ event: SignedEvent?, _ position: UInt64, _ state: LedgerState) {
        entries += 1
        for movement in event.map({ trail.take($0, at: position, state) }) ?? [] {
            sums[movement.owner.wallet, default: 0] += movement.delta
            causes.insert(movement.cause)
        }
        var held: [WalletName: Int64] = [:]
        for coin in state.coins.values where coin.spent == nil && coin.height != nil {
            held[coin.owner.wallet, default: 0] += Int64(coin.amount.satoshis)
        }
        for name in Set(held.keys).union(sums.keys) where held[name] ?? 0 != sums[name] ?? 0 {
            mismatches.append("\(name) at \(position)")
        }
    }
}

@Suite struct ReportTests {
    /// A random history, and the state after each of its entries.
    private static func history(
        _ seed: UInt64, steps: Int
    ) throws -> (source: MemorySource, states: [LedgerState]) {
        var history = try RandomHistory(seed: seed)
        for _ in 0..<steps { try history.step() }
        let source = MemorySource(history.ledger)
        var states: [LedgerState] = []
        var replay = Replay()
        try replay.run(
            source, to: source.size,
            observe: { (_, _, state, _) throws(AuditError) in states.append(state) })
        return (source, states)
    }

    private static func verdict(_ source: MemorySource) throws -> AuditReport {
        var replay = Replay()
        try replay.run(source, to: source.size)
        var report = AuditReport(
            ledger: try #require(replay.state).ledger, name: "random")
        report.counts = replay.counts
        report.head = replay.head
        return report
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func `movements add up to the coins that the state holds after every entry`(
        seed: UInt64
    ) throws {
        let (source, _) = try Self.history(seed, steps: 300)
        let tally = CoinTally()
        var replay = Replay()
        try replay.run(
            source, to: source.size,
            observe: { (position, event, state, _) throws(AuditError) in
                tally.take(event, position, state)
            })
        #expect(tally.mismatches == [])
        #expect(tally.causes.contains(.deposit))
        #expect(tally.entries == Int(source.size))
    }

    @Test(arguments: [11, 12, 13, 14] as [UInt64])
    func `any period's report starts and ends with the states of its ends`(seed: UInt64) throws {
        let (source, states) = try Self.history(seed, steps: 250)
        let verdict = try Self.verdict(source)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<6 {
            let last = UInt64.random(in: 0..<source.size, using: &generator)
            let first = UInt64.random(in: 0...last, using: &generator)
            let report = try PeriodReport.make(
                of: source, Period(from: .position(first), to: .position(last)),
                verdict: verdict)
            #expect(report.period.entries == last - first + 1)
            #expect((report.start == nil) == (first == 0))
            if let start = report.start {
                #expect(start.members == PeriodReport.Standing(states[Int(first) - 1]).members)
                #expect(start.policy == states[Int(first) - 1].policy.description)
            }
            #expect(report.end?.wallets == PeriodReport.Standing(states[Int(last)]).wallets)
            let events = report.counts.reduce(0) { $0 + $1.inPeriod }
            #expect(events == report.period.entries)
            #expect(report.timeline.buckets.reduce(0) { $0 + $1.count } == Int(events))
            #expect(report.timeline.buckets.count <= PeriodReport.Limit.buckets)
            #expect(report.activity.reduce(0) { $0 + $1.total } == Int(events))
            for wallet in report.balances.wallets {
                #expect(wallet.difference == .zero, "\(wallet.wallet)")
                #expect(
                    report.timeline.buckets.last?.wallets[wallet.wallet] ?? .zero
                        == wallet.closing)
            }
            // Every request that was alive, and no other.
            let alive = Set(
                states[Int(first)...Int(last)].flatMap { $0.requests.values.map(\.number) })
            let listed = Set(report.requests.items.map(\.number))
            #expect(listed.isSuperset(of: alive))
            #expect(report.requests.items.count == listed.count)
        }
    }

    @Test func `a period of one half and the other has the events of both`() throws {
        let (source, _) = try Self.history(21, steps: 200)
        let verdict = try Self.verdict(source)
        let middle = source.size / 2
        func report(_ from: UInt64, _ to: UInt64) throws -> PeriodReport {
            try PeriodReport.make(
                of: source, Period(from: .position(from), to: .position(to)), verdict: verdict)
        }
        let whole = try report(0, source.size - 1)
        let first = try report(0, middle - 1)
        let second = try report(middle, source.size - 1)
        #expect(first.balances.wallets.map(\.closing) == second.balances.wallets.map(\.opening))
        #expect(
            whole.movements.items.count
                == first.movements.items.count + second.movements.items.count)
        #expect(
            whole.changes.items.count == first.changes.items.count + second.changes.items.count)
        #expect(whole.timeline.events.items.count == Int(source.size))
    }

    @Test func `lists stop at their limit and count the rest`() {
        var list = Limited<String>(2)
        for item in ["a", "b", "c", "d"] { list.append(item) }
        #expect(list.items == ["a", "b"])
        #expect(list.omitted == 2)
    }

    @Test func `periods that are not in the log are refused`() throws {
        let (source, _) = try Self.history(31, steps: 20)
        let verdict = try Self.verdict(source)
        func make(_ from: Moment?, _ to: Moment?) throws -> PeriodReport {
            try PeriodReport.make(of: source, Period(from: from, to: to), verdict: verdict)
        }
        for (from, to) in [
            (.position(source.size), nil), (nil, .position(source.size)),
            (.time(.max >> 12), nil), (nil, .time(0)), (.position(5), .position(3)),
        ] as [(Moment?, Moment?)] {
            #expect(throws: ReportError.self) { _ = try make(from, to) }
        }
        #expect(try make(.position(3), .position(3)).period.entries == 1)
    }

    @Test func `text can not leave the place where it is set`() {
        let hostile = "</td><script>\"'&\u{202e}\u{1b}[2J\n"
        #expect(
            escaped(hostile)
                == "&lt;/td&gt;&lt;script&gt;&quot;&#39;&amp;\\u{202e}\\u{1b}[2J\\u{a}")
        #expect(escaped("Zürich 東京 💰") == "Zürich 東京 💰")
        for scalar in (0...0x2fff).compactMap(Unicode.Scalar.init) {
            let text = escaped(String(scalar))
            #expect(!text.contains("<") && !text.contains(">") && !text.contains("\""))
        }
        var table = HTMLTable("<b>", ("<i>", .text), ("&", .number))
        table.add("<u>", "'")
        let html = table.html(omitted: 1, what: "<s>")
        for tag in ["<b>", "<i>", "<u>", "<s>"] { #expect(!html.contains(tag)) }
    }

    @Test func `money is exact`() {
        #expect(Money(satoshis: 0).btc == "0.00000000")
        #expect(Money(satoshis: -1).btc == "-0.00000001")
        #expect(Money(satoshis: 2_100_000_000_000_000).btc == "21000000.00000000")
        #expect(Money(satoshis: -150_000_000).btc == "-1.50000000")
    }

    @Test(
        arguments: [0, 1, 999, 60_000, 3_600_000, 86_400_000 * 400, 86_400_000 * 36_500] as [UInt64]
    )
    func `bars cover any period within their limit`(span: UInt64) throws {
        let start = MemoryLedger.start + 12_345
        let buckets = TimeBuckets(from: Instant(start), to: Instant(start + span)).buckets
        #expect((1...PeriodReport.Limit.buckets).contains(buckets.count))
        let first = try #require(buckets.first?.start.milliseconds)
        let last = try #require(buckets.last?.start.milliseconds)
        #expect(first <= start)
        #expect(last <= start + span)
    }

    @Test func `the table of controls is that of the schemas`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(
            contentsOf: root.appending(path: "Schemas/ccss.csv"), encoding: .utf8)
        let lines = text.split(separator: "\n")
        #expect(lines.first == "standard,control,levels,topic,evidence,extent,note")
        #expect(lines.count == ControlTable.rows.count + 1)
        for (line, row) in zip(lines.dropFirst(), ControlTable.rows) {
            func field(_ text: String) -> String { text.contains(",") ? "\"\(text)\"" : text }
            let fields = [
                ControlTable.standard, row.control, row.levels, row.topic,
                row.evidence?.rawValue ?? "", row.extent.rawValue, row.note,
            ]
            #expect(line == fields.map(field).joined(separator: ","))
            #expect((row.evidence != nil) == (row.extent == .full || row.extent == .part))
        }
        #expect(Set(ControlTable.rows.map(\.control)).count == ControlTable.rows.count)
    }
}
