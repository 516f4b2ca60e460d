public import ArgumentParser
internal import Audit
internal import Bytes
internal import Events
internal import Export
internal import Files
internal import Foundation
internal import Ledger
public import Report
public import Terminal

/// What is reported, and as what.
public struct ReportingOptions: ParsableArguments {
    @Argument(
        help: """
            A ledger's folder; an export of the whole log as a folder, a .tar, a .tar.zst or the \
            URL of one. Default: --ledger, or $STRONGROOM_LEDGER.
            """,
        completion: .file())
    var folder: String?
    @Option(
        name: .customLong("ledger"), help: "The same, as other commands name it.",
        completion: .file())
    var ledger: String?
    @Option(help: "Write the report as one HTML page to this new file.", completion: .file())
    var html: String?
    @Option(
        help: ArgumentHelp(
            "Where the period begins: a position or an ISO 8601 time. Default: the founding.",
            valueName: "position|time"))
    var from: String?
    @Option(
        help: ArgumentHelp(
            "Where it ends, all of that position, day, minute or second included. Default: the "
                + "last entry.",
            valueName: "position|time"))
    var to: String?
    @Option(help: "The ledger's id: all that must be known beforehand.")
    var ledgerID: String?
    @OptionGroup var witnesses: WitnessOptions
    @OptionGroup var chain: NodeOptions
    @OptionGroup var output: OutputOptions

    /// Creates options without values.
    public init() {}

    fileprivate func path() throws -> String {
        guard
            let path = folder ?? ledger ?? ProcessInfo.processInfo.environment["STRONGROOM_LEDGER"],
            !path.isEmpty
        else {
            throw ValidationError("Name a ledger's folder or an export, or set STRONGROOM_LEDGER.")
        }
        return path
    }
}

/// The command `report`, which `strongroom` and the auditor's `strongroom-verify` share.
public enum Reporting {
    /// The command's help.
    public static func discussion(program: String) -> String {
        """
        Verifies the whole history, as `verify` does, and tells an auditor about a period of it: \
        verdict, requests and their quorums, balances, coins and the events behind them, members \
        and rules with every change, released signatures, exceptions, activity, and which controls \
        of the CCSS the events speak for.

        Exit status: 0 clean, 1 findings, 2 not checkable.

        Examples:
          \(program) /srv/treasury --html q3.html
          \(program) 2026-q3.tar.zst --html q3.html
          \(program) --from 2026-07-01 --to 2026-09-30 --html q3.html
          \(program) --from 0 --to 1023 --json
        """
    }

    /// Verifies, writes the report, and throws the exit status unless the ledger is clean.
    public static func run(_ options: ReportingOptions) async throws {
        guard options.html != nil || options.output.isJSON else {
            throw ValidationError("Say what to make: --html FILE, --json, or both.")
        }
        let folder = try options.path()
        if let html = options.html {
            do { try OutputFile.require(html) } catch { throw ReportError.outside("\(error)") }
        }
        let period = Period(
            from: try options.from.map { try Moment(parsing: $0) },
            to: try options.to.map { try Moment(parsing: $0, asEnd: true) })
        let report: PeriodReport
        do {
            report = try await make(folder, period, options)
        } catch let error as AuditError {
            complain("could not check: \(error)")
            throw ExitCode(2)
        }
        if let html = options.html {
            let page = Array(ReportPage(report).html.utf8)
            do { try OutputFile.write(page, to: html) } catch {
                throw ReportError.outside("\(error)")
            }
        }
        if options.output.isJSON { try printJSON(report) } else { summarise(report, options) }
        guard report.verdict.isClean else { throw ExitCode(1) }
    }

    private static func make(
        _ path: String, _ period: Period, _ options: ReportingOptions
    ) async throws -> PeriodReport {
        var terms = AuditTerms()
        if let text = options.ledgerID {
            guard let id = Digest32(hex: text) else {
                throw ValidationError("A ledger's id is 64 hexadecimal digits.")
            }
            terms.ledgerID = id
        }
        try options.witnesses.apply(to: &terms)
        let comparison = try options.chain.client().map { ChainComparison($0) }
        try comparison?.follow(&terms)
        let verifying = ProgressBar("Verifying", unit: "events")
        defer { verifying.finish() }
        terms.progress = { verifying.update($0, of: $1) }
        let form = EvidenceForm(of: path)
        guard form == .ledger else {
            return try await make(path, form, period, terms, comparison, verifying)
        }
        var outcome = try LedgerAudit(terms).run(path)
        try await comparison?.finish(&outcome)
        let log: Log
        do { log = try Log.open(path, .audit) } catch {
            throw AuditError.unreadable("\(error)")
        }
        verifying.finish()
        // What was appended since is outside of the verdict.
        return try make(try LogSource(log, first: outcome.report.head.size), period, outcome.report)
    }

    /// The report of an export.
    private static func make(
        _ path: String, _ form: EvidenceForm, _ period: Period, _ terms: AuditTerms,
        _ comparison: ChainComparison?, _ verifying: ProgressBar
    ) async throws -> PeriodReport {
        let interruption = Interruption()
        let export = try await OpenedExport.named(path, form, from: 0, interruption)
        switch export.extent {
        case .whole: break
        case .delta:
            throw AuditError.unreadable(
                "\(path) is a delta: a report needs the whole log; apply it to a replica with "
                    + "`replica apply`, and name the replica")
        case .disclosure:
            throw AuditError.unreadable(
                "\(path) is a disclosure of some events; a report needs the whole log")
        }
        var outcome = try await ExportAudit(terms).run(export)
        try await comparison?.finish(&outcome)
        let verdict = outcome.report
        guard let source = try export.source() else {
            throw AuditError.unreadable(
                "\(path) has no checkpoint to say how many entries there are")
        }
        verifying.finish()
        return try withExtendedLifetime(export) { try make(source, period, verdict) }
    }

    private static func make(
        _ source: some EventSource, _ period: Period, _ verdict: AuditReport
    ) throws -> PeriodReport {
        let bar = ProgressBar("Reporting", unit: "events")
        defer { bar.finish() }
        return try PeriodReport.make(of: source, period, verdict: verdict) {
            bar.update($0, of: $1)
        }
    }

    private static func summarise(_ report: PeriodReport, _ options: ReportingOptions) {
        let findings = report.verdict.findings.items.count + report.verdict.findings.omitted
        print(
            "Wrote \((options.html ?? "").plain): \(report.ledger.name.plain), "
                + "\(report.period.from.text) to \(report.period.to.text), "
                + "\(report.period.entries) entries.")
        print(
            report.verdict.isClean
                ? "Clean: nothing was found." : "\(findings) finding\(findings == 1 ? "" : "s").")
    }
}

extension ReportError: UsageError {
    /// Whether the command was asked for what can not be.
    public var isUsage: Bool {
        switch self {
        case .notAMoment, .emptyPeriod, .outside: true
        }
    }
}
