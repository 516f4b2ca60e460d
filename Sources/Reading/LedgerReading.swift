public import Bytes
public import Events
public import Keys
internal import Ledger
internal import Policy
public import Report
public import State

/// A ledger as somebody reads it, with the state at its head or at an earlier moment.
public struct LedgerReading {
    /// The ledger that is read.
    public let ledger: any LedgerHistory
    /// The state at the head, or at the moment that is shown.
    public let state: LedgerState
    /// The moment that ``state`` is of; nil for the head.
    public let shown: ShownMoment?
    private let owner: (any Sendable)?

    /// Reads the state at the head, or at an earlier moment.
    ///
    /// - Parameters:
    ///   - moment: nil for the head; one that is not of the history is refused.
    ///   - owner: what the ledger goes away with, and is therefore kept.
    public init(
        _ ledger: any LedgerHistory, at moment: Moment? = nil, keeping owner: (any Sendable)? = nil
    ) throws {
        self.ledger = ledger
        self.owner = owner
        guard let moment else {
            state = try ledger.state()
            shown = nil
            return
        }
        (state, shown) = try Self.state(of: ledger, at: moment)
    }

    /// The member who signs with a key, or signed with it once.
    public func member(_ key: KeyID) -> String { state.authors[key]?.member.text ?? key.hex }

    /// The running number of a request, by bisection: numbers rise along the log.
    public func number(ofRequest id: Digest32) throws -> UInt64? {
        if let live = state.requests[id] { return live.number }
        return try ledger.log.read { (view) throws(LedgerError) -> UInt64? in
            guard let position = try view.positions(ofRequest: id).first,
                let last = try view.lastNumber()
            else { return nil }
            var low: UInt64 = 1
            var high = last
            while low < high {
                let middle = low + (high - low) / 2
                guard let other = try view.request(number: middle),
                    let place = try view.positions(ofRequest: other).first
                else { return nil }
                if place < position { low = middle + 1 } else { high = middle }
            }
            return try view.request(number: low) == id ? low : nil
        }
    }

    /// A request as people name it: `request 3`.
    public func name(ofRequest id: Digest32) throws -> String {
        try number(ofRequest: id).map { "request \($0)" } ?? "request \(id.hex.prefix(16))…"
    }

    /// The wallet of this name, or every wallet.
    public func wallets(_ name: String?) throws -> [Wallet] {
        guard let name else { return state.wallets.values.sorted { $0.name < $1.name } }
        guard let wallet = WalletName(name).flatMap({ state.wallets[$0] }) else {
            throw ReadingError.noWallet(name, known: state.wallets.keys.sorted().map(\.text))
        }
        return [wallet]
    }

    /// The member of this name.
    public func member(named name: MemberName) throws -> Member {
        guard let member = state.members[name] else {
            throw ReadingError.noMember(
                name, isPast: shown != nil, known: state.members.keys.sorted().map(\.text))
        }
        return member
    }

    /// What an event did, in one line.
    public func line(_ recorded: RecordedEvent) throws -> String {
        try recorded.event.event.fact.line(of: recorded.event.id) { try name(ofRequest: $0) }
    }

    /// What a request asks for, in one line.
    public func line(_ request: Request) throws -> String {
        try request.line { try name(ofRequest: $0) }
    }

    /// What a live request lacks to go on; nil when nothing, or when it is over.
    public func missing(_ request: OpenRequest) -> String? {
        guard request.ending == nil, request.mined == nil else { return nil }
        if request.authorisedAt == nil { return state.progress(of: request)?.missing }
        guard request.transfer != nil, request.broadcastAt == nil else { return nil }
        let lacking = request.missingSignatures
        return lacking == 0 ? "broadcast" : counted(lacking, "signature") + " an input"
    }
}
