internal import Bytes
internal import Events
internal import Ledger
public import State

extension OpenLedger {
    /// How many entries were recorded at or before `time`, in milliseconds since 1970: recorded
    /// times never fall, so that some twenty entries of a million are read.
    public func size(recordedBy time: UInt64) throws -> UInt64 {
        try log.read { (view) throws(SubmissionError) in
            var low: UInt64 = 0
            var high = view.size
            while low < high {
                let middle = low + (high - low) / 2
                let recorded = try StateReader.recordedTime(middle, view)
                if recorded <= time { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    /// When the entry at `position` was recorded.
    public func recordedTime(_ position: UInt64) throws -> UInt64 {
        try log.read { (view) throws(SubmissionError) in
            try StateReader.recordedTime(position, view)
        }
    }

    /// The state right after the last entry recorded at or before `time`, with what had expired by
    /// then ended; nil before the founding.
    public func state(asOf time: UInt64) throws -> LedgerState? {
        let size = try size(recordedBy: time)
        guard size > 0 else { return nil }
        var state = try state(at: size)
        state.advance(to: time)
        return state
    }
}
