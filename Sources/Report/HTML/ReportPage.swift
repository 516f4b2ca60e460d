/// A report as one HTML page that needs nothing else: no script, no font, no picture from elsewhere.
public struct ReportPage: Sendable {
    private let report: PeriodReport

    /// Shows a report.
    public init(_ report: PeriodReport) { self.report = report }

    private static let sections: [(id: String, title: String)] = [
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
            <footer><p>Made by Strongroom from the ledger <code>\(escaped(report.ledger.id))</code>. \
            The evidence is the log; this page only tells what is in it.</p></footer>
            </body>
            </html>

            """
    }

    // MARK: Times and words

    private func day(_ instant: Instant) -> String { String(instant.text.prefix(10)) }

    /// To the second, in UTC, for people; the attribute has the milliseconds.
    private func moment(_ instant: Instant) -> String {
        let text = instant.text
        return "<time datetime=\"\(text)\">\(text.prefix(10)) \(text.dropFirst(11).prefix(8))"
            + " UTC</time>"
    }

    /// The same in a table, whose caption says UTC.
    private func cell(_ instant: Instant?) -> String {
        guard let text = instant?.text else { return "" }
        return "<time datetime=\"\(text)\"><span>\(text.prefix(10))</span> "
            + "<span>\(text.dropFirst(11).prefix(8))</span></time>"
    }

    private func tag(_ text: String, _ kind: String) -> String {
        "<span class=\"tag \(kind)\">\(escaped(text))</span>"
    }

    private func status(_ status: String) -> String {
        switch status {
        case "executed", "confirmed": tag(status, "good")
        case "outstanding", "conflicted": tag(status, "bad")
        case "expired", "voided", "aborted", "superseded", "cancelled": tag(status, "warn")
        default: tag(status, "plain")
        }
    }

    private func short(_ id: String) -> String {
        id.count > 20
            ? "<code title=\"\(escaped(id))\">\(escaped(String(id.prefix(16))))…</code>"
            : code(id)
    }

    // MARK: Verdict and counts

    private var verdict: String {
        let verdict = report.verdict
        let all = verdict.findings.items.count + verdict.findings.omitted
        let covered =
            verdict.checkpointed == verdict.size
            ? "every entry is under a checkpoint that the log's key has signed"
            : "the first \(verdict.checkpointed) entries are under a checkpoint that the log's key has "
                + "signed"
        var html = """
            <div class="verdict \(verdict.isClean ? "clean" : "findings")"><strong>\
            \(verdict.isClean ? "✓ Clean: nothing was found" : "✗ \(counted(all, "finding"))")\
            </strong><p>The whole history was replayed: \(counted(verdict.size, "entry", "entries")), \
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

    private var counts: String {
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

    private var timeline: String {
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

    // MARK: Requests

    private var requests: String {
        guard !report.requests.items.isEmpty else {
            return "<p class=\"empty\">No request was alive in this period.</p>\n"
        }
        var table = HTMLTable(
            "Quorum of each request (times in UTC)", ("No", .number), ("What", .text),
            ("Initiated", .text), ("Rule", .text), ("Approved", .text), ("Quorum", .text),
            ("Standing", .text))
        for request in report.requests.items { table.add(html: row(request)) }
        var money = HTMLTable(
            "Transfers", ("No", .number), ("Sent BTC", .number), ("Fee BTC", .number),
            ("To", .text), ("Signed by", .text), ("Broadcast", .time), ("Transaction", .code))
        for request in report.requests.items where request.txid != nil {
            money.add(html: transfer(request))
        }
        let shown = min(report.requests.items.count, Charts.lifeLimit)
        let rest =
            shown < report.requests.items.count + report.requests.omitted
            ? " The first \(shown) are drawn." : ""
        return "<figure>\n" + Charts.lives(report)
            + "<figcaption>From initiation to the end of each request, or of the period.\(rest)"
            + "</figcaption>\n</figure>\n"
            + table.html(omitted: report.requests.omitted, what: "requests") + money.html()
    }

    private func row(_ request: PeriodReport.RequestItem) -> [String] {
        let reference = request.reference.map { "<br>Reference: \(escaped($0))" } ?? ""
        let approvals = request.approvals.map { "\(escaped($0.member)) \(cell($0.time))" }
        let quorum =
            request.authorised.map {
                "complete at position \($0.position)<br>\(cell($0.time))"
            } ?? "not reached"
        let end =
            request.ended.map { "<br>\(cell($0))" }
            ?? (["initiated", "authorised", "signed"].contains(request.status)
                ? "<br>expires<br>\(cell(request.expires))" : "")
        return [
            "\(request.number)", escaped(request.what) + reference,
            "\(escaped(request.initiated.member)), position \(request.initiated.position)<br>"
                + cell(request.initiated.time), escaped(request.rule ?? ""),
            approvals.joined(separator: "<br>"), quorum, status(request.status) + end,
        ]
    }

    private func transfer(_ request: PeriodReport.RequestItem) -> [String] {
        var recipients = request.recipients.prefix(5).map {
            "<code>\(escaped($0.address))</code> \($0.amount.btc)"
        }
        if request.recipientCount > recipients.count {
            recipients.append("and \(request.recipientCount - recipients.count) more")
        }
        return [
            "\(request.number)", request.sent?.btc ?? "", request.fee?.btc ?? "",
            recipients.joined(separator: "<br>"),
            request.signings.map { escaped($0.member) }.joined(separator: ", "),
            cell(request.broadcast?.time), escaped(request.txid ?? ""),
        ]
    }

    // MARK: Money

    private var balances: String {
        guard !report.balances.wallets.isEmpty else {
            return "<p class=\"empty\">There is no wallet yet.</p>\n"
        }
        var table = HTMLTable(
            "Reconciliation of each wallet in BTC, as blocks show it", ("Wallet", .text),
            ("Opening", .number), ("Deposits", .number), ("Internal", .number),
            ("Change", .number), ("Spent", .number), ("Unexplained", .number),
            ("Reorganised", .number), ("Closing", .number), ("Difference", .number))
        for wallet in report.balances.wallets {
            table.add(html: [
                escaped(wallet.wallet), wallet.opening.btc, wallet.deposits.btc,
                wallet.internal.btc, wallet.change.btc, wallet.spent.btc, wallet.unexplained.btc,
                wallet.undone.btc, wallet.closing.btc,
                wallet.difference.satoshis == 0
                    ? tag("✓ 0", "good") : tag("✗ \(wallet.difference.btc)", "bad"),
            ])
        }
        return "<figure>\n" + Charts.balances(report)
            + "<figcaption>What the wallets' coins in blocks are worth, in UTC.</figcaption>\n"
            + "</figure>\n" + table.html()
            + "<p>Opening and all movements make the closing balance; the closing balance is what "
            + "the replayed state holds. A difference would be a defect of either.</p>\n"
    }

    private var coins: String {
        var table = HTMLTable(
            "Movements of coins (times in UTC)", ("Observed at", .number), ("Recorded", .time),
            ("Wallet", .text), ("BTC", .number), ("Cause", .text), ("Authorised by", .text),
            ("Transaction", .code), ("Height", .number))
        for item in report.movements.items {
            let cause =
                switch item.cause {
                case "unexplained": tag("✗ unexplained", "bad")
                default: escaped(item.cause) + (item.isUndone ? " " + tag("undone", "warn") : "")
                }
            let by =
                item.request.map { number in
                    "request \(number)"
                        + (item.authorisedAt.map { ", quorum at position \($0)" } ?? "")
                } ?? (item.delta.satoshis < 0 ? "nothing on record" : "a payment of others")
            table.add(html: [
                "\(item.position)", cell(item.time), escaped(item.wallet), item.delta.btc, cause,
                escaped(by), escaped(item.txid), "\(item.height)",
            ])
        }
        return table.html(omitted: report.movements.omitted, what: "movements")
    }

    // MARK: Who could do what

    private var standing: String {
        func part(_ title: String, _ standing: PeriodReport.Standing?) -> String {
            guard let standing else {
                return "<h3>\(title)</h3>\n<p class=\"empty\">There was no ledger yet.</p>\n"
            }
            var members = HTMLTable(
                "Members \(title.lowercased())", ("Member", .text), ("Status", .text),
                ("Roles", .text), ("Event key", .code))
            for member in standing.members {
                members.add(html: [
                    escaped(member.name),
                    tag(member.status, member.status == "active" ? "good" : "warn"),
                    escaped(member.roles.joined(separator: ", ")), escaped(member.key),
                ])
            }
            var wallets = HTMLTable(
                "Wallets \(title.lowercased())", ("Wallet", .text), ("Standing", .text),
                ("Approved by", .text), ("Keys", .text))
            for wallet in standing.wallets {
                wallets.add(
                    wallet.name, wallet.standing, wallet.rule,
                    "\(wallet.threshold) of \(wallet.holders.joined(separator: ", "))"
                        + (wallet.declaresShortcut ? "; declared shortcut" : ""))
            }
            return "<h3>\(title)</h3>\n"
                + definitions([
                    ("After", "position \(standing.position), \(moment(standing.time))"),
                    ("Ledger's rule", escaped(standing.policy)),
                ]) + members.html() + wallets.html()
        }
        return part("Before the period", report.start) + part("At its end", report.end)
    }

    private var changes: String {
        var table = HTMLTable(
            "Changes of members, wallets and rules (times in UTC)", ("Position", .number),
            ("In force", .time), ("What", .text), ("Made by", .text), ("Under the rule", .text))
        for item in report.changes.items {
            var by = escaped(item.author)
            if let initiator = item.initiator, let request = item.request {
                by =
                    "request \(request) of \(escaped(initiator)); approved by "
                    + item.approvers.map(escaped).joined(separator: ", ")
            }
            table.add(html: [
                "\(item.position)", cell(item.time), escaped(item.what), by,
                escaped(item.rule ?? "own signature"),
            ])
        }
        return table.html(omitted: report.changes.omitted, what: "changes")
    }

    private var outstanding: String {
        var table = HTMLTable(
            "Transfers whose signatures or PSBT have left, and which no block decides",
            ("Request", .number), ("Standing", .text), ("Released", .text), ("Sends BTC", .number),
            ("From", .text), ("Signatures", .text), ("Transaction", .code))
        for item in report.outstanding.items {
            let released =
                item.released.map { "position \($0.position)<br>\(cell($0.time))" } ?? ""
            table.add(html: [
                "\(item.request)",
                item.hasEnded ? tag("✗ \(item.status), still out", "bad") : status(item.status),
                released, item.sent.btc, escaped(item.wallet),
                counted(item.signatures, "signature")
                    + (item.isFullySigned ? ", enough to be broadcast" : ", too few"),
                escaped(item.txid),
            ])
        }
        return table.html(omitted: report.outstanding.omitted, what: "transfers")
            + "<p>Until a block spends one of its coins, whoever has enough signatures can "
            + "broadcast such a transfer. Its coins stay reserved.</p>\n"
    }

    private var exceptions: String {
        var table = HTMLTable(
            "What an auditor should look at (times in UTC)", ("Position", .number),
            ("Recorded", .time), ("Kind", .text), ("What", .text), ("Request", .number))
        for item in report.exceptions.items {
            table.add(html: [
                item.position.map(String.init) ?? "", cell(item.time), kind(item.kind),
                escaped(item.what), item.request.map(String.init) ?? "",
            ])
        }
        return table.html(omitted: report.exceptions.omitted, what: "exceptions")
    }

    private func kind(_ kind: String) -> String {
        switch kind {
        case "unexplained-spend", "unauthorised-signature", "refused-entry", "outstanding",
            "conflicted", "attested-findings":
            tag("✗ \(kind)", "bad")
        case "self-approved", "psbt-handed-out": tag(kind, "plain")
        default: tag("! \(kind)", "warn")
        }
    }

    // MARK: Activity and controls

    private var activity: String {
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

    private var controls: String {
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

    private var about: String {
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
