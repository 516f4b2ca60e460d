import Acting
import ArgumentParser
import Audit
import Bytes
import Console
import Events
import Foundation
import Ledger
import Merkle
import State

struct SubmitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Append signed events that came by file.",
        discussion: "Example: strongroom submit r3-bob.event --ledger /srv/treasury")
    @Argument(help: "Event files; - is standard input.")
    var files: [String]
    @Flag(help: "Vouch for a clock that has jumped since the last entry.")
    var confirmClock = false
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var keys: KeyOptions

    func run() throws {
        let open = try OpenLedger(
            try ledger.path(), .readWrite, isClockConfirmed: confirmClock)
        try requireSignedHead(open, keys)
        defer { checkpoint(open, keys) }
        for path in files {
            let file = try EventFile(reading: path)
            guard file.ledger == open.log.ledgerID else {
                throw CommandError.refused(
                    "\(path) is for the ledger \(file.ledger.hex), not \(open.log.ledgerID.hex)")
            }
            let event = file.submission.event
            let receipt = try open.append(file.submission).get()
            let state = try open.writer.state()
            let author = state.authors[event.author]?.member.text ?? "?"
            let request = state.requests[event.id].map {
                ", request \($0.number) (\($0.initiated.request.kind.rawValue))"
            }
            print(
                "\(event.event.fact.type.rawValue) by \(author): position \(receipt.position)"
                    + (request ?? "") + (receipt.isRepetition ? ", recorded before" : ""))
            if case .issued(let issued) = event.event.fact { print(try state.address(issued)) }
        }
    }
}

struct RequestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request", abstract: "Take a request to another machine.",
        subcommands: [Export.self])

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a request with the history that it takes to judge it.",
            discussion: """
                The file holds the log's entries, the signed checkpoint over them and the \
                request's events with their inclusion proofs; the reader replays it and trusts \
                nothing. Documents attached to the request come along (`strongroom document` \
                reads them there), those of other requests and people's names never. Without a \
                number the file is for acceptances. --since makes it small for somebody whose key \
                remembers that size. Entries that no checkpoint covers yet are signed for when the \
                log's key is in this home; without it, the request's own must be covered.

                Examples:
                  strongroom request export 3 --out r3.request
                  strongroom request export --out founding.request
                """)
        @Argument(help: "The request's number.")
        var number: UInt64?
        @Option(help: "The file to write; - is standard output.")
        var out: String
        @Option(help: "A size whose head the reader's key remembers.")
        var since: UInt64 = 0
        @Flag(help: "Leave the documents attached to the request out.")
        var withoutDocuments = false
        @OptionGroup var ledger: LedgerOptions
        @OptionGroup var keys: KeyOptions

        func run() throws {
            try signWhatIsNew()
            let open = try ledger.read()
            let id = try number.map { try open.request(number: $0) }
            guard try open.checkpointedSize() >= open.sizeCovering(request: id) else {
                throw CommandError.refused(
                    (number.map { "request \($0) is" } ?? "the newest entries are")
                        + " not checkpointed yet; run `strongroom checkpoint` where the log's key "
                        + "is")
            }
            let file = try RequestFile(
                from: open, request: id, start: since, hasDocuments: !withoutDocuments)
            try file.write(to: out)
            guard out != "-" else { return }
            print(
                "Wrote \(out): \(count(file.size - since, "entry", "entries")) up to a signed "
                    + "checkpoint.")
            let size = try open.size()
            guard file.size < size else { return }
            complain(
                "\(out) lacks \(count(size - file.size, "newer entry", "newer entries")), which no "
                    + "checkpoint covers yet")
        }

        /// Signs a checkpoint over entries that none covers, when the log's key is here. Whoever can
        /// read the ledger may be unable to write it.
        private func signWhatIsNew() throws {
            guard try isBehind(try ledger.read()) else { return }
            do {
                _ = try signCheckpoint(try OpenLedger(try ledger.path(), .readWrite), keys)
            } catch { complain("no new checkpoint is signed: \(sentence(of: error))") }
        }

        private func isBehind(_ open: OpenLedger) throws -> Bool {
            try open.checkpointedSize() < open.size()
        }
    }
}

