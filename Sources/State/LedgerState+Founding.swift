internal import Bitcoin
public import Events
internal import Keys
internal import Policy

extension LedgerState {
    /// Begins the state of a ledger with its founding event, which stands at position 0.
    // rules.md 3
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

    /// Requires a founding policy that its members can meet, each approval counting once.
    private func checkFoundingPolicy() throws(Refusal) {
        try checkTerms(of: policy, "the quorum")
        try requireReachable(
            policy, in: prospects, or: "the founders could not meet the quorum \(policy)")
    }
}
