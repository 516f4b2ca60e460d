public import ArgumentParser
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
