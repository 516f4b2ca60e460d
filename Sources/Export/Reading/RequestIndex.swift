internal import Bytes

/// Where the requests of a log were initiated: eight bytes for each, sorted runs of doubling
/// length.
///
/// It answers with the few places whose id begins alike; the caller compares the event there.
struct RequestIndex: Sendable {
    private struct Place: Sendable, Comparable {
        let prefix: UInt32
        let position: UInt32

        static func < (left: Place, right: Place) -> Bool {
            (left.prefix, left.position) < (right.prefix, right.position)
        }
    }

    private var runs: [[Place]] = []
    private var recent: [Place] = []

    /// How many places are gathered before they are sorted.
    private static let runLength = 1_024

    /// Adds a request; `position` must be below 2^32, as the limit on entries is.
    mutating func add(_ id: Digest32, at position: UInt64) {
        recent.append(Place(prefix: Self.prefix(of: id), position: UInt32(position)))
        guard recent.count >= Self.runLength else { return }
        var run = recent.sorted()
        recent = []
        while let last = runs.last, last.count <= run.count {
            runs.removeLast()
            run = Self.merged(last, run)
        }
        runs.append(run)
    }

    /// Where requests stand whose id may be this one, the first place first.
    func places(of id: Digest32) -> [UInt64] {
        let prefix = Self.prefix(of: id)
        var places = recent.filter { $0.prefix == prefix }.map { UInt64($0.position) }
        for run in runs {
            var low = 0
            var high = run.count
            while low < high {
                let middle = (low + high) / 2
                if run[middle].prefix < prefix { low = middle + 1 } else { high = middle }
            }
            while low < run.count, run[low].prefix == prefix {
                places.append(UInt64(run[low].position))
                low += 1
            }
        }
        return places.sorted()
    }

    private static func prefix(of id: Digest32) -> UInt32 {
        let span = id.span
        return (0..<4).reduce(0) { $0 << 8 | UInt32(span[$1]) }
    }

    private static func merged(_ left: [Place], _ right: [Place]) -> [Place] {
        var merged: [Place] = []
        merged.reserveCapacity(left.count + right.count)
        var l = 0
        var r = 0
        while l < left.count, r < right.count {
            if right[r] < left[l] {
                merged.append(right[r])
                r += 1
            } else {
                merged.append(left[l])
                l += 1
            }
        }
        merged += left[l...]
        merged += right[r...]
        return merged
    }
}
