import Bytes
import Events
import Foundation
import State
import StateTestSupport
import Testing

@Suite struct HistoryTests {
    /// The seeds that always run, or those that `STRONGROOM_SEEDS` names, as in "7" or "7-500".
    static let seeds: [UInt64] = {
        let named = ProcessInfo.processInfo.environment["STRONGROOM_SEEDS"] ?? "1-6"
        let bounds = named.split(separator: "-").compactMap { UInt64($0) }
        guard let first = bounds.first, let last = bounds.last, first <= last else { return [] }
        return Array(first...last)
    }()

    @Test(arguments: seeds)
    func `whatever members do at random is replayed to the same state`(_ seed: UInt64) throws {
        var history = try RandomHistory(seed: seed)
        for step in 0..<300 {
            try history.step()
            let violations = try history.violations
            #expect(violations.isEmpty, "seed \(seed), step \(step): \(violations)")
            guard violations.isEmpty else { return }
            if step % 20 == 0 { checkSnapshot(history.ledger.state) }
        }
        let (state, differences) = try history.replayed()
        #expect(differences.isEmpty, "seed \(seed)")
        #expect(state.encoded == history.ledger.state.encoded, "seed \(seed)")
        checkSnapshot(state)
        let statuses =
            history.ledger.effects.outcomes.map(\.status.rawValue)
            + history.ledger.state.requests.values.map(\.status.rawValue)
        let counts = Dictionary(grouping: statuses, by: \.self).mapValues(\.count)
        print(
            "seed \(seed): \(history.ledger.entries.count) entries, \(history.refused.count) "
                + "refused; requests: "
                + counts.map { "\($1) \($0)" }.sorted().joined(separator: ", ")
                + "; \(history.ledger.state.incidentCount) incidents")
    }
}
