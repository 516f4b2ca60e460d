public import Bitcoin
public import Bytes
public import Events
public import Keys
public import Policy

/// Everything that follows from the log up to one position: members, wallets, requests, coins.
///
/// Only what is live is held: requests leave it when they are over, coins when their spend is
/// buried. It is built by ``apply(_:_:in:)`` alone and can be dropped and rebuilt from the log,
/// byte for byte the same (``encoded``).
public struct LedgerState: Sendable {
    /// The ledger's id: the id of its founding event.
    public let ledger: Digest32
    public let founding: Founded
    /// How many entries the state follows from.
    public internal(set) var size: UInt64
    /// The recorded time of the last entry.
    public internal(set) var recorded: UInt64
    /// Whether every founding member has accepted; until then nothing else may happen.
    public internal(set) var isFounded = false
    /// Who must approve changes of members, wallets and this quorum.
    public internal(set) var policy: Quorum
    /// Where the event stands that put ``policy`` in force.
    public internal(set) var policySince: UInt64
    public internal(set) var members: [MemberName: Member]
    public internal(set) var authors: [KeyID: Author]
    public internal(set) var wallets: [WalletName: Wallet] = [:]
    public internal(set) var requests: [Digest32: OpenRequest] = [:]
    /// The running number of the next request.
    public internal(set) var nextNumber: UInt64 = 1
    public internal(set) var coins: [OutPoint: Coin] = [:]
    public internal(set) var blocks: BlockTree
    /// How many incidents there have been, and the last of them.
    public internal(set) var incidentCount: UInt64 = 0
    public internal(set) var incidents: [Incident] = []

    /// The active members and their roles, against which quorums are judged.
    public internal(set) var roster = Roster()
    /// The live transfers that hold each coin.
    var reservations: [OutPoint: [Digest32]] = [:]
    /// Whose each watched script is.
    public internal(set) var scripts: [Script: ScriptOwner] = [:]
    /// SHA-256 over the watched scripts' specification.
    public internal(set) var watchedScripts: Digest32 = .zero
    /// The earliest expiry of a request that can still expire.
    var nextExpiry = UInt64.max
    /// What happened since the effects were last taken.
    var effects = Effects()

    /// The most incidents that the state itself keeps; the log has all.
    public static let incidentLimit = 256

    /// What follows from events besides the state itself.
    public struct Effects: Sendable, Equatable {
        /// Requests that left the live state.
        public var outcomes: [RequestOutcome] = []
        public var incidents: [Incident] = []

        /// Nothing.
        public init() {}

        /// Whether there is nothing.
        public var isEmpty: Bool { outcomes.isEmpty && incidents.isEmpty }
    }

    /// Takes what has followed since the last call.
    public mutating func takeEffects() -> Effects {
        guard !effects.isEmpty else { return Effects() }
        defer { effects = Effects() }
        return effects
    }
}

/// Something that must not happen and yet is true, recorded because it exists.
public struct Incident: Sendable, Equatable {
    public let position: UInt64
    public let kind: Kind
    /// What happened, with the values.
    public let description: String

    /// The kinds of incidents.
    public enum Kind: String, Sendable, CaseIterable {
        /// A coin of ours was spent by a transaction that no request explains.
        case unexplainedSpend = "unexplained-spend"
        /// A valid signature exists for a request that is not, or no longer, authorised.
        case unauthorisedSignature = "unauthorised-signature"
    }
}

extension LedgerState {
    /// Begins the state of a ledger with its founding event, which stands at position 0.
    public init(founding event: SignedEvent, recorded: UInt64) throws(Refusal) {
        guard case .founded(let founded) = event.event.fact else {
            throw Refusal(
                .founding, "the first event must be `founded`, not `\(event.event.fact.type)`")
        }
        guard founded.rules == 1 else {
            throw Refusal(
                .unknownRules,
                "the ledger was founded under rules \(founded.rules); this program "
                    + "knows rules 1. Use a newer one")
        }
        try Self.checkFoundingEvent(event.event, recorded: recorded)
        ledger = event.id
        founding = founded
        size = 1
        self.recorded = recorded
        policy = founded.policy
        policySince = 0
        members = [:]
        authors = [:]
        blocks = try BlockTree(anchor: founded.anchor, network: founded.network)
        for enrolment in founded.members {
            try admitFounder(enrolment)
        }
        guard authors[event.author] != nil else {
            throw Refusal(
                .founding,
                "the founding event is signed by \(event.author.hex), which is not the "
                    + "key of a founding member")
        }
        authors[event.author]?.nextSequence = 1
        try checkFoundingPolicy()
        updateWatchedScripts()
    }