struct CheckpointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Sign a checkpoint over all entries, let witnesses cosign it, and print it.",
        discussion: """
            Keep what it prints elsewhere: no later history can contradict it unnoticed. The \
            witnesses of the ledger's tlog-policy (`strongroom witness-policy`) are asked all at \
            once; what each said goes to standard error.

            Exit status: 0 signed and witnessed as the policy says, 1 not (yet) so.

            Example: strongroom checkpoint --ledger /srv/treasury > treasury.checkpoint
            """)
    @Flag(help: "Sign, but do not ask the witnesses.")
    var offline = false
    @Option(help: "Seconds to wait for a witness, 1 to 600.")
    var timeout = 10
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var keys: KeyOptions

    func run() async throws {
        guard (1...600).contains(timeout) else {
            throw CommandError.usage("--timeout is from 1 to 600 seconds, not \(timeout)")
        }
        let open = try OpenLedger(try ledger.path(), .readWrite)
        // A policy that can not be read is known before anything is signed.
        let policy = try open.witnessPolicy()
        guard let signed = try signCheckpoint(open, keys) else {
            throw CommandError.refused(
                "the log's key \(try open.writer.state().founding.logKey.hex) is not in this home")
        }
        guard let policy, policy.quorumCounts.of > 0, !offline else {
            return print(signed.signed.note.encodedText, terminator: "")
        }
        let cosigning = Cosigning(
            open, policy, logKey: try open.state().logKey, secondsMax: timeout)
        for outcome in try await cosigning.gather(signed) {
            let names = outcome.witnesses.map { "\($0.name)" }.joined(separator: ", ")
            complain("\(names): \(outcome.failure ?? "cosigned")".plain)
        }
        let size = signed.checkpoint.size
        let stored = try open.log.read { (view) throws(LedgerError) in
            try view.checkpoint(size: size)
        }
        print((stored ?? signed.signed).note.encodedText, terminator: "")
        let standing = try open.standing()
        complain(standing.text)
        guard standing.witnessed ?? 0 >= size else {
            throw CommandError.refused(
                "checkpointed, not yet witnessed by \(standing.needed) of \(standing.of); ask "
                    + "again with `strongroom checkpoint`")
        }
    }
}

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the ledger to a new folder while others go on appending.",
        discussion: "Example: strongroom backup /backup/treasury --ledger /srv/treasury")
    @Argument(help: "The folder to make.")
    var folder: String
    @OptionGroup var ledger: LedgerOptions

    func run() throws {
        let open = try ledger.read()
        try open.backup(to: folder)
        print(
            "Copied \(try open.size()) entries to \(folder). Keys are not in it: copy "
                + "\(KeyOptions.home())/keys too.")
    }
}

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup in place, or catch a restored ledger up.",
        discussion: """
            A backup that is older than a known head opens for reading only. It goes on when the \
            missing entries are appended from another copy (--missing-from), or a successor ledger \
            is founded; the same sizes are never signed again. --missing-from also catches up an \
            older copy whose head knows no better, as far as the other copy's newest signed \
            checkpoint, and brings the refused events that it keeps as evidence.

            Examples:
              strongroom restore /backup/treasury --ledger /srv/treasury
              strongroom restore --missing-from /other/treasury --ledger /srv/treasury
            """)
    @Argument(help: "The backup's folder.")
    var backup: String?
    @Option(help: "A copy that has the entries which this ledger lacks.")
    var missingFrom: String?
    @OptionGroup var ledger: LedgerOptions

    func run() throws {
        let path = try ledger.path()
        switch (backup, missingFrom) {
        case (let backup?, nil):
            try OpenLedger.restore(from: backup, to: path)
            let open = try OpenLedger(path, .readOnly)
            print("Restored \(count(try open.size(), "entry", "entries")) to \(path).")
            if let fault = open.log.fault { throw CommandError.refused("\(fault)") }
        case (nil, let other?):
            let open = try OpenLedger(path, .readOnly)
            let copy = try OpenLedger(other, .readOnly)
            let added = try open.appendMissing(from: copy)
            print(
                "Appended \(count(added.entries, "entry", "entries")) from \(other)"
                    + (added.evidence > 0
                        ? ", and kept \(count(added.evidence, "refused event")) as evidence." : ".")
            )
            let rest = try copy.size().subtractingReportingOverflow(try open.size())
            guard rest.overflow || rest.partialValue == 0 else {
                throw CommandError.refused(
                    "\(other) has \(count(rest.partialValue, "entry", "entries")) more, which no signed "
                        + "checkpoint covers; sign one there with `strongroom checkpoint`, and "
                        + "repeat this before anything is appended here")
            }
        default:
            throw CommandError.usage("give a backup's folder, or --missing-from; one of them")
        }
    }
}
