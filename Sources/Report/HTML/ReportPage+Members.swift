internal import Bytes

extension ReportPage {
    var standing: String {
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

    var changes: String {
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

    var outstanding: String {
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

    var exceptions: String {
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

    func kind(_ kind: String) -> String {
        switch kind {
        case "unexplained-spend", "unauthorised-signature", "refused-entry", "outstanding",
            "conflicted", "attested-findings":
            tag("✗ \(kind)", "bad")
        case "self-approved", "psbt-handed-out": tag(kind, "plain")
        default: tag("! \(kind)", "warn")
        }
    }
}
