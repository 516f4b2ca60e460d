internal import Foundation

/// Runs whole ledgers of many authors through everything that goes wrong, each from a seed.
@main
struct Simulate {
    private static let usage = """
        usage: Tools/simulate [--seeds N] [--seed FIRST] [--seconds N]

        Each seed is a ledger of its own: authors with skewed clocks and stale views, messages that
        are lost, delayed, reordered and doubled, two writers that take turns and are killed before
        or after a commit, equivocation, forked views, backups that are put in place of the ledger,
        a witness that is started anew for every checkpoint and offered forks, a replica whose
        deltas come late, twice or out of turn.
        What the authors were told must be true in the end, the ledger must verify, and
        witness, replica and ledger must agree. A seed that
        fails is run again with --seeds 1 --seed N.
        """

    static func main() {
        var seeds: UInt64 = 100
        var first: UInt64 = 1
        var seconds = Double.infinity
        var arguments = CommandLine.arguments.dropFirst()
        while let option = arguments.popFirst() {
            switch (option, UInt64(arguments.popFirst() ?? "")) {
            case ("--seeds", let count?) where (1...1_000_000).contains(count): seeds = count
            case ("--seed", let number?) where number < 1 << 62: first = number
            case ("--seconds", let limit?) where limit > 0: seconds = Double(limit)
            default:
                say(usage)
                exit(64)
            }
        }
        say("seeds \(first) to \(first + seeds - 1)")
        let started = Date()
        var tally = Tally()
        var failed = 0
        var count = 0
        for seed in first..<first + seeds {
            guard count == 0 || Date().timeIntervalSince(started) < seconds else { break }
            count += 1
            let problems = run(seed, &tally, isVerbose: seeds == 1)
            guard !problems.isEmpty else { continue }
            failed += 1
            say("seed \(seed) failed; again: Tools/simulate --seeds 1 --seed \(seed)")
            for problem in problems.prefix(10) { say("    \(problem)") }
        }
        say(tally.description)
        say("\(count - failed) passed, \(failed) failed")
        exit(failed == 0 ? 0 : 1)
    }

    /// Runs one seed in a folder of its own; returns what was wrong.
    private static func run(_ seed: UInt64, _ tally: inout Tally, isVerbose: Bool) -> [String] {
        let folder = FileManager.default.temporaryDirectory.path + "/simulate-\(getpid())-\(seed)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            var simulation = try Simulation(seed: seed, in: folder)
            try simulation.run()
            tally += simulation.tally
            if isVerbose { say(simulation.summary) }
            return simulation.problems
        } catch {
            return ["it ended early: \(error)"]
        }
    }
}

/// Prints a line at once, also into a pipe.
func say(_ line: String) {
    print(line)
    fflush(nil)
}
