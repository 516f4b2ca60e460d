public import ArgumentParser
internal import Audit
internal import Foundation
internal import Terminal

/// What is verified, and against what.
public struct VerificationOptions: ParsableArguments {
    @Argument(
        help: """
            A ledger's folder; an export as a folder, a .tar, a .tar.zst or the URL of one. \
            Default: --ledger, or $STRONGROOM_LEDGER.
            """,
        completion: .file())
    var folder: String?
    @Option(
        name: .customLong("ledger"), help: "The ledger's folder, as other commands name it.",
        completion: .directory)
    var ledger: String?
    @Option(help: "The ledger's id: all that must be known beforehand.")
    var ledgerID: String?
    @Option(
        help: """
            What you kept: a checkpoint, which the log must extend, or the file of --keep, from \
            which on the log is verified.
            """,
        completion: .file())
    var since: String?
    @Option(
        help: "Write what to keep, for --since next time, to this file.", completion: .file())
    var keep: String?
    @Option(
        help: """
            The key of the auditor, 66 hexadecimal digits, who must have attested the kept result \
            in the log.
            """)
    var attestedBy: String?
    @OptionGroup var witnesses: WitnessOptions
    @Option(help: "The key that must have signed an export's manifest, as name+id+key.")
    var exportKey: String?
    @Option(
        help: """
            The most GiB that an archive is unpacked to; without it 64 times its own size, and a \
            quarter GiB where that is more.
            """)
    var maxUnpacked: UInt64?
    @Option(
        help: "Where files of a URL are kept, so that a cut costs nothing.",
        completion: .directory)
    var cache: String?
    @OptionGroup var chain: NodeOptions
    @OptionGroup var output: OutputOptions

    /// Creates options without values.
    public init() {}

    func path() throws -> String {
        let named = folder ?? ledger
        guard let path = named ?? ProcessInfo.processInfo.environment["STRONGROOM_LEDGER"],
            !path.isEmpty
        else {
            throw ValidationError("Name a ledger's folder or an export, or set STRONGROOM_LEDGER.")
        }
        return path
    }
}

/// The command `verify`, which `strongroom` and the auditor's `strongroom-verify` share.
public enum Verification {
    /// The command's help.
    public static func discussion(program: String) -> String {
        """
        Nothing of the ledger is changed, and nothing but its founding event is trusted: every \
        signature, decision, hash and proof is judged anew on all cores, and what is stored \
        besides is compared with what follows. --node rescans the chain for spends that no event \
        explains.

        Exit status: 0 clean, 1 findings, 2 not checkable.

        Examples:
          \(program) /srv/treasury
          \(program) /srv/treasury --since kept.checkpoint --ledger-id 5c1f…
          \(program) /srv/treasury --node http://127.0.0.1:8332 \\
            --cookie ~/.bitcoin/.cookie
          \(program) treasury.tar.zst \\
            --export-key treasury/5c1f…/export+0a1b2c3d+AX…
          \(program) https://log.example/treasury --policy witnesses \\
            --max-age 24h
          \(program) treasury.tar.zst --keep kept.cbor
          \(program) newer.tar.zst --since kept.cbor --keep kept.cbor

        --keep writes a new file, or replaces the kept result that --since names. With findings \
        other than incidents, missing documents and age nothing is kept.
        """
    }

    /// Verifies, prints the report, and throws the exit status unless the ledger is clean.
    public static func run(_ options: VerificationOptions) async throws {
        let folder = try options.path()
        exitOnDamagedPages()
        let outcome: AuditOutcome
        let file: KeptFile?
        do {
            file = try options.keep.map { try KeptFile($0) }
            outcome = try await audit(folder, options)
        } catch let error as ValidationError {
            throw error
        } catch {
            complain("could not check: \(error)")
            throw ExitCode(2)
        }
        let report = outcome.report
        if options.output.isJSON {
            try printJSON(JSONReport(report))
        } else {
            for line in VerificationScreen.lines(report) { print(line) }
        }
        // What was found is said first: that it can not be kept must not hide it.
        let isKept = try keep(outcome, file)
        guard report.isClean else { throw ExitCode(1) }
        guard isKept else { throw ExitCode(2) }
    }

    private static func audit(
        _ path: String, _ options: VerificationOptions
    ) async throws -> AuditOutcome {
        var target = try AuditTarget(path, options)
        let bar = ProgressBar("Verifying", unit: "events")
        target.terms.progress = { bar.update($0, of: $1) }
        defer { bar.finish() }
        guard let client = try options.chain.client() else { return try await target.run() }
        let comparison = ChainComparison(client)
        try comparison.follow(&target.terms)
        var outcome = try await target.run()
        bar.finish()
        try await comparison.finish(&outcome)
        return outcome
    }

    /// Writes what --keep asks for, and says why when it does not; whether it was done.
    private static func keep(_ outcome: AuditOutcome, _ file: KeptFile?) throws -> Bool {
        guard let file else { return true }
        guard outcome.resultAtEnd != nil else {
            complain(
                "nothing was kept: the verification did not come to the end; \(file.path.plain) "
                    + "is as it was")
            return false
        }
        guard let kept = outcome.keptResult else {
            complain(
                "nothing was kept: no later verification may start from such findings; "
                    + "\(file.path.plain) is as it was")
            return false
        }
        do { try file.write(kept, startedFrom: outcome.report.kept) } catch {
            complain("nothing was kept: \(error)")
            return false
        }
        return true
    }

    /// LMDB follows the page numbers that it finds: in a file damaged by force they can lead out of
    /// it. That ends as "not checkable", not as a crash.
    private static func exitOnDamagedPages() {
        for number in [SIGSEGV, SIGBUS, SIGABRT] {
            signal(number) { _ in
                let text: StaticString =
                    "strongroom: could not check: the database's pages are damaged beyond reading\n"
                _ = unsafe write(2, text.utf8Start, text.utf8CodeUnitCount)
                _exit(2)
            }
        }
    }
}
