import Acting
import Audit
import Bytes
import Events
import Foundation
import Keys
import Ledger
import Merkle
import Secrets
import State
import Terminal

/// What somebody is about to sign, as it is shown: text, a question, and what is printed when it is
/// done.
struct Act {
    let intention: Intention
    /// Shown before the question; empty when there is nothing to read.
    var screen: [String] = []
    /// Asked unless --yes; nil when the command itself says enough.
    var question: String?
    /// Printed when it is done.
    let done: String
}

/// Signs one fact: replays, shows, asks, signs, and appends it or writes it to a file.
func act(
    _ options: ActOptions, at place: Workplace? = nil, _ plan: (Brief, Member) throws -> Act
) throws {
    try act(
        options.author, at: place ?? options.workplace(), out: options.out, options.consent, plan)
}

/// Signs one fact as ``act(_:at:_:)`` does, at a place that is known.
func act(
    _ author: AuthorOptions, at place: Workplace, out: String? = nil, _ consent: ConsentOptions,
    _ plan: (Brief, Member) throws -> Act
) throws {
    // Nothing is signed that can not be written then.
    if let out { try OutputFile.require(out) }
    let progress = ProgressBar("replaying", unit: "entries")
    var desk = try AuthorDesk(
        try author.keyName(), in: try author.keys.keystore(), at: place,
        clock: machineClock, progress: { progress.update($0, of: $1) })
    progress.finish()
    if let letGo = desk.letGo { complain(letGo) }
    for incident in desk.brief.incidents {
        complain("incident at position \(incident.position ?? 0): \(incident.found)")
    }
    let planned = try plan(desk.brief, try desk.member)
    let prepared = try desk.prepare(planned.intention)
    for line in planned.screen { print(line) }
    if let question = planned.question { try confirm(question, yes: consent.yes) }
    let key = try desk.file.openEventKey(try author.passphrase())
    switch try desk.author(prepared, with: key) {
    case .recorded(let receipt, _):
        print("\(planned.done) (position \(receipt.position))")
        if case .ledger(let ledger) = place { checkpoint(ledger, author.keys) }
    case .toSubmit(let file):
        let path = out ?? "-"
        try file.write(to: path)
        if path != "-" {
            print("Signed. Take \(path) to the ledger: strongroom submit \(path)")
        }
    }
}

/// Signs a checkpoint over the head when this home holds the log's key; says so when it does not.
func checkpoint(_ ledger: OpenLedger, _ keys: KeyOptions) {
    do {
        guard try signCheckpoint(ledger, keys) == nil else { return }
        complain(
            "appended, not yet checkpointed: the log's key is not in this home; run "
                + "`strongroom checkpoint` where it is")
    } catch {
        complain("appended, not yet checkpointed: \(sentence(of: error))")
        // Nobody knows what the device holds, so that `watch`, too, must not go on.
        if isFailedSync(error) { exit(74) }
    }
}

/// Signs a checkpoint over the head; nil when the log's key is not in this home.
func signCheckpoint(_ ledger: OpenLedger, _ keys: KeyOptions) throws -> VerifiedCheckpoint? {
    try ledger.signCheckpoint(from: try keys.keystore()) { file in
        try keys.logSource.read(prompt: "Passphrase of the log key \(file.name): ")
    }
}
