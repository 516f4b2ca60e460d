public import Bitcoin

/// A moment in milliseconds since 1970; in JSON as ISO 8601 in UTC.
public struct Instant: Sendable, Hashable, Comparable, Encodable {
    public let milliseconds: UInt64

    /// Wraps milliseconds since 1970.
    public init(_ milliseconds: UInt64) { self.milliseconds = milliseconds }

    /// `2026-11-21T09:00:00.250Z`.
    public var text: String { CalendarTime.text(milliseconds) }

    public static func < (left: Instant, right: Instant) -> Bool {
        left.milliseconds < right.milliseconds
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// An amount that may be negative; in JSON exact as decimal bitcoins and in satoshis.
public struct Money: Sendable, Hashable, Encodable {
    public var satoshis: Int64

    /// Wraps satoshis.
    public init(satoshis: Int64) { self.satoshis = satoshis }

    /// Wraps an amount, which never exceeds 2.1e15 satoshis.
    public init(_ amount: Amount) { satoshis = Int64(amount.satoshis) }

    /// Nothing.
    public static let zero = Money(satoshis: 0)

    /// All 8 decimals: `-0.50000000`.
    public var btc: String {
        let size = satoshis.magnitude
        let digits = String(size % Amount.satoshisPerBitcoin)
        return (satoshis < 0 ? "-" : "") + "\(size / Amount.satoshisPerBitcoin)."
            + String(repeating: "0", count: 8 - digits.count) + digits
    }

    private enum Key: CodingKey { case btc, satoshis }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(btc, forKey: .btc)
        try container.encode(satoshis, forKey: .satoshis)
    }
}

/// Who did something, where and when.
public struct Step: Sendable, Equatable, Encodable {
    public let member: String
    public let position: UInt64
    public let time: Instant
}

/// At most so many items, and how many there are beyond them.
public struct Limited<Item: Sendable & Encodable>: Sendable, Encodable {
    public internal(set) var items: [Item] = []
    public private(set) var omitted = 0
    public let limit: Int

    init(_ limit: Int) { self.limit = limit }

    mutating func append(_ item: Item) {
        if items.count < limit { items.append(item) } else { omitted += 1 }
    }

    mutating func omit(_ count: Int) { omitted += count }
}
