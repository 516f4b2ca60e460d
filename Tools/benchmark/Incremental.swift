internal import Acting
internal import Audit
internal import Events
internal import Foundation
internal import Ledger

/// A verification of the newest events, from what was kept of all before them.
struct Incremental {
    let folder: String

    /// How many events are new.
    private static let count: UInt64 = 1_000

    /// The rate of 1,000 new events, the median of 5, against the same signatures verified raw.
    func row() throws -> Row {
        let kept: KeptResult
        let raw: [Raw.Verification]
        do {
            let open = try OpenLedger(folder, .readOnly)
            let source = try LogSource(open.log)
            let start = source.size - Self.count
            let frontier = try open.log.read { view throws(LedgerError) in
                try view.frontier(at: start)
            }
            kept = KeptResult(
                try open.state(at: start), frontier, checkpoint: nil, findings: 0)
            raw = try source.entries(start..<source.size).compactMap { bytes in
                Raw.Verification(
                    try SignedEvent(
                        decoding: Entry(decoding: bytes.span).event, ledger: open.log.ledgerID))
            }
        }
        var times: [Double] = []
        var rawTimes: [Double] = []
        for _ in 0..<5 {
            rawTimes.append(Raw.verify(raw))
            var audit = LedgerAudit()
            audit.kept = kept
            times.append(
                try seconds {
                    let report = try audit.run(folder).report
                    precondition(
                        report.isClean, "the ledger is clean: \(report.findings.prefix(3))")
                    precondition(report.signatures == Self.count, "only what is new is verified")
                })
        }
        return Row(
            name: "incremental verify of 1,000 new events",
            value: Double(Self.count) / times.sorted()[2], unit: "events/s",
            baseline: Double(raw.count) / rawTimes.sorted()[2], target: .ratioAtLeast(0.5))
    }
}
