import Acting
import Audit
import Bytes
import Console
import Events
import Foundation
import Keys
import Ledger
import Merkle
import Secrets
import State

/// A fact that is about to be signed: what it is, and how it is shown to its author.
struct Intention {
    let fact: Fact
    var blobs: [[UInt8]] = []
    /// Shown before the question; empty when there is nothing to read.
    var screen: [String] = []
    /// Asked unless --yes; nil when the command itself says enough.
    var question: String?
    /// Printed when it is done.
    let done: String
}

/// Signs one fact: replays, shows, asks, signs, and appends it or writes it to a file.
///
/// - Returns: where it was recorded; nil when it went to a file.
@discardableResult
func act(
    _ options: ActOptions, at place: Workplace? = nil,
    _ intention: (Brief, Member) throws -> Intention
) throws -> (Receipt, Digest32)? {
    try act(
        options.author, at: place ?? options.workplace(), out: options.out, options.consent,
        intention)
}

/// Signs one fact as ``act(_:at:_:)`` does, at a place that is known.
@discardableResult
func act(
    _ author: AuthorOptions, at place: Workplace, out: String? = nil, _ consent: ConsentOptions,
    _ intention: (Brief, Member) throws -> Intention
) throws -> (Receipt, Digest32)? {
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
    let planned = try intention(desk.brief, try desk.member)
    let prepared = try desk.prepare(planned.fact, blobs: planned.blobs)
    for line in planned.screen { print(line) }
    if let question = planned.question { try confirm(question, yes: consent.yes) }
    let key = try desk.file.openEventKey(try author.passphrase())
    switch try desk.author(prepared, with: key) {
    case .recorded(let receipt, let id):
        print("\(planned.done) (position \(receipt.position))")
        if case .ledger(let ledger) = place { checkpoint(ledger, author.keys) }
        return (receipt, id)
    case .toSubmit(let file):
        let path = out ?? "-"
        try file.write(to: path)
        if path != "-" {
            print("Signed. Take \(path) to the ledger: strongroom submit \(path)")
        }
        return nil
    }
}

/// Signs a checkpoint over the head when this home holds the log's key; says so when it does not.
func checkpoint(_ ledger: OpenLedger, _ keys: KeyOptions) {
    do {
        guard let signed = try signCheckpoint(ledger, keys) else {
            complain(
                "appended, not yet checkpointed: the log's key is not in this home; run "
                    + "`strongroom checkpoint` where it is")
            return
        }
        _ = signed
    } catch {
        complain("appended, not yet checkpointed: \(sentence(of: error))")
        // Nobody knows what the device holds, so that `watch`, too, must not go on.
        let isFailedSync =
            (error as? LedgerError)?.isFailedSync ?? (error as? SecretsError)?.isFailedSync
        if isFailedSync == true { exit(74) }
    }
}

/// Signs a checkpoint over the head; nil when the log's key is not in this home.
func signCheckpoint(_ ledger: OpenLedger, _ keys: KeyOptions) throws -> VerifiedCheckpoint? {
    let keystore = try keys.keystore()
    let state = try ledger.writer.state()
    guard let file = try logKeyFile(of: state, in: keystore) else { return nil }
    let passphrase = try logPassphraseSource(keys).read(
        prompt: "Passphrase of the log key \(file.name): ")
    let box = NoteKeyBox(try file.openNoteKey(for: .log, passphrase))
    let signer = CheckpointSigner(key: try state.logKey) { message in
        try? box.key.sign(message)
    }
    // Locked as late as can be: another process may be waiting to sign.
    var memory = try keystore.signedHeads(of: file)
    return try ledger.signCheckpoint(with: signer, &memory)
}

/// Refuses to append to a ledger that lacks a head which the log's key of this home has signed.
func requireSignedHead(_ ledger: OpenLedger, _ keys: KeyOptions) throws {
    let keystore = try keys.keystore()
    guard let file = try logKeyFile(of: try ledger.writer.state(), in: keystore),
        let head = try keystore.signedHead(of: ledger.log.ledgerID, by: file)
    else { return }
    try ledger.requireHead(head)
}

private func logKeyFile(of state: LedgerState, in keystore: Keystore) throws -> KeyFile? {
    let wanted = state.founding.logKey.array
    for listing in try keystore.list() {
        guard case .success(let file) = listing.file, case .note(.log, let key) = file.publicPart,
            key == wanted
        else { continue }
        return file
    }
    return nil
}

private func logPassphraseSource(_ keys: KeyOptions) -> PassphraseSource {
    ProcessInfo.processInfo.environment["STRONGROOM_LOG_PASSPHRASE"] != nil
        ? .environment("STRONGROOM_LOG_PASSPHRASE") : keys.source
}

/// Holds a key for a signer that outlives the call.
final class NoteKeyBox: Sendable {
    let key: NoteKey
    init(_ key: consuming NoteKey) { self.key = key }
}
