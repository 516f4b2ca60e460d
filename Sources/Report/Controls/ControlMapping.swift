internal import Events

/// Which controls of a standard the period's events speak for, and which they can not.
public struct ControlMapping: Sendable, Encodable {
    /// One control.
    public struct Item: Sendable, Encodable {
        public let control: String
        public let levels: String
        public let topic: String
        public let standing: Standing
        /// How many events speak for it, and the first of them.
        public let events: UInt64
        public let positions: [UInt64]
        public let note: String
    }

    /// What the log says about a control.
    public enum Standing: String, Sendable, Encodable, CaseIterable {
        /// The events are what the control asks for.
        case evidenced
        /// They speak for a part of it; the rest is outside of a log.
        case supported
        /// Events could speak for it, and the period has none.
        case noEvents = "no-events"
        /// No log can show it.
        case notByLog = "not-by-log"
        /// The standard's text was not at hand, so that nothing is claimed.
        case notMapped = "not-mapped"
    }

    public let standard: String
    public let items: [Item]

    init(_ evidence: EvidenceCounts, _ counts: [FactType: UInt64]) {
        standard = ControlTable.standard
        items = ControlTable.rows.map { row in
            let found = row.evidence.map { evidence.found($0) } ?? (count: 0, positions: [])
            let standing: Standing =
                switch row.extent {
                case .none: .notByLog
                case .unknown: .notMapped
                case .full: found.count > 0 ? .evidenced : .noEvents
                case .part: found.count > 0 ? .supported : .noEvents
                }
            return Item(
                control: row.control, levels: row.levels, topic: row.topic, standing: standing,
                events: found.count, positions: found.positions, note: row.note)
        }
    }
}

/// How many events there are of each kind that speaks for controls.
struct EvidenceCounts: Sendable {
    private var counts: [ControlTable.Evidence: UInt64] = [:]
    private var positions: [ControlTable.Evidence: [UInt64]] = [:]

    /// The first events of a kind that a report names.
    static let positionLimit = 3

    func found(_ evidence: ControlTable.Evidence) -> (count: UInt64, positions: [UInt64]) {
        (counts[evidence] ?? 0, positions[evidence] ?? [])
    }

    mutating func note(_ fact: Fact, at position: UInt64) {
        add(.events, position)
        switch fact {
        case .founded: add(.rules, position)
        case .accepted: add(.acceptances, position)
        case .approved: add(.approvals, position)
        case .observed: add(.observations, position)
        default: break
        }
    }

    mutating func note(executed kind: RequestKind, at position: UInt64) {
        switch kind {
        case .createWallet, .retireWallet: add(.wallets, position)
        case .enrolMember: add(.access, position)
        case .suspendMember, .rotateKey:
            add(.access, position)
            add(.revocations, position)
        case .replacePolicy: add(.rules, position)
        case .transfer, .cancel: break
        }
    }

    private mutating func add(_ evidence: ControlTable.Evidence, _ position: UInt64) {
        counts[evidence, default: 0] += 1
        guard positions[evidence, default: []].count < Self.positionLimit else { return }
        positions[evidence, default: []].append(position)
    }
}
