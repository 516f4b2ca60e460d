internal import Bytes
internal import Merkle

/// The entries of one bundle, each behind its length as a big-endian uint16 (C2SP tlog-tiles).
struct EntryBundle: Sendable {
    /// The entries, as far as the bundle can be read.
    let entries: [[UInt8]]
    /// What is wrong with it; nil when it holds as many entries as it should, and nothing after.
    let problem: Problem?

    /// What is wrong, and at which byte.
    struct Problem: Sendable {
        let offset: Int
        let expected: String
        let found: String
    }

    /// The most bytes of an entry.
    static let maximumEntryBytes = FormatLimit.entryBytes

    /// Parses a bundle of exactly `width` entries.
    init(_ bytes: [UInt8], width: Int) {
        var entries: [[UInt8]] = []
        entries.reserveCapacity(width)
        var offset = 0
        var problem: Problem?
        while entries.count < width, problem == nil {
            guard offset + 2 <= bytes.count else {
                problem = Problem(
                    offset: offset, expected: "the length of entry \(entries.count) of \(width)",
                    found: "the end after \(bytes.count) bytes")
                break
            }
            let length = Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
            let end = offset + 2 + length
            guard end <= bytes.count else {
                problem = Problem(
                    offset: offset,
                    expected: "\(length) bytes of entry \(entries.count) of \(width)",
                    found: "\(bytes.count - offset - 2) before the end")
                break
            }
            entries.append(Array(bytes[offset + 2..<end]))
            offset = end
        }
        if problem == nil, offset < bytes.count {
            problem = Problem(
                offset: offset, expected: "the end after \(width) entries",
                found: "\(bytes.count - offset) bytes more")
        }
        self.entries = entries
        self.problem = problem
    }

    /// The bundle of these entries, the only one.
    static func encode(_ entries: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries {
            bytes.appendBigEndian(UInt16(entry.count))
            bytes += entry
        }
        return bytes
    }
}

extension Tile {
    /// The tile, full or partial, that the tree of `size` leaves has at this place; nil when it has
    /// none.
    init?(level: Int, index: UInt64, size: UInt64) {
        let (full, partial) = Tile.extent(level: level, size: size)
        if index < full {
            self.init(level: level, index: index)
        } else if index == full, partial > 0 {
            self.init(level: level, index: index, width: partial)
        } else {
            return nil
        }
    }

    /// The position after the last leaf below the tile.
    var end: UInt64 { (index * 256 + UInt64(width)) << UInt64(8 * level) }
}
