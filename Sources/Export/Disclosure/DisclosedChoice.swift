public import Bytes
public import Events
internal import Ledger
internal import State

/// Which events are disclosed, and which of their documents; what is named several times is
/// disclosed once.
public struct DisclosedChoice: Sendable, Hashable {
    /// The most events of one disclosure.
    public static let maximumEvents = 100_000

    /// Wallets: their creation, acceptances, addresses, rules, transfers and all that was done
    /// about those.
    public var wallets: Set<WalletName> = []
    /// Requests, each with all that was done about it.
    public var requests: Set<Digest32> = []
    /// Events by their places.
    public var positions: [Range<UInt64>] = []
    /// The documents whose bytes are handed over.
    public var opened = Opening.none
    /// The people's names that are handed over; a document's opening never opens a name.
    public var openedNames = Opening.none

    /// Documents or names (salt and value) that stand in the log by their digest.
    public enum Opening: Sendable, Hashable {
        /// None: that there is one is all that is shown.
        case none
        /// Those with these digests.
        case these(Set<Digest32>)
        /// Those of all chosen events; of names, those that are at hand.
        case all

        func contains(_ digest: Digest32) -> Bool {
            switch self {
            case .none: false
            case .these(let digests): digests.contains(digest)
            case .all: true
            }
        }
    }

    /// Creates a choice of the founding event alone, which names the log's key.
    public init() {}
}

/// The events that a choice comes to, found in one pass over the log.
struct DisclosedEvents {
    private let choice: DisclosedChoice
    private var requests: Set<Digest32>
    /// The places of the chosen events, ascending.
    private(set) var positions: [UInt64] = []
    /// The blobs that are handed over with them.
    private(set) var blobs: Set<Digest32> = []
    /// Documents whose bytes stay at home.
    private(set) var closed: Set<Digest32> = []
    /// Names that stay at home, or that are not there any more.
    private(set) var closedNames: Set<Digest32> = []
    private var names: Set<Digest32> = []

    init(
        _ choice: DisclosedChoice, _ exported: ExportedLog, _ view: borrowing LogView
    ) throws(ExportError) {
        self.choice = choice
        requests = choice.requests
        try view.forEachEntry(0..<exported.size) { (position, bytes) throws(ExportError) in
            let event: SignedEvent
            do {
                let entry = try Entry(decoding: bytes)
                event = try SignedEvent(
                    decoding: entry.event, ledger: position == 0 ? nil : exported.ledger)
            } catch {
                throw .damaged("the entry at position \(position) can not be read: \(error)")
            }
            if chooses(event, at: position) { try add(event, at: position) }
            return true
        }
        try openNames(view)
        closed.subtract(blobs)
        if case .these(let wanted) = choice.opened, let digest = wanted.subtracting(blobs).min() {
            throw .notDisclosed(
                "the document \(digest.hex) is attached by none of the chosen events")
        }
    }

    private mutating func openNames(_ view: borrowing LogView) throws(ExportError) {
        for digest in names {
            let isWanted =
                switch choice.openedNames {
                case .none: false
                case .these(let wanted): wanted.contains(digest)
                case .all:
                    try logged { () throws(LedgerError) in try view.hasBlob(digest) }
                }
            if isWanted { blobs.insert(digest) } else { closedNames.insert(digest) }
        }
        if case .these(let wanted) = choice.openedNames,
            let digest = wanted.subtracting(names).min()
        {
            throw .notDisclosed(
                "the name that \(digest.hex) commits to stands in none of the chosen events; "
                    + "choose the request that enrolled its member too, with --request")
        }
    }

    private mutating func add(_ event: SignedEvent, at position: UInt64) throws(ExportError) {
        guard positions.count < DisclosedChoice.maximumEvents else {
            throw .tooLarge(
                what: "the number of chosen events", size: UInt64(positions.count) + 1,
                maximum: UInt64(DisclosedChoice.maximumEvents))
        }
        positions.append(position)
        let fact = event.event.fact
        for reference in fact.evidence { blobs.insert(reference.digest) }
        for digest in fact.attachments.map(\.digest) {
            if choice.opened.contains(digest) {
                blobs.insert(digest)
            } else {
                closed.insert(digest)
            }
        }
        names.formUnion(fact.persons)
    }

    private mutating func chooses(_ event: SignedEvent, at position: UInt64) -> Bool {
        let fact = event.event.fact
        if case .initiated(let initiated) = fact, isAboutChosen(initiated.request) {
            // A cancellation is a request of its own, about the one that it ends.
            requests.insert(event.id)
        }
        if position == 0 || choice.positions.contains(where: { $0.contains(position) }) {
            return true
        }
        if requests.contains(event.id) { return true }
        if let named = fact.namedRequest, requests.contains(named) { return true }
        switch fact {
        case .accepted(.wallet(let wallet, _)): return choice.wallets.contains(wallet)
        case .issued(let issued): return choice.wallets.contains(issued.wallet)
        default: return false
        }
    }

    private func isAboutChosen(_ request: Request) -> Bool {
        if let target = request.cancelled { return requests.contains(target) }
        return request.wallet.map(choice.wallets.contains) ?? false
    }
}
