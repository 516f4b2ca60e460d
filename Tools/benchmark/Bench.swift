internal import Foundation

/// Measures what the design promises, each figure against a raw loop of the same run.
@main
struct Bench {
    private static let usage = """
        usage: Tools/bench [--events N] [--json] [--keep FOLDER] [--only WORD]

          --events N     how many events the ledger holds (default 1000000, at least 20000)
          --json         a list of {name, value, unit, baseline, ratio, target, met}
          --keep FOLDER  makes the ledger there and keeps it; one that is there is used again
          --only WORD    measures only replay, append, opening, history, tree, proof, export
                         or incremental
        """

    private struct Options {
        var events = 1_000_000
        var isJSON = false
        var keep: String?
        var fill: String?
        var only: String?

        init?(_ arguments: [String]) {
            var rest = arguments[...]
            while let option = rest.popFirst() {
                switch option {
                case "--json": isJSON = true
                case "--events":
                    guard let count = rest.popFirst().flatMap({ Int($0) }),
                        (20_000...100_000_000).contains(count)
                    else { return nil }
                    events = count
                case "--keep": keep = rest.popFirst()
                case "--fill": fill = rest.popFirst()
                case "--only": only = rest.popFirst()
                default: return nil
                }
            }
        }
    }

    static func main() {
        do { try run() } catch {
            say("stopped: \(error)")
            exit(70)
        }
    }

    private static func run() throws {
        guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
            print(usage)
            exit(64)
        }
        if let folder = options.fill { return try Filling.fill(folder, to: options.events) }
        let folder =
            options.keep ?? FileManager.default.temporaryDirectory.path + "/bench-\(getpid())"
        defer {
            if options.keep == nil { try? FileManager.default.removeItem(atPath: folder) }
        }
        try prepare(folder, options.events)
        let rows = try measure(folder, options.only)
        report(rows, options)
        if rows.contains(where: { !$0.isMet }) { exit(1) }
    }

    /// Fills the ledger in a process of its own, whose memory is then not ours.
    private static func prepare(_ folder: String, _ events: Int) throws {
        guard !FileManager.default.fileExists(atPath: folder + "/ledger/ledger.mdb") else { return }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        say("filling a ledger with \(events) events")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--fill", folder + "/ledger", "--events", "\(events)"]
        try process.run()
        process.waitUntilExit()
        precondition(process.terminationStatus == 0, "the ledger was filled")
    }

    private static func measure(_ folder: String, _ only: String?) throws -> [Row] {
        let reading = Reading(folder: folder + "/ledger")
        func wants(_ word: String) -> Bool { only == nil || only == word }
        var rows: [Row] = []
        // Memory is measured first, while there is nothing else in it.
        if wants("replay") {
            say("replaying")
            rows += try reading.replay()
        }
        if wants("tree") {
            say("checking the tree")
            rows.append(try reading.tree())
        }
        if wants("proof") { rows.append(try reading.proof()) }
        if wants("export") {
            say("exporting")
            rows += try Exporting(folder: folder).rows()
        }
        if wants("append") {
            say("appending")
            let appending = try Appending(folder)
            rows.append(try appending.together(eventsEach: 2_048))
            rows.append(try appending.alone(count: 256))
        }
        if wants("incremental") {
            say("verifying what is new")
            rows.append(try Incremental(folder: folder + "/ledger").row())
        }
        if wants("opening") { rows.append(try reading.opening()) }
        if wants("history") { rows.append(try reading.history()) }
        return rows
    }

    private static func report(_ rows: [Row], _ options: Options) {
        if options.isJSON {
            let data = try? JSONSerialization.data(
                withJSONObject: rows.map(\.object), options: [.prettyPrinted, .sortedKeys])
            print(String(decoding: data ?? Data(), as: UTF8.self))
            return
        }
        print("\(processor), \(cores) cores; \(options.events) events\n")
        print(Row.header)
        for row in rows { print(row.line) }
    }

    private static var processor: String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
            ?? "unknown processor"
    }
}

/// Tells whoever waits how far it is; results alone go to the standard output.
func say(_ text: String) { FileHandle.standardError.write(Data("bench: \(text)\n".utf8)) }
