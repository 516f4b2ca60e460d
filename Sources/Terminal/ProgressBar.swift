internal import Foundation
internal import Synchronization

/// A bar on standard error for work that takes more than a second, when that is a terminal: how
/// far, how fast, how long still.
public final class ProgressBar: Sendable {
    private let title: String
    private let unit: String
    private let started = Date()
    private let isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
    /// When the bar was drawn last; nil while it is not there.
    private let shown = Mutex<Date?>(nil)

    /// Creates a bar; nothing is shown before a second has passed.
    public init(_ title: String, unit: String) {
        self.title = title
        self.unit = unit
    }

    /// Says how much of `total` is done. Draws at most ten times a second.
    public func update(_ done: UInt64, of total: UInt64) {
        let now = Date()
        let elapsed = now.timeIntervalSince(started)
        guard isTerminal, elapsed >= 1 else { return }
        shown.withLock { shown in
            guard now.timeIntervalSince(shown ?? .distantPast) >= 0.1 else { return }
            shown = now
            write("\r" + Self.line(title, unit, done, of: total, seconds: elapsed) + "\u{1b}[K")
        }
    }

    /// Removes the bar.
    public func finish() {
        shown.withLock { shown in
            guard shown != nil else { return }
            shown = nil
            write("\r\u{1b}[K")
        }
    }

    /// The bar's line, at most 80 columns.
    static func line(
        _ title: String, _ unit: String, _ done: UInt64, of total: UInt64, seconds: Double
    ) -> String {
        let share = total == 0 ? 1 : min(1, Double(done) / Double(total))
        let filled = Int(share * 24)
        let bar =
            String(repeating: "#", count: filled) + String(repeating: ".", count: 24 - filled)
        let rate = Double(done) / max(seconds, 0.001)
        let remaining = rate > 0 && total > done ? Double(total - done) / rate : 0
        return "\(title) [\(bar)] \(Int(share * 100)) %  \(Int(rate)) \(unit)/s  "
            + (remaining > 0 ? "\(duration(seconds: remaining)) left" : "")
    }

    private func write(_ text: String) { writeError(text) }
}

/// A duration for people, in its two largest units: `42 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`.
public func duration(seconds: Double) -> String {
    let whole = UInt64(min(max(seconds, 0), 1e12).rounded(.up))
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3_600: return "\(whole / 60) min" + (whole % 60 > 0 ? " \(whole % 60) s" : "")
    case ..<86_400:
        return "\(whole / 3_600) h" + (whole % 3_600 >= 60 ? " \(whole % 3_600 / 60) min" : "")
    default:
        return "\(whole / 86_400) d"
            + (whole % 86_400 >= 3_600 ? " \(whole % 86_400 / 3_600) h" : "")
    }
}
