/// A length of time as people type it: `90s`, `30m`, `12h`, `7d`.
public struct TimeSpan: Sendable, Equatable {
    /// How long it is, in milliseconds.
    public let milliseconds: UInt64

    /// How long it is, in whole seconds.
    public var seconds: UInt64 { milliseconds / 1_000 }

    /// The largest number before a unit.
    public static let countMax: UInt64 = 1 << 32 - 1

    /// Reads a number up to ``countMax`` with `s`, `m`, `h` or `d`; nil when it is none.
    public init?(_ text: String) {
        let units: [Character: UInt64] = ["s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let unit = text.last.flatMap({ units[$0] }), let count = UInt64(text.dropLast()),
            count <= Self.countMax
        else { return nil }
        milliseconds = count * unit
    }
}
