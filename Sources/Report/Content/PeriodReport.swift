/// What an auditor reads about a ledger and a period of its history: content alone, which HTML and
/// JSON show. Equal ledgers, periods and verdicts give equal reports.
public struct PeriodReport: Sendable, Encodable {
    public internal(set) var ledger: LedgerItem
    public internal(set) var period: PeriodItem
    public internal(set) var verdict: Verdict
    public internal(set) var counts: [CountItem] = []
    public internal(set) var timeline: Timeline
    public internal(set) var requests: Limited<RequestItem>
    public internal(set) var balances: Balances
    public internal(set) var movements: Limited<MovementItem>
    /// Who could do what before the period; nil when it begins with the founding.
    public internal(set) var start: Standing?
    public internal(set) var end: Standing?
    public internal(set) var changes: Limited<ChangeItem>
    public internal(set) var outstanding: Limited<OutstandingItem>
    public internal(set) var exceptions: Limited<ExceptionItem>
    public internal(set) var activity: [ActivityItem] = []
    public internal(set) var standard: ControlMapping

    /// How much a report lists; beyond that it counts.
    public enum Limit {
        /// Entries of the timeline.
        public static let events = 1_000
        /// Requests, movements of coins, changes, released transfers, exceptions: each.
        public static let rows = 1_000
        /// Findings of the verification.
        public static let findings = 200
        /// Bars of a chart.
        public static let buckets = 96
        /// Recipients of one transfer.
        public static let recipients = 20
        /// An event that is recorded so long after its author signed it is late: one hour, in
        /// milliseconds.
        public static let lateness: UInt64 = 3_600_000
        /// An author's clock may be ahead of the ledger's by so much: one minute.
        public static let clockAhead: UInt64 = 60_000
    }

    /// Which ledger.
    public struct LedgerItem: Sendable, Encodable {
        public let name: String
        public let id: String
        public let network: String
        public let founded: Instant
    }

    /// Which part of its history.
    public struct PeriodItem: Sendable, Encodable {
        /// The first and the last position; nil when the period has no entry.
        public let first: UInt64?
        public let last: UInt64?
        public let from: Instant
        public let to: Instant
        public let entries: UInt64
    }

    /// What the full verification of the whole log came to.
    public struct Verdict: Sendable, Encodable {
        /// A finding, in words.
        public struct Item: Sendable, Encodable {
            public let position: UInt64?
            public let rule: String
            public let expected: String
            public let found: String
        }

        public let isClean: Bool
        public let size: UInt64
        public let root: String
        public let checkpointed: UInt64
        public let signatures: UInt64
        public let state: String?
        public let findings: Limited<Item>
        public let notes: [String]
        public let notChecked: [String]
    }

    /// How many events of a type.
    public struct CountItem: Sendable, Encodable {
        public let type: String
        public let inPeriod: UInt64
        public let inLog: UInt64
    }

    /// What happened when.
    public struct Timeline: Sendable, Encodable {
        /// What happened in one stretch of the period, counted by kind.
        public struct Bucket: Sendable, Equatable, Encodable {
            public let start: Instant
            public var governance = 0
            public var transfers = 0
            public var chain = 0
            public var other = 0
            /// The balance of all wallets at its end, and of each.
            public var total = Money.zero
            public var wallets: [String: Money] = [:]

            /// How many events it has.
            public var count: Int { governance + transfers + chain + other }
        }

        /// An event of the period, in words.
        public struct Event: Sendable, Encodable {
            public let position: UInt64
            public let time: Instant
            public let type: String
            public let author: String
            public let what: String
            public let request: UInt64?
        }

        public let bucketMilliseconds: UInt64
        public internal(set) var buckets: [Bucket]
        public internal(set) var events: Limited<Event>
    }

    /// A request that was alive in the period.
    public struct RequestItem: Sendable, Encodable {
        /// Whom a transfer pays, and how much.
        public struct Recipient: Sendable, Encodable {
            public let address: String
            public let amount: Money
        }

        public let number: UInt64
        public let id: String
        public let kind: String
        public let what: String
        public let reference: String?
        public let initiated: Step
        public let rule: String?
        public let approvals: [Step]
        /// The approval that completed the quorum.
        public let authorised: Step?
        public let signings: [Step]
        public let released: Step?
        public let broadcast: Step?
        public let status: String
        public let ended: Instant?
        public let endedAt: UInt64?
        public let expires: Instant
        public let txid: String?
        public let sent: Money?
        public let fee: Money?
        public let recipients: [Recipient]
        public let recipientCount: Int
    }

