public import Audit
internal import Bitcoin
internal import Bytes
internal import Events
internal import State

extension PeriodReport {
    /// Reads the whole log and reports a period of it.
    ///
    /// - Parameters:
    ///   - verdict: the full verification of the same log, which judges everything.
    ///   - progress: called now and then with how many entries of how many are read.
    /// - Throws: ``ReportError`` when the period is not in the log, `AuditError` when it can not be
    ///   read.
    public static func make(
        of source: some EventSource, _ period: Period = Period(), verdict: AuditReport,
        progress: (UInt64, UInt64) -> Void = { _, _ in }
    ) throws -> PeriodReport {
        let located = try LocatedPeriod(period, in: source)
        var fold = ReportFold(located)
        var replay = Replay()
        var founded: Instant?
        try replay.run(
            source, to: located.positions.upperBound,
            progress: { progress($0, located.positions.upperBound) },
            observe: { (position, event, state, effects) throws(AuditError) in
                if position == 0 { founded = Instant(state.recorded) }
                fold.take(event, at: position, state, effects)
            })
        guard let state = fold.ending ?? replay.state, let founded else {
            throw ReportError.outside("the log has no founding event")
        }
        return PeriodReport(fold, state, located, founded, verdict)
    }

    private init(
        _ fold: ReportFold, _ state: LedgerState, _ located: LocatedPeriod, _ founded: Instant,
        _ audit: AuditReport
    ) {
        var buckets = fold.buckets
        buckets.fill()
        let positions = located.positions
        ledger = LedgerItem(
            name: state.founding.name.text, id: state.ledger.hex,
            network: state.founding.network.rawValue, founded: founded)
        period = PeriodItem(
            first: positions.isEmpty ? nil : positions.lowerBound,
            last: positions.isEmpty ? nil : positions.upperBound - 1, from: located.from,
            to: located.to, entries: UInt64(positions.count))
        verdict = Verdict(audit)
        timeline = Timeline(
            bucketMilliseconds: buckets.milliseconds, buckets: buckets.buckets,
            events: fold.events)
        requests = fold.requests.sorted { $0.number < $1.number }
        balances = Balances(wallets: fold.balances(in: state))
        movements = fold.movements
        start = fold.start
        end = Standing(state)
        changes = fold.changes
        outstanding = fold.outstanding
        exceptions = fold.exceptions.sorted {
            ($0.position ?? .max, $0.kind) < ($1.position ?? .max, $1.kind)
        }
        standard = ControlMapping(fold.evidence, fold.counts)
        activity = fold.activity(in: state)
        counts = FactType.allCases.map {
            CountItem(
                type: $0.rawValue, inPeriod: fold.counts[$0] ?? 0, inLog: audit.counts[$0] ?? 0)
        }
    }
}

extension Limited {
    func sorted(by areInOrder: (Item, Item) -> Bool) -> Limited {
        var sorted = self
        sorted.items.sort(by: areInOrder)
        return sorted
    }
}

extension PeriodReport.Verdict {
    init(_ audit: AuditReport) {
        var findings = Limited<Item>(PeriodReport.Limit.findings)
        for finding in audit.findings {
            findings.append(
                Item(
                    position: finding.position, rule: finding.rule.name,
                    expected: finding.expected, found: finding.found))
        }
        findings.omit(audit.omittedFindings)
        self.init(
            isClean: audit.isClean, size: audit.head.size, root: audit.head.root.hex,
            checkpointed: audit.checkpointed, signatures: audit.signatures,
            state: audit.stateDigest?.hex, findings: findings, notes: audit.notes,
            notChecked: audit.notChecked.map(\.description))
    }
}
