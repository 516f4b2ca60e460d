import Acting
import ArgumentParser
import Audit
import Bytes
import Export
import Report
import Terminal

extension ExportCommand {
    /// Writes the tables that `--csv` and `--jsonl` ask for.
    func writeTables() throws {
        guard target == nil, since == nil, keyName == nil else {
            throw CommandError.usage(
                "--csv and --jsonl stand alone: tables are unsigned and hold the whole log")
        }
        // Rows of one request hang on others: which are left out is for the reader of the tables.
        guard !disclosure.isWanted else {
            throw CommandError.usage(
                "--csv and --jsonl hold the whole log: \(disclosure.named) can not choose rows; "
                    + "choose them from the tables, or leave --csv and --jsonl out to disclose")
        }
        let targets = [
            csv.map { TableTarget.csv($0) }, try jsonl.map { try TableTarget(jsonLines: $0) },
        ]
        let source = try LogSource(try ledger.read().log)
        var findings = 0
        for target in targets.compactMap(\.self) {
            var export = TableExport()
            let bar = ProgressBar("Exporting", unit: "entries")
            export.progress = { bar.update($0, of: $1) }
            let summary = try export.write(source, to: target)
            bar.finish()
            findings = summary.findings
            if json {
                try printJSON(JSONTables(target, summary))
            } else {
                print(
                    "Wrote \(target.path): \(counted(summary.events, "event")), "
                        + "\(counted(summary.requests, "request")), "
                        + "\(counted(summary.movements, "movement")) of coins.")
            }
        }
        guard findings > 0 else { return }
        complain(
            "the history that the tables show has \(counted(findings, "finding")); run "
                + "`strongroom verify`")
        throw ExitCode(1)
    }
}

extension TableTarget {
    fileprivate var path: String {
        switch self {
        case .csv(let path), .jsonLines(let path), .jsonLinesFile(let path, _): path
        }
    }
}

private struct JSONTables: Encodable {
    let target: String
    let events: UInt64
    let requests: UInt64
    let movements: UInt64
    let findings: Int

    init(_ target: TableTarget, _ summary: TableExport.Summary) {
        self.target = target.path
        events = summary.events
        requests = summary.requests
        movements = summary.movements
        findings = summary.findings
    }
}
