internal import Events

/// Text made safe for HTML: what people wrote can neither end an element or attribute nor hide or
/// reorder what stands beside it.
func escaped(_ text: String) -> String {
    var safe = ""
    safe.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": safe += "&amp;"
        case "<": safe += "&lt;"
        case ">": safe += "&gt;"
        case "\"": safe += "&quot;"
        case "'": safe += "&#39;"
        default:
            if String(scalar).isOneSafeLine {
                safe.unicodeScalars.append(scalar)
            } else {
                safe += "\\u{" + String(scalar.value, radix: 16) + "}"
            }
        }
    }
    return safe
}

/// A table with its caption, its column heads and rows whose first cell heads them.
struct HTMLTable {
    /// How a column's cells are set.
    enum Kind {
        case text
        /// A figure: aligned right, never broken.
        case number
        /// An id or key: monospaced, may break anywhere.
        case code
        /// A time: never broken between date and time.
        case time
    }

    private let caption: String
    private let columns: [(String, Kind)]
    private var rows: [String] = []

    init(_ caption: String, _ columns: (String, Kind)...) {
        self.caption = caption
        self.columns = columns
    }

    var isEmpty: Bool { rows.isEmpty }

    /// Adds a row of plain texts.
    mutating func add(_ cells: String...) { add(html: cells.map(escaped)) }

    /// Adds a row of texts that are HTML already.
    mutating func add(html cells: [String]) {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        var row = "<tr>"
        for (index, (cell, column)) in zip(cells, columns).enumerated() {
            let style =
                switch column.1 {
                case .text: ""
                case .number: " class=\"number\""
                case .code: " class=\"code\""
                case .time: " class=\"time\""
                }
            row += index == 0 ? "<th scope=\"row\"\(style)>" : "<td\(style)>"
            row += cell.isEmpty ? "<span class=\"none\">none</span>" : cell
            row += index == 0 ? "</th>" : "</td>"
        }
        rows.append(row + "</tr>")
    }

    /// Narrow tables are not stretched, wide ones set their times in two lines on paper.
    private var size: String {
        columns.count <= 3 ? "slim" : columns.count <= 6 ? "middle" : "wide"
    }

    /// The table in a region of its own that scrolls where the page is narrow.
    func html(omitted: Int = 0, what: String = "rows") -> String {
        guard !rows.isEmpty else {
            return "<p class=\"empty\">\(escaped(caption)): none in this period.</p>\n"
        }
        let heads = columns.map { title, kind in
            "<th scope=\"col\"\(kind == .number ? " class=\"number\"" : "")>"
                + "\(escaped(title))</th>"
        }
        let rest =
            omitted == 0
            ? ""
            : "<p class=\"omitted\">\(omitted) more \(escaped(what)) are counted in the figures "
                + "and not listed here.</p>\n"
        return "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\""
            + "\(escaped(caption))\">\n<table class=\"\(size)\">\n"
            + "<caption>\(escaped(caption))</caption>\n<thead><tr>"
            + heads.joined() + "</tr></thead>\n<tbody>\n" + rows.joined(separator: "\n")
            + "\n</tbody>\n</table>\n</div>\n" + rest
    }
}

/// A list of names and values.
func definitions(_ items: [(String, String)]) -> String {
    "<dl>\n"
        + items.map { "<div><dt>\(escaped($0))</dt><dd>\($1)</dd></div>\n" }.joined()
        + "</dl>\n"
}

/// An id of hexadecimal digits, which may break anywhere.
func code(_ text: String) -> String { "<code>\(escaped(text))</code>" }
