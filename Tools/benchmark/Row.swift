internal import Foundation

/// One figure with what it is held against.
struct Row {
    let name: String
    let value: Double
    let unit: String
    /// What the raw loop took or reached in the same run, in the same unit; nil where the target is
    /// an amount.
    let baseline: Double?
    let target: Target

    /// What the figure must keep to.
    enum Target {
        /// At least so many times the baseline.
        case ratioAtLeast(Double)
        /// At most so many times the baseline.
        case ratioAtMost(Double)
        /// At most this amount.
        case atMost(Double)
        /// Whatever it is: it is for people to know.
        case any
    }

    /// The value over its baseline, or over the amount that it may be.
    var ratio: Double {
        if case .atMost(let limit) = target { return value / limit }
        return value / (baseline ?? .nan)
    }

    var isMet: Bool {
        switch target {
        case .ratioAtLeast(let least): ratio >= least
        case .ratioAtMost(let most): ratio <= most
        case .atMost: ratio <= 1
        case .any: true
        }
    }

    private var targetText: String {
        switch target {
        case .ratioAtLeast(let least): String(format: ">= %.2f", least)
        case .ratioAtMost(let most): String(format: "<= %.2f", most)
        case .atMost(let limit): "<= \(Self.text(limit)) \(unit)"
        case .any: "-"
        }
    }

    private static func text(_ value: Double) -> String {
        value >= 1_000 ? String(format: "%.0f", value) : String(format: "%.3g", value)
    }

    private static func line(_ cells: [String]) -> String {
        let widths = [38, -9, 9, -9, -6, 12, 3]
        let padded = zip(cells, widths).map { cell, width in
            let gap = String(repeating: " ", count: max(abs(width) - cell.count, 0))
            return width < 0 ? gap + cell : cell + gap
        }
        return padded.joined(separator: " ")
    }

    /// The table's head, 93 columns wide.
    static var header: String {
        line(["what", "value", "unit", "raw", "ratio", "target", "met"])
    }

    /// The row of the table.
    var line: String {
        Self.line([
            name, Self.text(value), unit, baseline.map { Self.text($0) } ?? "-",
            ratio.isNaN ? "-" : String(format: "%.2f", ratio), targetText, isMet ? "yes" : "NO",
        ])
    }

    /// The row as a JSON object.
    var object: [String: Any] {
        [
            "name": name, "value": value, "unit": unit,
            "baseline": baseline.map { $0 as Any } ?? NSNull(), "ratio": ratio.isNaN ? NSNull() : ratio as Any,
            "target": targetText, "met": isMet,
        ]
    }
}
