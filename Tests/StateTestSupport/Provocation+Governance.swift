internal import Bytes
public import Events
internal import Keys
internal import State
internal import TestSigning

extension Provocation {
    static let governance: [Refusal.Rule: Provocation] = [
        .founding: Provocation(naming: "audrey, bob, carol, olga, walt must accept") {
            var ledger = try MemoryLedger(
                Treasury.roles, policy: Treasury.quorum, accepting: false)
            try ledger.record(.accepted(.membership("alice")), by: "alice")
            return try ledger.offer(MemoryLedger.attached(), by: "alice")
        },
        .unknownRules: Provocation(
            naming: "rules 2", "knows rules 1",
            refusal: {
                let founding = try MemoryLedger.founding(
                    Treasury.roles, policy: Treasury.quorum, rules: 2)
                do {
                    _ = try MemoryLedger(
                        founding, by: "alice", keys: ["alice": try MemoryLedger.key("alice")])
                    return nil
                } catch { return error as? Refusal }
            }),
        .acceptance: Provocation(naming: "alice has accepted already") {
            var ledger = try Treasury.staged()
            return try ledger.offer(.accepted(.membership("alice")), by: "alice")
        },
        .unknownMember: Provocation(naming: "called zoe", "alice, audrey, bob, carol, olga, walt") {
            var ledger = try Treasury.staged()
            return try ledger.offer(of: .suspendMember("zoe"))
        },
        .nameTaken: Provocation(naming: "called bob", "never used twice") {
            var ledger = try Treasury.staged()
            return try ledger.offer(of: .enrolMember(try enrolment("bob", key: "new")))
        },
        .keyTaken: Provocation(naming: "bob's", "a key that nobody has used") {
            var ledger = try Treasury.staged()
            return try ledger.offer(of: .enrolMember(try enrolment("zoe", key: "bob")))
        },
        .quorumOverlap: Provocation(naming: "alice could fill two places", "name each member") {
            var ledger = try Treasury.staged()
            return try ledger.offer(
                of: .replacePolicy(.ledger, with: "2 of (alice, 1 of executive)"))
        },
        .quorumUnreachable: Provocation(naming: "3 of executive", "would miss 1 executive") {
            var ledger = try Treasury.staged()
            try ledger.carry(.suspendMember("carol"), by: "alice", "bob")
            return try ledger.offer(of: .replacePolicy(.ledger, with: "1 of (3 of executive)"))
        },
    ]

    static let requests: [Refusal.Rule: Provocation] = [
        .unknownRequest: Provocation(naming: String(repeating: "00", count: 32)) {
            var ledger = try Treasury.staged()
            return try ledger.offer(.approved(Approved(request: .zero)), by: "alice")
        },
        .requestEnded: Provocation(naming: "has ended", "only an open one") {
            var ledger = try Treasury.staged()
            let id = try ledger.initiate(.suspendMember("carol"), by: "alice")
            try ledger.record(.aborted(Aborted(request: id, reason: nil)), by: "alice")
            return try ledger.offer(.approved(Approved(request: id)), by: "bob")
        },
        .expiry: Provocation(naming: "in 31 days", "within 30 days") {
            var ledger = try Treasury.staged()
            return try ledger.offer(
                of: .suspendMember("carol"),
                expires: ledger.clock + LedgerState.longestExpiry + 1)
        },
        .openTransfers: Provocation(naming: "alice has 1 open transfers", "limit is 1") {
            var (ledger, coins) = try Treasury.stagedFunds(
                100_000, 100_000, limits: Limits(openTransfers: 1))
            _ = try ledger.send([coins[0]], paying: 50_000)
            let second = try ledger.transfer([coins[1]], from: "main", paying: 50_000)
            return try ledger.offer(of: .transfer(second))
        },
        .alreadyApproved: Provocation(naming: "alice", "request 1", "counts once") {
            var ledger = try Treasury.staged()
            let id = try ledger.initiate(.suspendMember("carol"), by: "alice")
            try ledger.approve(id, by: "alice")
            return try ledger.offer(.approved(Approved(request: id)), by: "alice")
        },
        .notApprover: Provocation(naming: "olga", "alice, bob") {
            var ledger = try Treasury.staged()
            let id = try ledger.initiate(.suspendMember("carol"), by: "alice")
            return try ledger.offer(.approved(Approved(request: id)), by: "olga")
        },
        .subject: Provocation(naming: "about carol", "not approve") {
            var ledger = try Treasury.staged()
            let id = try ledger.initiate(.suspendMember("carol"), by: "alice")
            return try ledger.offer(.approved(Approved(request: id)), by: "carol")
        },
        .quorumComplete: Provocation(naming: "request 2", "`cancel` request") {
            var (ledger, coins) = try Treasury.stagedFunds(100_000)
            let id = try ledger.sendAuthorised(coins, paying: 50_000)
            return try ledger.offer(.aborted(Aborted(request: id, reason: nil)), by: "alice")
        },
        .notAuthorised: Provocation(naming: "request 2", "1 more of alice, carol") {
            var (ledger, coins) = try Treasury.stagedFunds(100_000)
            let id = try ledger.send(coins, paying: 50_000)
            try ledger.approve(id, by: "bob")
            return try ledger.offer(.exported(Exported(request: id, psbt: .zero)), by: "olga")
        },
        .notCancellable: Provocation(naming: "request 2", "aborted instead") {
            var (ledger, coins) = try Treasury.stagedFunds(100_000)
            let id = try ledger.send(coins, paying: 50_000)
            return try ledger.offer(of: .cancel(request: id))
        },
    ]

    public static func enrolment(_ name: MemberName, key: String) throws -> Enrolment {
        Enrolment(
            member: name, key: try MemoryLedger.key(key).publicKey.key.id, roles: [], person: nil)
    }
}
