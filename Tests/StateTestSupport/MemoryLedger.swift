internal import Bitcoin
public import Bytes
public import Events
internal import Keys
public import Merkle
public import State
public import TestSigning

/// A ledger in memory, with the keys of all its members: whatever a writer does before an entry is
/// durable, and nothing else. A value, so that a test can try one thing and then another.
public struct MemoryLedger: Sendable {
    public private(set) var state: LedgerState
    /// The tree over the entries.
    public private(set) var tree: RecentTree
    /// The entries, oldest first.
    public private(set) var entries: [Entry]
    public private(set) var blobs: [Digest32: [UInt8]] = [:]
    /// Where every request ever made was initiated.
    public private(set) var initiated: [Digest32: UInt64] = [:]
    /// How requests have ended, and what must not have happened.
    public private(set) var effects = LedgerState.Effects()
    /// What a verifier finds: incidents, and what was recorded although it was to be refused.
    public private(set) var findings: [Found] = []
    /// The ledger's clock, in milliseconds since 1970.
    public var clock: UInt64
    /// The key that each member signs events with.
    public var keys: [MemberName: TestKey]
    /// The wallets' private keys.
    public var wallets: [WalletName: TestWallet] = [:]
    public var chain = MemoryChain()
    /// Called with the state after each entry.
    public var observe: (@Sendable (LedgerState) -> Void)?
    /// The fingerprint of each signed number of each key, by which repeats are told.
    private var numbers: [KeyID: [Digest32]] = [:]

    /// Where a verifier finds what, by the name of the rule.
    public struct Found: Sendable, Hashable, Codable {
        public let position: UInt64
        public let rule: String
    }

    /// A clock to start with: in November 2026, on the hour.
    public static let start: UInt64 = 1_795_212_000_000

    /// Founds a ledger; no member has accepted yet.
    public init(
        _ founding: Founded, by founder: MemberName, keys: [MemberName: TestKey],
        clock: UInt64 = start
    ) throws {
        guard let key = keys[founder] else { preconditionFailure("\(founder) has a key") }
        let event = Event(time: clock, sequence: 0, seen: .empty, fact: .founded(founding))
        let signed = try SignedEvent(event, by: key.publicKey.key.id, ledger: nil) {
            try key.ecdsa($0)
        }
        state = try LedgerState(founding: signed, recorded: clock)
        let entry = Entry(recorded: clock, event: signed.bytes)
        tree = RecentTree()
        tree.append(leafHash(entry.encoded))
        entries = [entry]
        numbers[signed.author] = [signed.id]
        self.clock = clock
        self.keys = keys
    }

    /// The newest tree head.
    public var head: TreeHead { TreeHead(size: tree.size, root: tree.frontier.root) }

    /// Keeps bytes that events refer to.
    public mutating func keep(_ blob: [UInt8]?) {
        if let blob { blobs[sha256(blob)] = blob }
    }

    // MARK: Recording

    /// Signs a fact with a member's key, with the right number and the newest head unless told
    /// otherwise.
    public func sign(
        _ fact: Fact, with key: TestKey, time: UInt64? = nil, sequence: UInt64? = nil,
        seen: TreeHead? = nil
    ) throws -> SignedEvent {
        let id = key.publicKey.key.id
        let event = Event(
            time: time ?? clock, sequence: sequence ?? state.authors[id]?.nextSequence ?? 0,
            seen: seen ?? head, fact: fact)
        return try SignedEvent(event, by: id, ledger: state.ledger) { try key.ecdsa($0) }
    }

    /// Records a fact by a member, or throws the ``Refusal``. Returns the event's id.
    @discardableResult
    public mutating func record(_ fact: Fact, by member: MemberName) throws -> Digest32 {
        let event = try sign(fact, with: key(of: member))
        try submit(event)
        return event.id
    }

    /// Takes in a signed event as a writer does: judges it, verifies its signatures, appends it.
    /// The very bytes of an earlier event are answered with its position.
    @discardableResult
    public mutating func submit(_ event: SignedEvent) throws(Refusal) -> UInt64 {
        let known = numbers[event.author] ?? []
        if event.event.sequence < known.count, known[Int(event.event.sequence)] == event.id {
            return position(of: event)
        }
        let judgement = state.judge(event, recorded: clock, seenRoot: root(seenBy: event), self)
        try judgement.admission().verify()
        collect(state.take(event, judgement))
        append(event, numbered: true)
        return judgement.position
    }

