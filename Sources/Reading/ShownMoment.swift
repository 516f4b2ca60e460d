internal import Report
internal import State

/// The moment that is shown, as the first line says it.
public struct ShownMoment: Encodable, Equatable {
    /// The last entry that counts.
    public let position: UInt64
    /// When that entry was recorded.
    public let recorded: String
    /// The time that was asked for; nil when a position was.
    public let time: String?

    /// The moment, as the first line of a screen says it.
    public var line: String {
        let entry = "position \(position), recorded \(recorded)"
        return time.map { "At \($0): after \(entry)" } ?? "At \(entry)"
    }
}

/// An answer about an earlier moment, for programs.
public struct AtMoment<Value: Encodable>: Encodable {
    /// The moment.
    public let at: ShownMoment
    /// The answer, as without a moment.
    public let value: Value

    /// Wraps an answer with its moment.
    public init(at moment: ShownMoment, value: Value) {
        at = moment
        self.value = value
    }
}

extension LedgerReading {
    static func state(
        of ledger: any LedgerHistory, at moment: Moment
    ) throws -> (LedgerState, ShownMoment) {
        let last = try ledger.size() - 1
        switch moment {
        case .position(let position):
            guard position <= last else {
                throw ReadingError.noPosition(position, last: last)
            }
            let state = try ledger.state(at: position + 1)
            return (state, ShownMoment(state, time: nil))
        case .time(let time):
            let recorded = try ledger.recordedTime(last)
            guard time <= max(ledger.now(), recorded) else {
                throw ReadingError.future(time, last: last, recorded: recorded)
            }
            guard let state = try ledger.state(asOf: time) else {
                throw ReadingError.beforeFounding(time, founded: try ledger.recordedTime(0))
            }
            return (state, ShownMoment(state, time: time))
        }
    }
}

extension ShownMoment {
    fileprivate init(_ state: LedgerState, time: UInt64?) {
        position = state.size - 1
        recorded = CalendarTime.text(state.recorded)
        self.time = time.map { CalendarTime.text($0) }
    }
}
