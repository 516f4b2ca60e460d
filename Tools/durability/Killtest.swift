internal import Acting
internal import Foundation
internal import Ledger
internal import SampleLedger

/// Kills processes that append to one ledger, again and again, and checks that nothing which was
/// acknowledged is lost and that the ledger stays sound.
@main
struct Killtest {
    private static let usage = """
        usage: Tools/killtest [--rounds N] [--seed N]

        In each round several processes append to one ledger, on several threads each, and are
        killed (SIGKILL) at a random moment. Every event whose append was acknowledged, to a file
        that is synced, must then be in the log at its place. After every tenth round the whole
        ledger is replayed.
        """

    static func main() {
        do { try run() } catch {
            say("killtest: \(error)")
            say("0 passed, 1 failed")
            exit(70)
        }
    }

    private static func run() throws {
        var rounds = 200
        var seed = UInt64.random(in: 0...UInt64(UInt32.max))
        var arguments = CommandLine.arguments.dropFirst()
        while let option = arguments.popFirst() {
            let value = arguments.popFirst() ?? ""
            switch (option, UInt64(value)) {
            case ("--append", _): return try Appender(folder: value, number: arguments).run()
            case ("--found", _): return try found(in: value)
            case ("--check", _): return try check(value)
            case ("--rounds", let count?) where (1...100_000).contains(count): rounds = Int(count)
            case ("--seed", let number?): seed = number
            default:
                say(usage)
                exit(64)
            }
        }
        let folder = FileManager.default.temporaryDirectory.path + "/killtest-\(getpid())"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        say("killtest: \(rounds) rounds, seed \(seed), in \(folder)")
        try found(in: folder)
        var running = Rounds(folder: folder, seed: seed)
        for round in 1...rounds {
            try running.run(round, replays: round % 10 == 0 || round == rounds)
        }
        say("\(running.acknowledged) events were acknowledged, \(running.size) are in the log")
        // The evidence of a failure is kept.
        if running.failed == 0 { try FileManager.default.removeItem(atPath: folder) }
        say("\(running.passed) passed, \(running.failed) failed")
        if running.failed > 0 { exit(1) }
    }

    /// Founds the ledger that processes then append to.
    private static func found(in folder: String) throws {
        let sample = try SampleLedger(members: Rounds.processes * Appender.threads)
        _ = try sample.found(in: folder + "/ledger") { SampleLedger.epoch }
    }

    /// Checks what processes left behind that somebody else has started and ended.
    private static func check(_ folder: String) throws {
        var rounds = Rounds(folder: folder, seed: 0)
        try rounds.check(1, replays: true)
        say("\(rounds.acknowledged) events were acknowledged, \(rounds.size) are in the log")
        if rounds.failed > 0 { exit(1) }
    }
}

/// Prints a line at once, also into a pipe.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
