internal import Bytes
internal import Foundation

/// The report's pictures as inline SVG. What a colour says, a pattern, a shape or a word says too.
enum Charts {
    private static let width = 960.0
    private static let left = 96.0
    private static let right = 24.0

    /// A chart's frame: named and described for those who do not see it.
    private static func picture(
        _ id: String, _ title: String, _ description: String, height: Double, _ body: String
    ) -> String {
        """
        <div class="scroll" role="region" tabindex="0" aria-label="\(escaped(title))">
        <svg role="img" aria-labelledby="\(id)-title \(id)-desc" viewBox="0 0 \(Int(width)) \
        \(Int(height))" xmlns="http://www.w3.org/2000/svg">
        <title id="\(id)-title">\(escaped(title))</title>
        <desc id="\(id)-desc">\(escaped(description))</desc>
        \(body)</svg>
        </div>

        """
    }

    private static func number(_ value: Double) -> String {
        let rounded = (value * 10).rounded() / 10
        return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
    }

    private static func text(
        _ x: Double, _ y: Double, _ text: String, anchor: String = "start", soft: Bool = true
    ) -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\""
            + "\(soft ? " class=\"soft\"" : "")>\(escaped(text))</text>\n"
    }

    private static func line(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ stroke: String = "#c5ccd3",
        width: Double = 1
    ) -> String {
        "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" "
            + "stroke=\"\(stroke)\" stroke-width=\"\(number(width))\"/>\n"
    }

    /// A round number at or above `value` that divides well by four.
    private static func ceiling(_ value: Double) -> Double {
        guard value > 0 else { return 4 }
        let power = pow(10, floor(log10(value)))
        return [1.0, 2, 4, 8, 10].map { $0 * power }.first { $0 >= value } ?? value
    }

    /// Times under an axis: at most six, at bars' beginnings.
    private static func timeAxis(
        _ buckets: [PeriodReport.Timeline.Bucket], _ bucket: UInt64, y: Double, step: Double
    ) -> String {
        let every = max(1, Int((Double(buckets.count) / 6).rounded(.up)))
        var marks = ""
        for index in stride(from: 0, to: buckets.count, by: every) {
            let x = left + Double(index) * step
            let time = buckets[index].start.text
            let label =
                bucket >= 86_400_000
                ? String(time.prefix(10))
                : String(time.dropFirst(5).prefix(bucket >= 60_000 ? 11 : 14))
            marks += line(x, y, x, y + 4, "#4a5560")
            marks += text(
                x, y + 17, label.replacing("T", with: " "), anchor: index == 0 ? "start" : "middle")
        }
        return marks
    }

    // MARK: Events

    private static let kinds:
        [(
            String, String, String,
            @Sendable (PeriodReport.Timeline.Bucket) -> Int
        )] = [
            ("transfers", "#0b4f8a", "url(#solid)", { $0.transfers }),
            ("governance", "#8a4b0b", "url(#rising)", { $0.governance }),
            ("chain and node", "#2f6f4f", "url(#dots)", { $0.chain }),
            ("other", "#5b5f66", "url(#level)", { $0.other }),
        ]

    /// Bars of events over time, by what they are about.
    static func events(_ timeline: PeriodReport.Timeline) -> String {
        let buckets = timeline.buckets
        let most = buckets.map(\.count).max() ?? 0
        let top = ceiling(Double(most))
        let (height, base, plot) = (242.0, 214.0, 170.0)
        let step = (width - left - right) / Double(max(buckets.count, 1))
        var body = """
            <defs>
            <pattern id="solid" width="4" height="4" patternUnits="userSpaceOnUse">\
            <rect width="4" height="4" fill="#0b4f8a"/></pattern>
            <pattern id="rising" width="6" height="6" patternUnits="userSpaceOnUse">\
            <rect width="6" height="6" fill="#ffffff"/>\
            <path d="M-1 7L7 -1M-1 1L1 -1M5 7L7 5" stroke="#8a4b0b" stroke-width="2"/></pattern>
            <pattern id="dots" width="5" height="5" patternUnits="userSpaceOnUse">\
            <rect width="5" height="5" fill="#ffffff"/>\
            <circle cx="2.5" cy="2.5" r="1.6" fill="#2f6f4f"/></pattern>
            <pattern id="level" width="4" height="4" patternUnits="userSpaceOnUse">\
            <rect width="4" height="4" fill="#ffffff"/><path d="M0 2H4" stroke="#5b5f66" \
            stroke-width="1.5"/></pattern>
            </defs>

            """
        for part in 0...4 {
            let y = base - plot * Double(part) / 4
            body += line(left, y, width - right, y)
            body += text(left - 8, y + 4, number(top * Double(part) / 4), anchor: "end")
        }
        for (index, bucket) in buckets.enumerated() where bucket.count > 0 {
            var y = base
            let x = left + Double(index) * step + min(1, step * 0.1)
            for (_, stroke, fill, count) in kinds where count(bucket) > 0 {
                let size = plot * Double(count(bucket)) / top
                y -= size
                body +=
                    "<rect x=\"\(number(x))\" y=\"\(number(y))\" "
                    + "width=\"\(number(max(step - 2 * min(1, step * 0.1), 0.5)))\" "
                    + "height=\"\(number(size))\" fill=\"\(fill)\" stroke=\"\(stroke)\"/>\n"
            }
        }
        body += line(left, base, width - right, base, "#4a5560")
        body += timeAxis(buckets, timeline.bucketMilliseconds, y: base, step: step)
        var x = left
        for (name, stroke, fill, count) in kinds {
            let total = buckets.reduce(0) { $0 + count($1) }
            body +=
                "<rect x=\"\(number(x))\" y=\"6\" width=\"14\" height=\"14\" fill=\"\(fill)\" "
                + "stroke=\"\(stroke)\"/>\n"
            body += text(x + 20, 18, "\(name) (\(total))", soft: false)
            x += 190
        }
        let sums = kinds.map { name, _, _, count in
            "\(buckets.reduce(0) { $0 + count($1) }) \(name)"
        }
        return picture(
            "events-chart", "Events over time",
            "Bars of \(span(timeline.bucketMilliseconds)) each: "
                + sums.joined(separator: ", ") + "; at most \(most) in one bar.",
            height: height, body)
    }

    /// A span of time in words.
    static func span(_ milliseconds: UInt64) -> String {
        let units: [(UInt64, String)] = [
            (86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1_000, "second"),
        ]
        for (size, name) in units where milliseconds >= size && milliseconds % size == 0 {
            return counted(milliseconds / size, name)
        }
        return counted(milliseconds, "millisecond")
    }

    // MARK: Balances

    private static let strokes = [
        ("#0b4f8a", ""), ("#8a4b0b", "8 4"), ("#2f6f4f", "2 3"), ("#7a2a73", "10 3 2 3"),
        ("#5b5f66", "5 5"), ("#8f1313", "14 4"),
    ]

    /// Balances over time: all wallets together, and each of the first six.
    static func balances(_ report: PeriodReport) -> String {
        let timeline = report.timeline
        let buckets = timeline.buckets
        let top = ceiling(
            max(0.00000004, buckets.map { Double($0.total.satoshis) }.max().map { $0 / 1e8 } ?? 0))
        let (height, base, plot) = (262.0, 234.0, 190.0)
        let step = (width - left - right) / Double(max(buckets.count, 1))
        func y(_ money: Money) -> Double { base - plot * Double(money.satoshis) / 1e8 / top }
        func path(_ value: (PeriodReport.Timeline.Bucket) -> Money) -> String {
            var d = ""
            for (index, bucket) in buckets.enumerated() {
                let x = left + Double(index) * step
                let point = number(y(value(bucket)))
                d += index == 0 ? "M\(number(x)) \(point)" : "V\(point)"
                d += "H\(number(x + step))"
            }
            return d
        }
        var body = ""
        for part in 0...4 {
            let y = base - plot * Double(part) / 4
            body += line(left, y, width - right, y)
            body += text(left - 8, y + 4, "\(trimmed(top * Double(part) / 4)) BTC", anchor: "end")
        }
        let total = path { $0.total }
        if !buckets.isEmpty {
            body +=
                "<path d=\"\(total)V\(number(base))H\(number(left))Z\" fill=\"#e9eff5\"/>\n"
                + "<path d=\"\(total)\" fill=\"none\" stroke=\"#1b1f24\" stroke-width=\"2.5\"/>\n"
        }
        body += line(left, 12, left + 26, 12, "#1b1f24", width: 2.5)
        body += text(left + 32, 16, "all wallets", soft: false)
        for (index, wallet) in report.balances.wallets.prefix(strokes.count).enumerated() {
            let (stroke, dash) = strokes[index]
            let style =
                "fill=\"none\" stroke=\"\(stroke)\" stroke-width=\"2\""
                + (dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\"")
            body += "<path d=\"\(path { $0.wallets[wallet.wallet] ?? .zero })\" \(style)/>\n"
            let x = left + 130 + Double(index) * 124
            body += "<path d=\"M\(number(x)) 12h26\" \(style)/>\n"
            body += text(x + 32, 16, String(wallet.wallet.prefix(12)), soft: false)
        }
        body += line(left, base, width - right, base, "#4a5560")
        body += timeAxis(buckets, timeline.bucketMilliseconds, y: base, step: step)
        let figures = report.balances.wallets.map {
            "\($0.wallet) from \($0.opening.btc) to \($0.closing.btc) BTC"
        }
        return picture(
            "balance-chart", "Balance over time",
            "Confirmed in blocks, at the end of each \(span(timeline.bucketMilliseconds)): "
                + figures.joined(separator: "; ") + ".", height: height, body)
    }

    private static func trimmed(_ value: Double) -> String {
        let text = String(format: "%.4f", value)
        let short = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
        return String(short.reversed())
    }

    // MARK: Requests

    /// How many requests the picture of their lives shows.
    static let lifeLimit = 40

    /// Each request's life as a line with a mark for every step.
    static func lives(_ report: PeriodReport) -> String {
        let requests = Array(report.requests.items.prefix(lifeLimit))
        let (from, to) = (report.period.from, report.period.to)
        let length = Double(max(to.milliseconds - from.milliseconds, 1))
        let labels = 300.0
        func x(_ time: Instant) -> Double {
            let bounded = min(max(time, from), to)
            let share = Double(bounded.milliseconds - from.milliseconds) / length
            return labels + share * (width - labels - right)
        }
        let height = 52 + Double(requests.count) * 22
        var body = legend()
        for (index, request) in requests.enumerated() {
            let y = 58 + Double(index) * 22
            let name = "\(request.number)\u{a0} \(request.what)"
            body += text(
                0, y + 4, name.count > 30 ? name.prefix(29) + "…" : name, soft: false)
            body += text(labels - 12, y + 4, request.status, anchor: "end")
            let end = request.ended ?? to
            body += line(x(request.initiated.time), y, x(end), y, "#4a5560", width: 2)
            body += circle(x(request.initiated.time), y)
            for approval in request.approvals { body += tick(x(approval.time), y) }
            if let authorised = request.authorised { body += diamond(x(authorised.time), y) }
            for signing in request.signings { body += triangle(x(signing.time), y) }
            if let broadcast = request.broadcast { body += arrow(x(broadcast.time), y) }
            guard request.ended != nil else { continue }
            // What takes effect ends with its quorum: side by side, not one over the other.
            let quorum = request.authorised.map { x($0.time) } ?? -99
            body += square(abs(x(end) - quorum) < 10 ? quorum + 12 : x(end), y)
        }
        return picture(
            "lives-chart", "Lives of requests",
            "\(counted(requests.count, "request")) from initiation to end; the table of requests "
                + "has the same in words.", height: height, body)
    }

    private static func legend() -> String {
        let marks: [(String, (Double, Double) -> String)] = [
            ("initiated", circle), ("approved", tick), ("quorum complete", diamond),
            ("signed", triangle), ("broadcast", arrow), ("ended", square),
        ]
        var body = ""
        for (index, (name, mark)) in marks.enumerated() {
            let x = 10 + Double(index) * 140
            body += mark(x, 14) + text(x + 14, 18, name, soft: false)
        }
        return body
    }

    private static func circle(_ x: Double, _ y: Double) -> String {
        "<circle cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"5\" fill=\"#ffffff\" "
            + "stroke=\"#1b1f24\" stroke-width=\"2\"/>\n"
    }

    private static func tick(_ x: Double, _ y: Double) -> String {
        line(x, y - 8, x, y + 8, "#0b4f8a", width: 2.5)
    }

    private static func shape(_ points: [(Double, Double)], _ fill: String) -> String {
        let list = points.map { "\(number($0.0)),\(number($0.1))" }.joined(separator: " ")
        return "<polygon points=\"\(list)\" fill=\"\(fill)\" stroke=\"#ffffff\"/>\n"
    }

    private static func diamond(_ x: Double, _ y: Double) -> String {
        shape([(x - 7, y), (x, y - 7), (x + 7, y), (x, y + 7)], "#0b4f8a")
    }

    private static func triangle(_ x: Double, _ y: Double) -> String {
        shape([(x - 6, y + 5), (x, y - 7), (x + 6, y + 5)], "#8a4b0b")
    }

    private static func arrow(_ x: Double, _ y: Double) -> String {
        shape([(x - 5, y - 7), (x + 7, y), (x - 5, y + 7)], "#2f6f4f")
    }

    private static func square(_ x: Double, _ y: Double) -> String {
        shape([(x - 5, y - 5), (x + 5, y - 5), (x + 5, y + 5), (x - 5, y + 5)], "#1b1f24")
    }
}
