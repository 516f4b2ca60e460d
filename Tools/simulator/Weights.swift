internal import TestSupport

/// What can happen next.
enum Act: CaseIterable {
    case author, burst, deliver, lose, double, retry, equivocate, fork, crashBefore, crashAfter
    case checkpoint, backup, restore, wait, witness, replicate
}

/// How likely each act is in one run: some often, some never, so that runs differ in kind and not
/// only in detail (swarm testing; Groce and others, 2012).
struct Weights {
    private let table: [(act: Act, upTo: Int)]
    private let sum: Int
    /// The most by which an author's clock is wrong, in milliseconds.
    let skewMax: Int64
    /// How many acts the run has.
    let length: Int

    /// The weights of a run.
    init(using generator: inout SeededGenerator) {
        var table: [(act: Act, upTo: Int)] = []
        var sum = 0
        for act in Act.allCases {
            let usual =
                switch act {
                case .author, .deliver: 100
                case .retry, .double, .lose, .wait: 12
                case .burst, .checkpoint, .crashBefore, .crashAfter, .equivocate, .fork: 4
                case .witness: 6
                case .backup, .replicate: 2
                case .restore: 1
                }
            let isNeeded = act == .author || act == .deliver
            let factor =
                isNeeded ? 2 : [0, 1, 1, 2, 6].randomElement(using: &generator) ?? 1
            sum += usual * factor
            table.append((act, sum))
        }
        self.table = table
        self.sum = sum
        // The ledger takes events of up to ten minutes ahead.
        skewMax = [0, 1_000, 500_000, 700_000].randomElement(using: &generator) ?? 0
        length = Int.random(in: 150...450, using: &generator)
    }

    /// Draws the next act.
    func draw(using generator: inout SeededGenerator) -> Act {
        let number = Int.random(in: 0..<sum, using: &generator)
        return table.first { number < $0.upTo }?.act ?? .deliver
    }
}
