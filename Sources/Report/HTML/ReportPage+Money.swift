extension ReportPage {
    var balances: String {
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

    var coins: String {
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
}
