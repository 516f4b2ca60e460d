internal import Acting
internal import Foundation
internal import Ledger
internal import State

extension Reading {
    /// The state at times all over the history, opening included: at points as far as can be behind
    /// their snapshots. The slowest of 24.
    func history() throws -> Row {
        let size = try OpenLedger(folder, .readOnly).size()
        let interval = LedgerWriter.snapshotInterval
        let blocks = max(size / interval, 1)
        var slowest = 0.0
        for number in 0..<UInt64(24) {
            let block = number &* 0x9e37_79b9_7f4a_7c15 % blocks
            let wanted = min(block * interval + interval - 1, size)
            let time = try seconds {
                let ledger = try OpenLedger(folder, .readOnly)
                let moment = try ledger.recordedTime(wanted - 1)
                // Entries may share a moment: its last is found by bisection, the state at the
                // wanted one from the snapshot before.
                let found = try ledger.size(recordedBy: moment)
                precondition(found >= wanted, "the entry was recorded by then")
                let state = try ledger.state(at: wanted)
                precondition(state.size == wanted, "the state is that of the moment")
            }
            slowest = max(slowest, time)
        }
        return Row(
            name: "any point in history, slowest of 24", value: slowest * 1e3, unit: "ms",
            baseline: nil, target: .atMost(1_000))
    }
}
