internal import Bytes

/// A report as one HTML page that needs nothing else: no script, no font, no picture from
/// elsewhere.
public struct ReportPage: Sendable {
    let report: PeriodReport

    /// Shows a report.
    public init(_ report: PeriodReport) { self.report = report }

    static let sections: [(id: String, title: String)] = [
        ("verdict", "Verdict"), ("counts", "Counts"), ("timeline", "Timeline"),
        ("requests", "Requests and quorums"), ("balances", "Balances"),
        ("coins", "Coins and the events behind them"), ("standing", "Members, wallets and rules"),
        ("changes", "Changes"), ("outstanding", "Released signatures still outstanding"),
        ("exceptions", "Exceptions"), ("activity", "Activity of members and keys"),
        ("controls", "Controls of a standard"), ("about", "About this report"),
    ]

    /// The page, in UTF-8.
    public var html: String {
        let bodies = [
            verdict, counts, timeline, requests, balances, coins, standing, changes, outstanding,
            exceptions, activity, controls, about,
        ]
        let parts = zip(Self.sections, bodies).map { section, body in
            "<section aria-labelledby=\"\(section.id)\">\n<h2 id=\"\(section.id)\">"
                + "\(section.title)</h2>\n\(body)</section>\n"
        }
        let name = escaped(report.ledger.name)
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
            style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
            <title>Audit report: \(name), \(day(report.period.from)) to \
            \(day(report.period.to))</title>
            <style>
            \(Style.css)
            </style>
            </head>
            <body>
            <a class="skip" href="#content">Skip to the content</a>
            <header>
            <h1>Audit report of the ledger \(name)</h1>
            <p class="lede">\(moment(report.period.from)) to \(moment(report.period.to)), \
            on \(escaped(report.ledger.network))</p>
            <nav aria-label="Sections"><ul>
            \(Self.sections.map { "<li><a href=\"#\($0.id)\">\($0.title)</a></li>" }
                .joined(separator: "\n"))
            </ul></nav>
            </header>
            <main id="content">
            \(parts.joined())</main>
            <footer><p>Made by Strongroom from the ledger \
            <code>\(escaped(report.ledger.id))</code>. \
            The evidence is the log; this page only tells what is in it.</p></footer>
            </body>
            </html>

            """
    }

    // MARK: Times and words

    func day(_ instant: Instant) -> String { String(instant.text.prefix(10)) }

    /// To the second, in UTC, for people; the attribute has the milliseconds.
    func moment(_ instant: Instant) -> String {
        let text = instant.text
        return "<time datetime=\"\(text)\">\(text.prefix(10)) \(text.dropFirst(11).prefix(8))"
            + " UTC</time>"
    }

    /// The same in a table, whose caption says UTC.
    func cell(_ instant: Instant?) -> String {
        guard let text = instant?.text else { return "" }
        return "<time datetime=\"\(text)\"><span>\(text.prefix(10))</span> "
            + "<span>\(text.dropFirst(11).prefix(8))</span></time>"
    }

    func tag(_ text: String, _ kind: String) -> String {
        "<span class=\"tag \(kind)\">\(escaped(text))</span>"
    }

    func status(_ status: String) -> String {
        switch status {
        case "executed", "confirmed": tag(status, "good")
        case "outstanding", "conflicted": tag(status, "bad")
        case "expired", "voided", "aborted", "superseded", "cancelled": tag(status, "warn")
        default: tag(status, "plain")
        }
    }

    func short(_ id: String) -> String {
        id.count > 20
            ? "<code title=\"\(escaped(id))\">\(escaped(String(id.prefix(16))))…</code>"
            : code(id)
    }

    // MARK: Verdict and counts

    var verdict: String {
        let verdict = report.verdict
        let all = verdict.findings.items.count + verdict.findings.omitted
        let covered =
            verdict.checkpointed == verdict.size
            ? "every entry is under a checkpoint that the log's key has signed"
            : "the first \(verdict.checkpointed) entries are under a checkpoint that the log's key "
                + "has signed"
        var html = """
            <div class="verdict \(verdict.isClean ? "clean" : "findings")"><strong>\
            \(verdict.isClean ? "✓ Clean: nothing was found" : "✗ \(counted(all, "finding"))")\
            </strong><p>The whole history was replayed: \
            \(counted(verdict.size, "entry", "entries")), \
            \(counted(verdict.signatures, "signature")) verified; \(covered).</p></div>

            """
        var list = [
            ("Ledger", escaped(report.ledger.name)), ("Id", code(report.ledger.id)),
            ("Network", escaped(report.ledger.network)),
            ("Founded", moment(report.ledger.founded)),
            ("Head", counted(verdict.size, "entry", "entries")), ("Root", code(verdict.root)),
        ]
        if let state = verdict.state { list.append(("State", code(state))) }
        list += verdict.notes.map { ("Note", escaped($0)) }
        list += verdict.notChecked.map { ("Not checked", escaped($0)) }
        html += definitions(list)
        guard all > 0 else { return html }
        var table = HTMLTable(
            "Findings", ("Position", .number), ("Rule", .text), ("Expected", .text),
            ("Found", .text))
        for item in verdict.findings.items {
            table.add(
                item.position.map(String.init) ?? "whole log", item.rule, item.expected, item.found)
        }
        return html + table.html(omitted: verdict.findings.omitted, what: "findings")
    }

    var counts: String {
        let period = report.period
        let total = report.balances.wallets.reduce(0) { $0 + $1.closing.satoshis }
        let figures = [
            ("\(period.entries)", "entries in the period"),
            ("\(report.requests.items.count + report.requests.omitted)", "requests alive in it"),
            ("\(report.movements.items.count + report.movements.omitted)", "movements of coins"),
            (Money(satoshis: total).btc, "BTC in blocks at its end"),
            (
                "\(report.outstanding.items.count + report.outstanding.omitted)",
                "transfers released"
            ),
            ("\(report.exceptions.items.count + report.exceptions.omitted)", "exceptions"),
        ]
        var html =
            "<ul class=\"figures\">\n"
            + figures.map { "<li><b>\($0.0)</b><span>\($0.1)</span></li>\n" }.joined() + "</ul>\n"
        let positions =
            period.first.flatMap { first in period.last.map { "\(first) to \($0)" } }
            ?? "no entry"
        html += definitions([
            ("From", moment(period.from)), ("To", moment(period.to)), ("Positions", positions),
        ])
        var table = HTMLTable(
            "Events by type", ("Type", .text), ("In the period", .number), ("In the log", .number))
        for item in report.counts {
            table.add(item.type, "\(item.inPeriod)", "\(item.inLog)")
        }
        html += table.html()
        var statuses: [String: Int] = [:]
        for request in report.requests.items { statuses[request.status, default: 0] += 1 }
        var endings = HTMLTable(
            "Requests by standing at the period's end", ("Standing", .text), ("Requests", .number))
        for (name, count) in statuses.sorted(by: { $0.key < $1.key }) {
            endings.add(html: [status(name), "\(count)"])
        }
        return html + endings.html()
    }

    // MARK: Timeline

    var timeline: String {
        let timeline = report.timeline
        var table = HTMLTable(
            "Entries of the period (times in UTC)", ("Position", .number), ("Recorded", .time),
            ("Type", .text), ("Author", .text), ("What", .text))
        for event in timeline.events.items {
            table.add(html: [
                "\(event.position)", cell(event.time), escaped(event.type), escaped(event.author),
                escaped(event.what),
            ])
        }
        return "<figure>\n" + Charts.events(timeline)
            + "<figcaption>Each bar is \(Charts.span(timeline.bucketMilliseconds)); times in UTC."
            + "</figcaption>\n</figure>\n"
            + table.html(omitted: timeline.events.omitted, what: "entries")
    }
}
