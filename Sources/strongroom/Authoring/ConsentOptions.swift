import Acting
import ArgumentParser
import Bytes
import Events
import Foundation
import Keys
import Ledger
import Merkle
import Secrets
import State
import Terminal

/// Whether the question before signing is answered beforehand.
struct ConsentOptions: ParsableArguments {
    @Flag(help: "Do not ask; for scripts.")
    var yes = false
}

/// Asks a question on the terminal; `yes` answers it.
func confirm(_ question: String, yes: Bool) throws {
    if yes { return }
    guard isatty(STDIN_FILENO) == 1 else {
        throw CommandError.usage("nobody is there to answer \"\(question)\"; add --yes in scripts")
    }
    writeError("\(question) [y/N] ")
    guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
        throw CommandError.refused("not confirmed; nothing was signed")
    }
}