    /// Requires of the first event what others are required by their author's earlier ones.
    private static func checkFoundingEvent(_ event: Event, recorded: UInt64) throws(Refusal) {
        guard event.sequence == 0, event.seen == .empty else {
            throw Refusal(
                .founding,
                "the founding event is event \(event.sequence) of its key and has seen "
                    + "\(event.seen); event 0, which has seen the empty log, is accepted")
        }
        try checkAge(of: event, recorded: recorded)
    }

    private mutating func admitFounder(_ enrolment: Enrolment) throws(Refusal) {
        guard let key = PublicKey(enrolment.key) else {
            throw Refusal(
                .founding,
                "the key \(enrolment.key.hex) of \(enrolment.member) is no point of the "
                    + "curve; a compressed secp256k1 public key would be accepted")
        }
        guard members[enrolment.member] == nil else {
            throw Refusal(
                .nameTaken, "the name \(enrolment.member) stands twice among the founders")
        }
        guard authors[enrolment.key] == nil else {
            throw Refusal(
                .keyTaken,
                "\(enrolment.member) and another founder have the same key "
                    + "\(enrolment.key.hex); each member needs a key of his own")
        }
        enrol(enrolment, key: key, at: 0)
    }

    mutating func enrol(_ enrolment: Enrolment, key: PublicKey, at position: UInt64) {
        members[enrolment.member] = Member(
            name: enrolment.member, roles: enrolment.roles, key: enrolment.key,
            status: .awaitingAcceptance, person: enrolment.person, since: position)
        authors[enrolment.key] = Author(
            member: enrolment.member, key: key, status: .awaitingAcceptance, nextSequence: 0,
            seenSize: 0)
    }

    /// Requires a founding policy that its members can meet, each approval counting once.
    private func checkFoundingPolicy() throws(Refusal) {
        try checkTerms(of: policy, "the quorum")
        try requireReachable(
            policy, in: prospects, or: "the founders could not meet the quorum \(policy)")
    }

    /// The rule under which a request of this intent is approved; nil when it names what is not.
    public func rule(for request: Request) -> Quorum? {
        switch request {
        case .transfer(let transfer): wallets[transfer.wallet]?.quorum
        case .retireWallet(let wallet), .replacePolicy(.wallet(let wallet), _):
            wallets[wallet]?.quorum
        case .createWallet, .enrolMember, .suspendMember, .rotateKey, .replacePolicy(.ledger, _):
            policy
        case .cancel(let target): requests[target].flatMap { rule(for: $0.initiated.request) }
        }
    }

    /// How far a live request's quorum has come.
    public func progress(of request: OpenRequest) -> Progress? {
        rule(for: request.initiated.request).map {
            Progress(
                of: $0, approvedBy: request.approvers, in: roster, subject: request.subject)
        }
    }

    /// The ids of the live transfers that hold a coin.
    public func holders(of coin: OutPoint) -> [Digest32] {
        (reservations[coin] ?? []).filter { requests[$0].map { $0.mined == nil } ?? false }
    }

    /// The height of the active chain's tip.
    public var height: UInt64 { UInt64(blocks.tip.height) }

    /// How many confirmations a coin has; 0 while no block holds it.
    public func confirmations(of coin: Coin) -> UInt64 {
        coin.height.map { height >= $0 ? height - $0 + 1 : 0 } ?? 0
    }

    /// Whether a coin is deep enough to be spent: its wallet's minimum depth, 100 blocks over a
    /// coinbase.
    public func isMature(_ coin: Coin) -> Bool {
        let depth = UInt64(wallets[coin.owner.wallet]?.minimumDepth ?? 1)
        return confirmations(of: coin) >= max(depth, coin.isCoinbase ? 101 : 1)
    }

    /// SHA-256 of ``encoded``, by which two replays are compared.
    public var digest: Digest32 { sha256(encoded) }
}
