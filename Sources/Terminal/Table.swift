internal import Bytes
internal import Foundation

/// Rows of text in aligned columns, for people.
///
/// A row is never wider than the terminal (COLUMNS, or 100): the columns that may shrink give way,
/// widest first, and end in `…`. Text that others wrote is escaped, so that no row can steer the
/// terminal.
public struct Table {
    /// How a column is laid out.
    public struct Column {
        let title: String
        let isNumber: Bool
        let canShrink: Bool

        /// Text, aligned left.
        public static func text(_ title: String) -> Column {
            Column(title: title, isNumber: false, canShrink: true)
        }

        /// Text that is never cut, such as an address or an id that people compare.
        public static func whole(_ title: String) -> Column {
            Column(title: title, isNumber: false, canShrink: false)
        }

        /// A number, aligned right and never cut.
        public static func number(_ title: String) -> Column {
            Column(title: title, isNumber: true, canShrink: false)
        }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    /// The narrowest that a column is cut to.
    private static let narrowest = 8

    /// Creates a table without rows.
    public init(_ columns: Column...) { self.columns = columns }

    /// Whether there are no rows.
    public var isEmpty: Bool { rows.isEmpty }

    /// Adds a row with one cell for each column.
    public mutating func add(_ cells: String...) {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        rows.append(cells.map(\.plain))
    }

    /// The table as lines, a line of titles first; `indent` spaces before each.
    public func lines(width: Int = terminalColumns(), indent: Int = 0) -> [String] {
        guard !rows.isEmpty else { return [] }
        let titles = columns.map(\.title)
        var widths = columns.indices.map { index in
            ([titles] + rows).map { $0[index].count }.max() ?? 0
        }
        let room = width - indent - 2 * (columns.count - 1)
        while widths.reduce(0, +) > room {
            let wide = columns.indices.filter {
                columns[$0].canShrink && widths[$0] > Self.narrowest
            }
            guard let widest = wide.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
        }
        return ([titles] + rows).map { row in
            let cells = columns.indices.map { index in
                row[index].fitted(to: widths[index], right: columns[index].isNumber)
            }
            let line = String(repeating: " ", count: indent) + cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    /// Prints the table, or `placeholder` when it has no rows.
    public func show(indent: Int = 0, orElse placeholder: String = "none") {
        let lines = lines(indent: indent)
        guard !lines.isEmpty else {
            return print(String(repeating: " ", count: indent) + placeholder)
        }
        for line in lines { print(line) }
    }
}

/// How many columns there are for a line: COLUMNS when it is set and sensible, at most 100.
public func terminalColumns() -> Int {
    let columns = ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) } ?? 100
    return min(max(columns, 40), 100)
}

extension String {
    /// The text with every character escaped that could steer a terminal.
    public var plain: String {
        unicodeScalars.allSatisfy { $0.isASCII && $0.value >= 0x20 && $0.value != 0x7f }
            ? self : escapedForDisplay
    }

    fileprivate func fitted(to width: Int, right: Bool) -> String {
        guard count <= width else { return prefix(max(width - 1, 0)) + "…" }
        let space = String(repeating: " ", count: width - count)
        return right ? space + self : self + space
    }
}
