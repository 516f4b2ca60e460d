public import ArgumentParser
internal import Audit
internal import Bytes
internal import Chain
internal import Events
internal import Export
internal import Foundation
internal import Ledger
internal import Merkle
internal import State

/// What is verified, and against what.
public struct VerificationOptions: ParsableArguments {
    @Argument(
        help: "The ledger's folder. Default: --ledger, or $STRONGROOM_LEDGER.",
        completion: .directory)
    var folder: String?
    @Option(
        name: .customLong("ledger"), help: "The ledger's folder, as other commands name it.",
        completion: .directory)
    var ledger: String?
    @Option(help: "The ledger's id: all that must be known beforehand.")
    var ledgerID: String?
    @Option(
        help: "A checkpoint that you kept: the log must extend it.",
        completion: .file())
    var since: String?
    @Option(help: "A Bitcoin node, http://user:password@host:port, to rescan the chain with.")
    var node: String?
    @Option(
        help: "The node's cookie file, when the URL has no user. Default: $STRONGROOM_COOKIE.",
        completion: .file())
    var cookie: String?
    @OptionGroup var output: OutputOptions

    /// Creates options without values.
    public init() {}

    /// The node to rescan with; nil when none is named.
    fileprivate func client() throws -> NodeClient? {
        guard let node else { return nil }
        // A user and password in the URL need no cookie.
        let known = ProcessInfo.processInfo.environment["STRONGROOM_COOKIE"]
        let file = node.contains("@") ? cookie : cookie ?? known
        return NodeClient(try NodeAddress(url: node, cookieFile: file))
    }

    fileprivate func path() throws -> String {
        let named = folder ?? ledger
        guard let path = named ?? ProcessInfo.processInfo.environment["STRONGROOM_LEDGER"],
            !path.isEmpty
        else { throw ValidationError("Name the ledger's folder, or set STRONGROOM_LEDGER.") }
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
          \(program) /srv/treasury --node http://127.0.0.1:8332 --cookie ~/.bitcoin/.cookie
        """
    }

    /// Verifies, prints the report, and throws the exit status unless the ledger is clean.
    public static func run(_ options: VerificationOptions) async throws {
        let folder = try options.path()
        exitOnDamagedPages()
        let report: AuditReport
        do {
            report = try await audit(folder, options)
        } catch let error as ValidationError {
            throw error
        } catch {
            complain("could not check: \(error)")
            throw ExitCode(2)
        }
        if options.output.isJSON {
            try printJSON(JSONReport(report))
        } else {
            for line in VerificationScreen.lines(report) { print(line) }
        }
        guard report.isClean else { throw ExitCode(1) }
    }

    private static func audit(
        _ folder: String, _ options: VerificationOptions
    ) async throws -> AuditReport {
        var audit = LedgerAudit()
        if let text = options.ledgerID {
            guard let id = Digest32(hex: text) else {
                throw ValidationError("A ledger's id is 64 hexadecimal digits.")
            }
            audit.ledgerID = id
        }
        if let path = options.since { audit.since = try checkpoint(path) }
        if DisclosureAudit.isDisclosure(folder) {
            var disclosure = DisclosureAudit()
            disclosure.ledgerID = audit.ledgerID
            disclosure.since = audit.since
            return try disclosure.run(folder)
        }
        let bar = ProgressBar("Verifying", unit: "events")
        audit.progress = { bar.update($0, of: $1) }
        guard let client = try options.client() else {
            defer { bar.finish() }
            return try audit.run(folder).report
        }
        var chain = ChainVerification()
        var failure: AuditError?
        audit.observe = { event, source in
            do throws(AuditError) {
                try chain.take(event) { (digest) throws(AuditError) in try source.blob(digest) }
            } catch { failure = error }
        }
        var outcome = try audit.run(folder)
        bar.finish()
        if let failure { throw failure }
        guard let state = outcome.state else { return outcome.report }
        try await client.check(state.founding.network)
        let blocks = ProgressBar("Scanning ", unit: "blocks")
        defer { blocks.finish() }
        try await chain.compare(state, with: client, &outcome.report) {
            blocks.update($0, of: $1)
        }
        return outcome.report
    }

    private static func checkpoint(_ path: String) throws -> SignedCheckpoint {
        let handle = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? handle.close() }
        let bytes = try handle.read(upToCount: Note.maximumBytes + 1) ?? Data()
        return try SignedCheckpoint(parsing: Array(bytes))
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
