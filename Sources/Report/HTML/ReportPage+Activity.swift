extension ReportPage {
    var activity: String {
        var table = HTMLTable(
            "Events of each key in the period (times in UTC)", ("Member", .text),
            ("Key", .text), ("Status", .text), ("Events", .number), ("Of which", .text),
            ("First", .time), ("Last", .time))
        for item in report.activity {
            let parts = item.events.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            table.add(html: [
                escaped(item.member), short(item.key),
                tag(item.status, item.status == "in-force" ? "good" : "warn"), "\(item.total)",
                escaped(parts.joined(separator: ", ")), cell(item.first), cell(item.last),
            ])
        }
        return table.html()
    }

    var controls: String {
        let groups: [(ControlMapping.Standing, String, String)] = [
            (.evidenced, "good", "The period's events are what the control asks for."),
            (.supported, "plain", "They speak for a part of it; the rest is outside of a log."),
            (.noEvents, "warn", "Events could speak for it; this period has none."),
            (.notByLog, "plain", "No log can show it: look elsewhere."),
            (.notMapped, "plain", "Its text was not at hand when this program was made."),
        ]
        var table = HTMLTable(
            "\(report.standard.standard): what the period's events speak for",
            ("Control", .text), ("Levels", .text), ("Topic", .text), ("Standing", .text),
            ("Events", .number), ("First positions", .text), ("Why", .text))
        for item in report.standard.items {
            let kind = groups.first { $0.0 == item.standing }?.1 ?? "plain"
            table.add(html: [
                escaped(item.control), escaped(item.levels), escaped(item.topic),
                tag(item.standing.rawValue, kind), item.events == 0 ? "" : "\(item.events)",
                item.positions.map(String.init).joined(separator: ", "), escaped(item.note),
            ])
        }
        let meaning = groups.map { standing, kind, words in
            "<div><dt>\(tag(standing.rawValue, kind))</dt><dd>\(escaped(words))</dd></div>\n"
        }
        return "<p>The CryptoCurrency Security Standard of the CryptoCurrency Certification "
            + "Consortium asks for much that leaves no event. This table claims no compliance: it "
            + "says where in the log an auditor finds what speaks for a control, and where not to "
            + "look for it. Topics are in our words; a row of two numbers stands for all controls "
            + "of that aspect.</p>\n<dl>\n" + meaning.joined() + "</dl>\n" + table.html()
    }

    var about: String {
        let limit = PeriodReport.Limit.self
        return definitions([
            (
                "Made from",
                "the entries alone: every signature, decision, hash and proof was judged anew"
            ),
            (
                "It proves",
                "that the history is complete, in order and authorised at each step, as far as the "
                    + "verdict says"
            ),
            (
                "It does not prove",
                "that the first entry was true; that nothing was cut off or forked, unless a "
                    + "checkpoint was kept elsewhere; that coins did not move, beyond what the "
                    + "watcher's key reported"
            ),
            (
                "Limits",
                "\(limit.events) entries of the timeline, \(limit.rows) rows of each other table, "
                    + "\(limit.findings) findings, \(limit.buckets) bars of a chart, "
                    + "\(Charts.lifeLimit) requests drawn; beyond that it counts"
            ),
            (
                "Late",
                "an event that was recorded more than "
                    + "\(Charts.span(limit.lateness)) after its author signed it"
            ),
            ("The same as data", "<code>strongroom report --json</code>"),
        ])
    }
}
