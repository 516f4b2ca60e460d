import ArgumentParser
import Foundation
import State
import StateTestSupport

@main
struct Histories: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "histories",
        abstract: "Write histories, good and tampered with, for verifiers to judge.",
        discussion: """
            Each stands in a folder of its own: `ledger` and, signed by an export key, `export`. \
            Everything follows from the seeds. Prints a JSON array of what was made: the name, \
            the kind, the seed, what was done, how many entries there are, and what must be \
            found, as far as whoever made the history knows.
            """)
    @Argument(help: "The folder to make them in.")
    var folder: String
    @Option(help: "The first seed.")
    var first: UInt64 = 1
    @Option(help: "How many seeds: each makes a history of members who act at random.")
    var seeds: UInt64 = 8
    @Option(help: "How many histories for each rule that refuses.")
    var provoked: UInt64 = 0

    @Flag(help: "Also a ledger in which everything happens once, to make attacks on.")
    var story = false

    func run() throws {
        var made: [Made] = []
        if story {
            let story = try Story()
            made.append(
                try write(History(story)) { try LedgerFolder($0, writing: story.ledger) })
        }
        for seed in first..<(first + seeds) { made.append(try write(try History(seed: seed))) }
        for seed in first..<first + provoked {
            for rule in Refusal.Rule.allCases {
                guard let history = try History(provoking: rule, seed: seed) else { continue }
                made.append(try write(history))
            }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        print(String(decoding: try encoder.encode(made), as: UTF8.self))
    }

    private func write(
        _ history: History, folder make: ((String) throws -> LedgerFolder)? = nil
    ) throws -> Made {
        let path = "\(folder)/\(history.name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let place = "\(path)/ledger"
        let ledger = try make?(place) ?? LedgerFolder(place, history)
        try ledger.export(to: "\(path)/export")
        return Made(
            name: history.name, kind: history.kind.rawValue, seed: history.seed,
            story: history.story, entries: history.entries.count, expected: history.expected)
    }
}

/// What is printed of a history.
private struct Made: Encodable {
    let name: String
    let kind: String
    let seed: UInt64
    let story: [String]
    let entries: Int
    let expected: [MemoryLedger.Found]?
}
