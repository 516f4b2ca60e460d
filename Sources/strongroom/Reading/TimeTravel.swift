import Acting
import ArgumentParser
import Auditing
import Report
import State
import Terminal

/// The moment of the history that a reading command shows.
struct MomentOptions: ParsableArguments {
    @Option(
        name: .customLong("at"),
        help: ArgumentHelp(
            "Show how it was: after the entry at this position, or at this time (ISO 8601, UTC "
                + "unless a zone is given; a date alone is its first moment).",
            valueName: "position|time"))
    var moment: String?
}

/// The moment that is shown, as the first line says it.
struct ShownMoment: Encodable, Equatable {
    /// The last entry that counts.
    let position: UInt64
    /// When that entry was recorded.
    let recorded: String
    /// The time that was asked for; nil when a position was.
    let time: String?

    var line: String {
        let entry = "position \(position), recorded \(recorded)"
        return time.map { "At \($0): after \(entry)" } ?? "At \(entry)"
    }
}

/// An answer about an earlier moment, for programs.
struct JSONAt<Value: Encodable>: Encodable {
    let at: ShownMoment
    let value: Value
}

extension LedgerReading {
    static func state(
        of ledger: OpenLedger, at moment: Moment
    ) throws -> (LedgerState, ShownMoment) {
        let last = try ledger.size() - 1
        switch moment {
        case .position(let position):
            guard position <= last else {
                throw CommandError.refused(
                    "there is no position \(position); the log's last is \(last)")
            }
            let state = try ledger.state(at: position + 1)
            return (state, ShownMoment(state, time: nil))
        case .time(let time):
            let recorded = try ledger.recordedTime(last)
            guard time <= max(machineClock(), recorded) else {
                throw CommandError.refused(
                    "\(CalendarTime.text(time)) is still to come; the log's last entry, at position "
                        + "\(last), was recorded \(CalendarTime.text(recorded))")
            }
            guard let state = try ledger.state(asOf: time) else {
                throw CommandError.refused(
                    "\(CalendarTime.text(time)) is before the founding, which was recorded "
                        + CalendarTime.text(try ledger.recordedTime(0)))
            }
            return (state, ShownMoment(state, time: time))
        }
    }

    /// Says which moment is shown, when it is not the head.
    func printMoment() {
        if let shown { print(shown.line) }
    }

    /// Answers programs: as without `--at`, or wrapped with the moment that is shown.
    func answer(_ value: some Encodable) throws {
        guard let shown else { return try printJSON(value) }
        try printJSON(JSONAt(at: shown, value: value))
    }
}

extension ShownMoment {
    fileprivate init(_ state: LedgerState, time: UInt64?) {
        position = state.size - 1
        recorded = CalendarTime.text(state.recorded)
        self.time = time.map { CalendarTime.text($0) }
    }
}