    /// The money of the period.
    public struct Balances: Sendable, Encodable {
        /// What one wallet held, took in and gave out.
        public struct Wallet: Sendable, Encodable {
            public let wallet: String
            public let opening: Money
            public internal(set) var deposits = Money.zero
            public internal(set) var `internal` = Money.zero
            public internal(set) var change = Money.zero
            public internal(set) var spent = Money.zero
            public internal(set) var unexplained = Money.zero
            /// What reorganisations took back, in sum.
            public internal(set) var undone = Money.zero
            /// The unspent coins that the state holds in blocks at the period's end.
            public internal(set) var closing = Money.zero

            /// What the movements do not explain: zero unless something is wrong.
            public var difference: Money {
                Money(
                    satoshis: closing.satoshis - opening.satoshis - deposits.satoshis
                        - `internal`.satoshis - change.satoshis - spent.satoshis
                        - unexplained.satoshis - undone.satoshis)
            }

            private enum Key: CodingKey {
                case wallet, opening, deposits, `internal`, change, spent, unexplained, undone
                case closing, difference
            }

            public func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Key.self)
                try container.encode(wallet, forKey: .wallet)
                try container.encode(opening, forKey: .opening)
                try container.encode(deposits, forKey: .deposits)
                try container.encode(`internal`, forKey: .internal)
                try container.encode(change, forKey: .change)
                try container.encode(spent, forKey: .spent)
                try container.encode(unexplained, forKey: .unexplained)
                try container.encode(undone, forKey: .undone)
                try container.encode(closing, forKey: .closing)
                try container.encode(difference, forKey: .difference)
            }
        }

        public internal(set) var wallets: [Wallet] = []
    }

    /// A coin that came or went, and the event that accounts for it.
    public struct MovementItem: Sendable, Encodable {
        public let position: UInt64
        public let time: Instant
        public let wallet: String
        public let cause: String
        public let isUndone: Bool
        public let delta: Money
        public let coin: String
        public let txid: String
        public let height: UInt64
        public let request: UInt64?
        /// Where the request was initiated and its quorum completed.
        public let initiatedAt: UInt64?
        public let authorisedAt: UInt64?
    }

    /// Who could do what, at one moment.
    public struct Standing: Sendable, Encodable {
        /// A member with roles and key.
        public struct MemberItem: Sendable, Equatable, Encodable {
            public let name: String
            public let status: String
            public let roles: [String]
            public let key: String
        }

        /// A wallet with the rule that it stands under.
        public struct WalletItem: Sendable, Equatable, Encodable {
            public let name: String
            public let standing: String
            public let rule: String
            public let holders: [String]
            public let threshold: Int
            public let declaresShortcut: Bool
        }

        public let position: UInt64
        public let time: Instant
        public let policy: String
        public let members: [MemberItem]
        public let wallets: [WalletItem]
    }

    /// A change of members, wallets or rules.
    public struct ChangeItem: Sendable, Encodable {
        public let position: UInt64
        public let time: Instant
        public let what: String
        public let author: String
        public let request: UInt64?
        public let initiator: String?
        public let approvers: [String]
        public let rule: String?
    }

    /// A transfer whose signatures or PSBT are out, and which no block decides.
    public struct OutstandingItem: Sendable, Encodable {
        public let request: UInt64
        public let status: String
        /// Whether the request has ended, so that nobody means to use its signatures any more.
        public let hasEnded: Bool
        public let released: Step?
        public let wallet: String
        public let txid: String
        public let sent: Money
        public let signatures: Int
        public let isFullySigned: Bool
        public let coins: [String]
    }

    /// What an auditor should look at.
    public struct ExceptionItem: Sendable, Encodable {
        public let kind: String
        public let position: UInt64?
        public let time: Instant
        public let what: String
        public let request: UInt64?
    }

    /// What a key did in the period.
    public struct ActivityItem: Sendable, Encodable {
        public let member: String
        public let key: String
        public let status: String
        public internal(set) var events: [String: Int] = [:]
        public internal(set) var first: Instant?
        public internal(set) var last: Instant?

        /// All of them.
        public var total: Int { events.values.reduce(0, +) }
    }
}
