internal import Audit
internal import Bytes
internal import Events
internal import Foundation
internal import Ledger

/// The rounds of a kill test and what came of them.
struct Rounds {
    static let processes = 3

    let folder: String
    private(set) var passed = 0
    private(set) var failed = 0
    private(set) var acknowledged = 0
    private(set) var size: UInt64 = 0
    private var random: SplitMix
    /// How much of each process's file has been read.
    private var offsets = [UInt64](repeating: 0, count: Rounds.processes)

    init(folder: String, seed: UInt64) {
        self.folder = folder
        random = SplitMix(state: seed)
    }

    /// Starts the processes, kills them, and checks what they leave behind.
    mutating func run(_ number: Int, replays: Bool) throws {
        let before = size
        let processes = try (0..<Self.processes).map { try start($0) }
        for process in processes.shuffled(using: &random) {
            usleep(UInt32.random(in: 20_000...500_000, using: &random))
            if !process.isRunning { fail(number, "a process ended by itself") }
            kill(process.processIdentifier, SIGKILL)
        }
        for process in processes { process.waitUntilExit() }
        let failures = failed
        do {
            try check(number, replays: replays)
        } catch {
            fail(number, "the ledger can not be read: \(error)")
        }
        if failed == failures { passed += 1 }
        if replays {
            say("round \(number): \(size) entries, \(size - before) in this round")
        }
    }

    private func start(_ number: Int) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--append", folder, "\(number)"]
        try process.run()
        return process
    }

    /// Looks for everything acknowledged since the last look; replays the ledger if asked to.
    mutating func check(_ number: Int, replays: Bool) throws {
        let log = try Log.open(folder + "/ledger", .readWrite)
        let source = try LogSource(log)
        if source.size < size { fail(number, "the log has shrunk to \(source.size) from \(size)") }
        size = source.size
        for process in 0..<Self.processes {
            for (position, id) in try newAcknowledgements(of: process) {
                acknowledged += 1
                let entry = try source.entries(position..<position + 1).first
                let event = try entry.map {
                    try SignedEvent(decoding: Entry(decoding: $0.span).event, ledger: log.ledgerID)
                }
                if event?.id.hex != id {
                    fail(number, "event \(id) was acknowledged at \(position) and is not there")
                }
            }
        }
        guard replays else { return }
        var replay = Replay()
        try replay.run(source, to: source.size)
        for finding in replay.findings.prefix(10) { fail(number, "replay: \(finding)") }
        if replay.size != source.size { fail(number, "replay ended at \(replay.size)") }
        for finding in try log.check().prefix(10) { fail(number, "tree: \(finding)") }
    }

    /// The whole lines that a process has written since the last look; a line cut short by the kill
    /// was never acknowledged to anybody.
    private mutating func newAcknowledgements(
        of process: Int
    ) throws -> [(position: UInt64, id: String)] {
        let path = Appender.path(folder, process)
        guard let file = FileHandle(forReadingAtPath: path) else { return [] }
        defer { try? file.close() }
        try file.seek(toOffset: offsets[process])
        let data = try file.readToEnd() ?? Data()
        let end = data.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? data.startIndex
        let text = String(decoding: data[..<end], as: UTF8.self)
        offsets[process] += UInt64(text.utf8.count)
        // The next process of this number starts on a line of its own.
        _ = unsafe truncate(path, Int(offsets[process]))
        return text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ")
            guard parts.count == 2, let position = UInt64(parts[0]) else { return nil }
            return (position, String(parts[1]))
        }
    }

    private mutating func fail(_ number: Int, _ reason: String) {
        failed += 1
        say("round \(number): \(reason)")
    }
}

/// A small generator of numbers that a seed repeats (Steele, Lea and Flood's SplitMix64).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
