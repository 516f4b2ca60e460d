internal import Audit
internal import Events

/// A period of a ledger's history, as it was asked for.
public struct Period: Sendable, Equatable {
    /// The first moment; nil for the founding.
    public var from: Moment?
    /// The last moment; nil for the head.
    public var to: Moment?

    /// Creates a period; a position counts itself, at both ends.
    public init(from: Moment? = nil, to: Moment? = nil) {
        self.from = from
        self.to = to
    }
}

/// A period as positions of a log.
struct LocatedPeriod: Sendable, Equatable {
    /// The first position of the period, and the one behind its last.
    let positions: Range<UInt64>
    let from: Instant
    let to: Instant

    init(_ period: Period, in source: some EventSource) throws {
        let size = source.size
        guard size > 0 else { throw ReportError.outside("the log is empty") }
        let clock = RecordedTimes(source)
        let founded = try clock.at(0)
        let newest = try clock.at(size - 1)
        var start: UInt64 = 0
        var first = founded
        switch period.from {
        case nil: break
        case .position(let position):
            try Self.require(position, below: size)
            (start, first) = (position, try clock.at(position))
        case .time(let time):
            guard time <= newest else {
                throw ReportError.outside(
                    "the period begins \(CalendarTime.text(time)), after the log's last entry at "
                        + CalendarTime.text(newest))
            }
            // Entries of the very moment belong to the period.
            start = try clock.count(below: time)
            first = max(time, founded)
        }
        var end = size
        var last = newest
        switch period.to {
        case nil: break
        case .position(let position):
            try Self.require(position, below: size)
            (end, last) = (position + 1, try clock.at(position))
        case .time(let time):
            guard time >= founded else {
                throw ReportError.outside(
                    "the period ends \(CalendarTime.text(time)), before the founding at "
                        + CalendarTime.text(founded))
            }
            end = try clock.count(below: time + 1)
            last = min(time, newest)
        }
        guard start <= end, first <= last else {
            throw ReportError.emptyPeriod(
                from: CalendarTime.text(first), to: CalendarTime.text(last))
        }
        positions = start..<end
        from = Instant(first)
        to = Instant(last)
    }

    private static func require(_ position: UInt64, below size: UInt64) throws {
        guard position < size else {
            throw ReportError.outside(
                "there is no position \(position); the log's last is \(size - 1)")
        }
    }
}

/// When the entries of a source were recorded; times never fall in a log that is in order.
private struct RecordedTimes<Source: EventSource> {
    let source: Source

    init(_ source: Source) { self.source = source }

    func at(_ position: UInt64) throws -> UInt64 {
        guard let bytes = try source.entries(position..<position + 1).first,
            let entry = try? Entry(decoding: bytes.span)
        else {
            throw ReportError.outside("the entry at position \(position) can not be read")
        }
        return entry.recorded
    }

    /// How many entries were recorded before `time`.
    func count(below time: UInt64) throws -> UInt64 {
        var low: UInt64 = 0
        var high = source.size
        while low < high {
            let middle = low + (high - low) / 2
            if try at(middle) < time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