    /// Records an event although it is to be refused, as an operator can who holds the log's key:
    /// what a verifier then finds is kept in ``findings``.
    public mutating func force(_ event: SignedEvent) {
        let judgement = state.judge(event, recorded: clock, seenRoot: root(seenBy: event), self)
        let next = state.authors[event.author]?.nextSequence
        switch judgement.verdict {
        case .admitted(let admission):
            do throws(Refusal) { try admission.verify() } catch {
                // Admitted all the same: what rests on it is judged as if it were right.
                findings.append(Found(position: judgement.position, rule: "signature"))
            }
        case .refused(let refusal):
            findings.append(Found(position: judgement.position, rule: refusal.rule.rawValue))
        }
        collect(state.take(event, judgement))
        append(event, numbered: state.authors[event.author]?.nextSequence != next)
    }

    /// Records bytes that are no event.
    public mutating func force(undecodable bytes: [UInt8]) {
        findings.append(Found(position: state.size, rule: "encoding"))
        collect(state.step(overUndecodableAt: clock))
        append(Entry(recorded: clock, event: bytes))
        observe?(state)
    }

    private mutating func append(_ entry: Entry) {
        tree.append(leafHash(entry.encoded))
        entries.append(entry)
    }

    private mutating func append(_ event: SignedEvent, numbered: Bool) {
        let position = UInt64(entries.count)
        append(Entry(recorded: clock, event: event.bytes))
        if numbered { numbers[event.author, default: []].append(event.id) }
        if event.event.fact.type == .initiated, initiated[event.id] == nil {
            initiated[event.id] = position
        }
        observe?(state)
    }

    /// Why a fact by a member is refused; nil, and recorded, when it is not.
    public mutating func refusal(_ fact: Fact, by member: MemberName) throws -> Refusal? {
        try refusal(try sign(fact, with: key(of: member)))
    }

    /// Why a signed event is refused; nil, and recorded, when it is not.
    public mutating func refusal(_ event: SignedEvent) throws -> Refusal? {
        do throws(Refusal) {
            try submit(event)
            return nil
        } catch { return error }
    }

    /// The root at an earlier size.
    public func head(at size: UInt64) -> TreeHead? {
        var tree = tree
        return tree.root(at: size).map { TreeHead(size: size, root: $0) }
    }

    /// The key that a member signs with.
    public func key(of member: MemberName) -> TestKey {
        guard let key = keys[member] else { preconditionFailure("\(member) has a key") }
        return key
    }

    /// The log's own root at the size that an event has seen.
    private func root(seenBy event: SignedEvent) -> Digest32? {
        head(at: event.event.seen.size)?.root
    }

    private mutating func collect(_ new: LedgerState.Effects) {
        effects.outcomes += new.outcomes
        effects.incidents += new.incidents
        findings += new.incidents.map { Found(position: $0.position, rule: $0.kind.rawValue) }
    }

    private func position(of event: SignedEvent) -> UInt64 {
        guard let place = entries.firstIndex(where: { $0.event == event.bytes }) else {
            preconditionFailure("a numbered event is in the log")
        }
        return UInt64(place)
    }

    // MARK: Replay

    /// Folds the entries from the start, or from a snapshot, up to `end`, as a verifier does: from
    /// their bytes alone. Throws the refusal of an entry that is not admitted.
    ///
    /// `before` is called with the state before each entry, and with what judges another event that
    /// is offered there at a time.
    public func replayed(
        from snapshot: LedgerState? = nil, to end: UInt64? = nil,
        before: (LedgerState, (SignedEvent, UInt64) -> Judgement) throws -> Void = { _, _ in }
    ) throws -> LedgerState {
        var tree = RecentTree()
        for entry in entries.prefix(Int(snapshot?.size ?? 1)) {
            tree.append(leafHash(entry.encoded))
        }
        var state: LedgerState
        if let snapshot {
            state = snapshot
        } else {
            let founding = try SignedEvent(decoding: entries[0].event, ledger: nil)
            state = try LedgerState(founding: founding, recorded: entries[0].recorded)
        }
        for entry in entries[Int(state.size)..<Int(end ?? UInt64(entries.count))] {
            func root(seenBy event: SignedEvent) -> Digest32? {
                var past = tree
                return past.root(at: event.event.seen.size)
            }
            try before(state) { event, recorded in
                var later = state
                return later.judge(
                    event, recorded: recorded, seenRoot: root(seenBy: event), self)
            }
            let event = try SignedEvent(decoding: entry.event, ledger: state.ledger)
            let (judgement, _) = state.step(
                event, recorded: entry.recorded, seenRoot: root(seenBy: event), self)
            _ = try judgement.admission()
            tree.append(leafHash(entry.encoded))
        }
        return state
    }
}

extension MemoryLedger: Evidence {
    /// The bytes kept under a digest.
    public func bytes(behind digest: Digest32) -> [UInt8]? { blobs[digest] }

    /// The entry that initiated a request.
    public func initiation(of request: Digest32) -> (position: UInt64, entry: [UInt8])? {
        initiated[request].map { ($0, entries[Int($0)].encoded) }
    }
}
