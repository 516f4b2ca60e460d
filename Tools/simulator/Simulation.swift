internal import Acting
internal import Bytes
internal import Events
internal import Keys
internal import Ledger
internal import Merkle
internal import State
internal import StateTestSupport
internal import TestSigning
internal import TestSupport

/// One ledger with its authors, from a seed: nothing but the seed decides what happens.
struct Simulation {
    let seed: UInt64
    let folder: String
    var generator: SeededGenerator
    let weights: Weights
    var machine: Machine
    var authors: [Author]
    /// Keys of members who are to accept.
    var awaited: [KeyID: Author] = [:]
    /// What is on its way, in no order.
    var network: [Submission] = []
    /// What authors were told: where an event is.
    var acknowledged: [Digest32: UInt64] = [:]
    /// Refused events that must be kept.
    var evidence: Set<[UInt8]> = []
    var checkpoints: [TreeHead] = []
    var parties = Parties()
    var backups: [Backup] = []
    var tally = Tally()
    var problems: [String] = []
    let signer: CheckpointSigner
    let ledger: Digest32
    /// Requests that were in conflict in the history before.
    let returned: Set<Digest32>

    /// A copy of the ledger, and what was kept as evidence when it was made.
    struct Backup {
        let path: String
        let size: UInt64
        let evidence: Set<[UInt8]>
    }

    /// Founds the ledger, with some history of transfers and governance.
    init(seed: UInt64, in folder: String) throws {
        self.seed = seed
        self.folder = folder
        generator = SeededGenerator(seed: seed)
        weights = Weights(using: &generator)
        var history = try RandomHistory(seed: seed)
        for _ in 0..<Int.random(in: 0...60, using: &generator) { try history.step() }
        returned = history.returned
        machine = Machine(folder: folder + "/ledger")
        ledger = history.ledger.state.ledger
        let name = history.ledger.state.founding.name.text
        signer = try MemoryLedger.checkpointSigner(name: "\(name)/\(ledger.hex)")
        authors = []
        try write(history.ledger)
        machine.now = history.ledger.clock
        let head = try machine.head()
        let state = try machine.writers[0].state()
        for (name, key) in history.ledger.keys.sorted(by: { $0.key < $1.key }) {
            let limit = weights.skewMax
            authors.append(
                Author(
                    name: name, key: key,
                    skew: Int64.random(in: -limit...limit, using: &generator),
                    next: state.authors[key.publicKey.key.id]?.nextSequence ?? 0, seen: head))
        }
    }

    /// Records the history that the run begins with.
    private mutating func write(_ memory: MemoryLedger) throws {
        for (position, entry) in memory.entries.enumerated() {
            machine.now = entry.recorded
            let event = try SignedEvent(
                decoding: entry.event, ledger: position == 0 ? nil : ledger)
            let fact = event.event.fact
            var blobs = fact.evidence.compactMap { memory.blobs[$0.digest] }
            if !fact.attachments.isEmpty { blobs.append(MemoryLedger.document) }
            let submission = Submission(event, blobs: blobs)
            if position == 0 {
                try machine.found(submission)
            } else {
                let writer = machine.writers[position % 2]
                guard let checked = CheckedSubmission(submission, keys: writer.keys) else {
                    throw SubmissionError.invalidSignature
                }
                for answer in try writer.append([checked]) { _ = try answer.get() }
            }
            acknowledged[event.id] = UInt64(position)
        }
    }

    /// Lets everything happen, and checks at the end.
    mutating func run() throws {
        for _ in 0..<weights.length {
            machine.now += UInt64.random(in: 1...2_000, using: &generator)
            try act(weights.draw(using: &generator))
        }
        // The storm is over: everything pending arrives, oldest first.
        for index in authors.indices {
            while let submission = authors[index].pending.first {
                try deliver([submission], crash: nil)
                // Neither recorded nor refused would be pending for ever.
                guard authors[index].pending.first != submission else {
                    problems.append("an event of \(authors[index].name) stays pending")
                    break
                }
            }
        }
        try check()
    }

    private mutating func act(_ act: Act) throws {
        switch act {
        case .author: try author(1)
        case .burst: try author(Int.random(in: 16...160, using: &generator))
        case .deliver: try deliver(takeMessages(), crash: nil)
        case .crashBefore: try deliver(takeMessages(), crash: .before)
        case .crashAfter: try deliver(takeMessages(), crash: .after)
        case .lose: if !takeMessages().isEmpty { tally.count("messages lost") }
        case .double:
            guard let message = network.randomElement(using: &generator) else { return }
            network.append(message)
            tally.count("messages doubled")
        case .retry:
            guard let pending = pick(authors.filter { !$0.pending.isEmpty })?.pending else {
                return
            }
            network += pending
            tally.count("events sent again", pending.count)
        case .equivocate: try equivocate()
        case .fork: try fork()
        case .checkpoint: try checkpoint()
        case .witness: try askWitness()
        case .replicate: try replicate()
        case .backup: try backup()
        case .restore: try restore()
        case .wait:
            let hours = UInt64.random(in: 1...48, using: &generator)
            machine.now += hours * 3_600_000
            tally.count("hours waited", Int(hours))
        }
    }

    mutating func pick<Item>(_ items: [Item]) -> Item? { items.randomElement(using: &generator) }

    mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &generator) < percent
    }

    /// What came of the run, the same for the same seed.
    var summary: String {
        let head = (try? machine.head()).map { "\($0)" } ?? "not open"
        return "seed \(seed): \(head), \(evidence.count) kept as evidence"
    }
}
