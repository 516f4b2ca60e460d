import Bitcoin
import Bytes
import Events
import Keys
import State
import StateTestSupport
import TestSigning
import Testing

@Suite struct VoidingTests {
    /// Changes around requests that alice made and bob approved.
    static let causes: [(String, @Sendable (inout MemoryLedger) throws -> Void)] = [
        ("the wallet is retired", { try $0.carry(.retireWallet("main"), by: "alice", "carol") }),
        (
            "the wallet's rule is replaced",
            {
                try $0.carry(
                    .replacePolicy(.wallet("main"), with: "2 of (alice, carol)"), by: "alice",
                    "carol")
            }
        ),
        (
            "the initiator is suspended",
            { try $0.carry(.suspendMember("alice"), by: "bob", "carol") }
        ),
        ("an approver is suspended", { try $0.carry(.suspendMember("bob"), by: "alice", "carol") }),
        (
            "the initiator's key is rotated",
            {
                let key = try MemoryLedger.key("alice again").publicKey.key.id
                try $0.carry(.rotateKey("alice", to: key), by: "bob", "carol")
            }
        ),
        (
            "an approver's key is rotated",
            {
                let key = try MemoryLedger.key("bob again").publicKey.key.id
                try $0.carry(.rotateKey("bob", to: key), by: "alice", "carol")
            }
        ),
    ]

    @Test(arguments: causes.indices)
    func `a change under a transfer voids it, unless it is broadcast or outstanding`(
        _ cause: Int
    ) throws {
        var (ledger, coins) = try Treasury.funded(100_000, 100_000, 100_000, 100_000, 100_000)
        let open = try ledger.send([coins[0]], paying: 50_000)
        try ledger.approve(open, by: "bob")
        let authorised = try ledger.sendAuthorised([coins[1]], paying: 50_000)
        let signed = try ledger.sendAuthorised([coins[2]], paying: 50_000)
        try ledger.sign(signed, key: 0, by: "alice")
        let (sent, _) = try ledger.sendBroadcast([coins[3]], paying: 50_000)
        let outstanding = try ledger.sendAuthorised([coins[4]], paying: 50_000)
        try ledger.sign(outstanding, key: 0, by: "alice")
        try ledger.carry(.cancel(request: outstanding), by: "bob", "carol")
        let cancellation = try ledger.initiate(.cancel(request: authorised), by: "carol")
        try Self.causes[cause].1(&ledger)
        #expect(ledger.status(open) == .voided, "\(Self.causes[cause].0)")
        #expect(ledger.status(authorised) == .voided)
        #expect(ledger.status(cancellation) == .voided)
        #expect(ledger.status(signed) == .outstanding)
        #expect(ledger.state.requests[signed]?.ending == .voided)
        #expect(ledger.status(sent) == .broadcast)
        #expect(ledger.state.requests[outstanding]?.ending == .cancelled)
        #expect(ledger.state.holders(of: coins[0]).isEmpty)
        #expect(ledger.state.holders(of: coins[2]) == [signed])
        #expect(try ledger.replayed().encoded == ledger.state.encoded)
    }

    @Test func `what a change does not touch goes on`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        let id = try ledger.send(coins, paying: 50_000)
        try ledger.approve(id, by: "bob")
        try ledger.carry(.suspendMember("carol"), by: "alice", "bob")
        try ledger.carry(.replacePolicy(.ledger, with: "1 of (alice, bob)"), by: "alice", "bob")
        #expect(ledger.status(id) == .initiated)
        try ledger.approve(id, by: "alice")
        #expect(ledger.status(id) == .authorised)
    }

    @Test func `a new rule voids what was asked under the old one, but not itself`() throws {
        var ledger = try Treasury.founded()
        let enrolment = try ledger.initiate(
            .enrolMember(try Provocation.enrolment("zoe", key: "zoe")), by: "alice")
        let policy = try ledger.carry(
            .replacePolicy(.ledger, with: "2 of (alice, bob)"), by: "alice", "bob")
        #expect(ledger.status(policy) == .executed)
        #expect(ledger.status(enrolment) == .voided)
    }

    @Test func `a request about a member is voided when he is changed otherwise`() throws {
        var ledger = try Treasury.founded()
        let key = try MemoryLedger.key("carol again").publicKey.key.id
        let rotation = try ledger.initiate(.rotateKey("carol", to: key), by: "alice")
        try ledger.carry(.suspendMember("carol"), by: "alice", "bob")
        #expect(ledger.status(rotation) == .voided)
    }

    @Test func `a conflict reorganised away brings no voided request back`() throws {
        var (ledger, coins) = try Treasury.funded(100_000, 100_000)
        let id = try ledger.sendAuthorised(coins, paying: 150_000)
        let fork = ledger.chain.tip
        let thief = Transaction(
            inputs: [TransactionInput(previousOutput: coins[0], sequence: .max)],
            outputs: [TransactionOutput(amount: 90_000, scriptPubKey: MemoryLedger.payee("thief"))])
        try ledger.mine([thief], watchedBy: "walt")
        #expect(ledger.status(id) == .conflicted)
        try ledger.carry(.suspendMember("alice"), by: "bob", "carol")
        ledger.chain.rewind(to: fork)
        ledger.chain.mine()
        try ledger.mine(watchedBy: "walt")
        #expect(ledger.status(id) == .voided)
        #expect(ledger.state.holders(of: coins[1]).isEmpty)
    }
}
