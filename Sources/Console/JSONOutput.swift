public import ArgumentParser
public import Bitcoin
internal import Foundation

/// Whether a command answers people or programs.
public struct OutputOptions: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Answer in JSON, with its keys sorted.")
    public var isJSON = false

    /// Creates the default: text for people.
    public init() {}
}

/// Prints a value as JSON, its keys sorted, so that equal answers are equal bytes.
public func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// An amount in JSON: exact as decimal bitcoins, and in satoshis, which every reader holds exactly.
public struct JSONAmount: Encodable, Equatable {
    /// All 8 decimals.
    public let btc: String
    public let satoshis: UInt64

    /// Describes an amount.
    public init(_ amount: Amount) {
        btc = amount.bitcoin
        satoshis = amount.satoshis
    }
}

/// A time as ISO 8601 in UTC with seconds, `2026-11-21T09:00:00Z`, from milliseconds since 1970.
public func isoTime(_ milliseconds: UInt64) -> String {
    // Times are below 2^53 ms by their encoding; the calendar ends long before that.
    let seconds = min(Double(milliseconds) / 1_000, 253_402_300_799)
    return Date(timeIntervalSince1970: seconds).formatted(.iso8601)
}
