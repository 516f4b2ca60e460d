/// How often each thing happened, so that one sees that it did.
struct Tally {
    private var counts: [String: Int] = [:]

    /// Counts something.
    mutating func count(_ what: String, _ times: Int = 1) { counts[what, default: 0] += times }

    static func += (left: inout Tally, right: Tally) {
        left.counts.merge(right.counts, uniquingKeysWith: +)
    }
}

extension Tally: CustomStringConvertible {
    /// A line for each thing, in the order of their names.
    var description: String {
        counts.sorted { $0.key < $1.key }.map { name, count in
            name + String(repeating: " ", count: max(1, 34 - name.count)) + "\(count)"
        }.joined(separator: "\n")
    }
}
