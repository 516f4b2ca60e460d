/// Where a tile stands: up to 256 adjacent hashes of one level, eight tree levels apart
/// (C2SP tlog-tiles).
public struct Tile: Sendable, Hashable {
    /// The most hashes that a tile holds.
    public static let maximumWidth = 256

    /// Its level: its hashes are of subtrees of 2^(8·level) leaves.
    public let level: Int
    /// Its place within the level.
    public let index: UInt64
    /// How many hashes it holds, 1...256.
    public let width: Int

    /// Creates a tile, full unless `width` says otherwise; nil when a number is out of range.
    public init?(level: Int, index: UInt64, width: Int = Tile.maximumWidth) {
        guard (0...6).contains(level), (1...Tile.maximumWidth).contains(width),
            index < maximumTreeSize >> UInt64(8 * level)
        else { return nil }
        self.level = level
        self.index = index
        self.width = width
    }

    /// The tiles of the tree of `size` leaves at `level`: how many are full, and how wide the
    /// partial one after them is (0: there is none).
    public static func extent(level: Int, size: UInt64) -> (full: UInt64, partialWidth: Int) {
        let hashes = size >> UInt64(8 * level)
        return (hashes >> 8, Int(hashes & 255))
    }

    /// Where the hash of the perfect subtree (level, index) is found: the tile that holds it or
    /// what it is computed from, the first hash there, and their count (1, 2, 4 … 128).
    public static func position(
        ofLevel level: Int, index: UInt64
    ) -> (level: Int, tile: UInt64, first: Int, count: Int) {
        let inside = level % 8
        let start = index << UInt64(inside)
        return (level / 8, start >> 8, Int(start & 255), 1 << inside)
    }

    /// The path of the hashes: `tile/<level>/<index>[.p/<width>]`.
    public var path: String { "tile/\(level)/\(indexPath)" }

    /// The path of the entries themselves, `tile/entries/<index>[.p/<width>]`, for level 0.
    public var entriesPath: String { "tile/entries/\(indexPath)" }

    /// Parses ``path``; nil for every other text.
    public init?(path: String) {
        self.init(path: path) { $0.path }
    }

    /// Parses ``entriesPath``; nil for every other text.
    public init?(entriesPath: String) {
        self.init(path: entriesPath) { $0.entriesPath }
    }

    private init?(path: String, encode: (Tile) -> String) {
        // Lenient reading, then one strict comparison with the only right spelling.
        var parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.count <= 10 else { return nil }
        var width = Tile.maximumWidth
        if parts[parts.count - 2].hasSuffix(".p") {
            guard let partial = Int(parts.removeLast()), partial < width else { return nil }
            width = partial
            parts[parts.count - 1].removeLast(2)
        }
        let level = parts[1] == "entries" ? 0 : Int(parts[1])
        let digits = parts.dropFirst(2).map { $0.drop { $0 == "x" } }.joined()
        guard let level, digits.utf8.count <= 18, let index = UInt64(digits),
            let tile = Tile(level: level, index: index, width: width),
            encode(tile).utf8.elementsEqual(path.utf8)
        else { return nil }
        self = tile
    }

    private var indexPath: String {
        var groups: [String] = []
        var rest = index
        repeat {
            let group = String(rest % 1000)
            let padded = String(repeating: "0", count: 3 - group.count) + group
            groups.append(groups.isEmpty ? padded : "x" + padded)
            rest /= 1000
        } while rest > 0
        let path = groups.reversed().joined(separator: "/")
        return width == Tile.maximumWidth ? path : "\(path).p/\(width)"
    }
}
