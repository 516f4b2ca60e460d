import Bitcoin
import Bytes
import Events
import State
import StateTestSupport
import TestSigning
import TestSupport

/// A history to be verified, made from its seed, as somebody with the log's key could record it.
struct History {
    let name: String
    let kind: Kind
    let seed: UInt64
    let ledger: Digest32
    var entries: [[UInt8]]
    var recorded: [UInt64]
    var blobs: [Digest32: [UInt8]]
    /// What was done to it, in words.
    var story: [String] = []
    /// What a verifier must find, as far as whoever made the history knows.
    var expected: [MemoryLedger.Found]?

    /// How a history was made.
    enum Kind: String, CaseIterable {
        /// Members act at random, rightly: wrong events are refused and not recorded.
        case random
        /// The same with wallets of other kinds.
        case wallets
        /// Key holders sign what nearly was right, and all of it is recorded.
        case changed
        /// Half of what is refused is recorded all the same.
        case forced
        /// Entries are altered, removed, repeated, or exchanged afterwards.
        case altered
        /// One rule is made to refuse, and what it refuses is recorded.
        case provoked
        /// Everything happens once.
        case story
    }

    private init(_ name: String, _ kind: Kind, seed: UInt64, _ memory: MemoryLedger) {
        self.name = name
        self.kind = kind
        self.seed = seed
        ledger = memory.state.ledger
        entries = memory.entries.map(\.encoded)
        recorded = memory.entries.map(\.recorded)
        blobs = memory.blobs
        expected = memory.findings
        keepDocuments(of: memory)
    }

    /// Documents of members who act at random are all of one byte; nobody has kept them.
    private mutating func keepDocuments(of memory: MemoryLedger) {
        for entry in memory.entries.dropFirst() {
            guard let event = try? SignedEvent(decoding: entry.event, ledger: ledger) else {
                continue
            }
            for document in event.event.fact.attachments where blobs[document.digest] == nil {
                blobs[document.digest] = [UInt8](repeating: 7, count: document.size)
            }
        }
    }

    /// Makes the history of a seed; its kind follows from the seed.
    init(seed: UInt64) throws {
        let kinds: [Kind] = [.random, .wallets, .forced, .changed, .altered, .changed]
        let kind = kinds[Int(seed % UInt64(kinds.count))]
        var generator = SeededGenerator(seed: seed &* 0x1000_0001)
        let steps = Int.random(in: 20...160, using: &generator)
        var history: RandomHistory
        var story: [String] = []
        switch kind {
        case .wallets, .changed:
            let main = try Self.wallet(seed / 6, version0: true)
            let vault = try Self.wallet(seed / 18 + seed / 6, version0: false)
            history = try RandomHistory(seed: seed, main: main, vault: vault)
            story = [main.descriptor.text, vault.descriptor.text]
        default: history = try RandomHistory(seed: seed)
        }
        if kind != .random, kind != .wallets { history.forcedPercent = 50 }
        if kind == .changed { history.changedPercent = 25 }
        for _ in 0..<steps { try history.step() }
        self.init("\(kind.rawValue)-\(seed)", kind, seed: seed, history.ledger)
        self.story = story
        if kind == .altered { alter(using: &generator) }
    }

    /// The history of a ledger in which everything happens once.
    init(_ story: Story) {
        self.init("story", .story, seed: 0, story.ledger)
    }

    /// Makes the history in which a rule is provoked behind acts that follow from the seed.
    init?(provoking rule: Refusal.Rule, seed: UInt64) throws {
        guard let make = Provocation.all[rule]?.offer,
            var offer = try Treasury.$prelude.withValue(seed, operation: make)
        else { return nil }
        offer.ledger.force(offer.event)
        let place = offer.ledger.entries.count - 1
        try offer.ledger.goOn(seed: seed)
        self.init("provoked-\(rule.rawValue)-\(seed)", .provoked, seed: seed, offer.ledger)
        story = ["\(rule.rawValue) at \(place)"]
    }

    /// A wallet of one of the six kinds.
    private static func wallet(_ number: UInt64, version0: Bool) throws -> TestWallet {
        let name = version0 ? "main" : "vault"
        switch (number % 3, version0) {
        case (0, true): return try TestWallet(.witnessPublicKeyHash, seed: name)
        case (1, true):
            return try TestWallet(.witnessMultisig(.given), threshold: 2, of: 3, seed: name)
        case (_, true):
            return try TestWallet(.witnessMultisig(.sorted), threshold: 3, of: 5, seed: name)
        case (0, false): return try TestWallet(.taprootKey, seed: name)
        case (1, false):
            let closed = UnspendableKey(offset: sha256(Array("\(number)".utf8)))
            return try TestWallet(
                .taprootMultisig(closed ?? UnspendableKey(), .sorted), threshold: 3, of: 5,
                seed: name)
        case (_, false):
            return try TestWallet(
                .taprootMultisig(UnspendableKey(), .given), threshold: 17, of: 18, seed: name)
        }
    }
}

extension MemoryLedger {
    /// Has those go on for whom the ledger is what it was before.
    fileprivate mutating func goOn(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed &+ 1)
        for _ in 0..<Int.random(in: 0...8, using: &generator) {
            clock += UInt64.random(in: 0...3_600_000, using: &generator)
            for member in ["olga", "carol", "alice"] as [MemberName] {
                let event = try sign(Self.attached(41), with: key(of: member))
                if try refusal(event) != nil { force(event) }
            }
        }
    }
}
