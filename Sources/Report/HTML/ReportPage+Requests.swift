extension ReportPage {
    var requests: String {
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

    func row(_ request: PeriodReport.RequestItem) -> [String] {
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

    func transfer(_ request: PeriodReport.RequestItem) -> [String] {
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
}
