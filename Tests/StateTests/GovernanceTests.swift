import Bitcoin
import Bytes
import Events
import Keys
import Policy
import State
import StateTestSupport
import TestSigning
import Testing

@Suite struct GovernanceTests {
    @Test func `a new member counts from his own acceptance`() throws {
        var ledger = try Treasury.founded()
        let key = try MemoryLedger.key("zoe")
        let id = try ledger.carry(
            .enrolMember(try Provocation.enrolment("zoe", key: "zoe")), by: "alice", "bob")
        #expect(ledger.status(id) == .executed)
        #expect(ledger.state.members["zoe"]?.status == .awaitingAcceptance)
        #expect(ledger.state.roster.roles["zoe"] == nil)
        ledger.keys["zoe"] = key
        try ledger.record(.accepted(.membership("zoe")), by: "zoe")
        #expect(ledger.state.roster.roles["zoe"] == [])
        try ledger.carry(.replacePolicy(.ledger, with: "2 of (alice, zoe)"), by: "alice", "bob")
        #expect(ledger.state.policySince == ledger.state.size - 1)
        try ledger.carry(.suspendMember("carol"), by: "alice", "zoe")
        #expect(ledger.state.members["carol"]?.status == .suspended)
    }

    @Test func `a suspended member neither acts nor accepts, and his number goes on`() throws {
        var ledger = try Treasury.founded()
        try ledger.record(MemoryLedger.attached(), by: "carol")
        try ledger.carry(.suspendMember("carol"), by: "alice", "bob")
        #expect(try ledger.refusal(MemoryLedger.attached(), by: "carol")?.rule == .memberSuspended)
        let carol = ledger.key(of: "carol").publicKey.key.id
        #expect(ledger.state.authors[carol]?.nextSequence == 2)
        #expect(try ledger.refusal(of: .suspendMember("carol"))?.rule == .memberSuspended)
        let new = try MemoryLedger.key("carol again").publicKey.key.id
        #expect(
            try ledger.refusal(of: .rotateKey("carol", to: new))?.rule == .memberSuspended)

        try ledger.carry(
            .enrolMember(try Provocation.enrolment("zoe", key: "zoe")), by: "alice", "bob")
        try ledger.carry(.suspendMember("zoe"), by: "alice", "bob")
        ledger.keys["zoe"] = try MemoryLedger.key("zoe")
        let refusal = try ledger.refusal(.accepted(.membership("zoe")), by: "zoe")
        #expect(refusal?.rule == .memberSuspended)
    }

    @Test func `a rotated key counts from its own acceptance, and the old one never again`() throws
    {
        var ledger = try Treasury.founded()
        let old = ledger.key(of: "bob")
        let new = try MemoryLedger.key("bob again")
        let id = try ledger.initiate(.rotateKey("bob", to: new.publicKey.key.id), by: "bob")
        #expect(try ledger.refusal(.approved(Approved(request: id)), by: "bob")?.rule == .subject)
        let abort = Fact.aborted(Aborted(request: id, reason: nil))
        #expect(try ledger.refusal(abort, by: "bob")?.rule == .subject)
        try ledger.approve(id, by: "alice", "carol")
        #expect(ledger.state.roster.roles["bob"] == nil)
        let retired = try ledger.sign(MemoryLedger.attached(), with: old)
        #expect(try ledger.refusal(retired)?.rule == .keyRetired)
        ledger.keys["bob"] = new
        #expect(try ledger.refusal(MemoryLedger.attached(), by: "bob")?.rule == .keyNotAccepted)
        try ledger.record(.accepted(.membership("bob")), by: "bob")
        try ledger.record(MemoryLedger.attached(), by: "bob")
        let again = try ledger.refusal(of: .rotateKey("carol", to: old.publicKey.key.id))
        #expect(again?.rule == .keyTaken)
    }

    @Test func `a change that leaves a quorum out of reach is refused`() throws {
        var (ledger, _) = try Treasury.funded(100_000)
        try ledger.carry(
            .replacePolicy(.wallet("main"), with: "2 of (alice, bob)"), by: "alice", "bob")
        let refusal = try #require(try ledger.refusal(of: .suspendMember("bob")))
        #expect(refusal.rule == .quorumUnreachable)
        #expect(refusal.reason.contains("main"))
        // Its coins must be able to leave after it is retired, and whoever they need can not.
        try ledger.carry(.retireWallet("main"), by: "alice", "bob")
        #expect(try ledger.refusal(of: .suspendMember("bob"))?.reason == refusal.reason)
        try ledger.carry(
            .replacePolicy(.wallet("main"), with: "2 of (alice, carol)"), by: "alice", "bob")
        try ledger.carry(.suspendMember("bob"), by: "alice", "carol")
        #expect(try ledger.refusal(of: .suspendMember("carol"))?.rule == .quorumUnreachable)
    }

    @Test func `nobody comes to fill two leaves of a retired wallet's quorum`() throws {
        var (ledger, _) = try Treasury.funded(100_000)
        let rule: Quorum = "2 of (1 of executive, 1 of operator)"
        try ledger.carry(.replacePolicy(.wallet("main"), with: rule), by: "alice", "bob")
        try ledger.carry(.retireWallet("main"), by: "alice", "olga")
        let key = try MemoryLedger.key("zoe").publicKey.key.id
        let both = Enrolment(
            member: "zoe", key: key, roles: ["executive", .operator], person: nil)
        let refusal = try #require(try ledger.refusal(of: .enrolMember(both)))
        #expect(refusal.rule == .quorumOverlap)
        #expect(refusal.reason.contains("the wallet main"))
    }

    @Test func `a rule that needs more than the wallet's keys is refused with what is possible`()
        throws
    {
        var (ledger, _) = try Treasury.funded(100_000)
        let policy = Request.replacePolicy(.wallet("main"), with: "3 of (alice, bob, carol)")
        let refusal = try #require(try ledger.refusal(of: policy))
        #expect(refusal.rule == .shortcut)
        #expect(refusal.reason.contains("A quorum that 2 members can complete"))
        #expect(!refusal.reason.contains("declare"))
        let wallet = try TestWallet(.witnessMultisig(.sorted), threshold: 2, of: 3, seed: "cold")
        let proposal = MemoryLedger.proposal(
            "cold", wallet, holders: Treasury.holders, quorum: "3 of (alice, bob, carol)")
        let creation = try #require(try ledger.refusal(of: .createWallet(proposal)))
        #expect(creation.reason.hasSuffix("or declare the shortcut"))
    }

    @Test func `equal keys of a descriptor are called by their holders`() throws {
        let same = DescriptorError.duplicateKeys(first: 0, second: 2)
        let sentence = same.sentence(holders: ["alice", "bob", "carol"])
        #expect(sentence.contains("key 0, of alice, and key 2, of carol, are the same"))
        #expect(same.sentence(holders: ["alice"]) == "\(same)")
    }

    @Test func `who is about to accept occupies his leaves already`() throws {
        var ledger = try Treasury.founded()
        let key = try MemoryLedger.key("zoe").publicKey.key.id
        let zoe = Enrolment(member: "zoe", key: key, roles: ["executive"], person: nil)
        try ledger.carry(.enrolMember(zoe), by: "alice", "bob")
        // Zoe is no executive yet, but would be one with her acceptance.
        let overlap: Quorum = "2 of (zoe, 1 of executive)"
        #expect(
            try ledger.refusal(of: .replacePolicy(.ledger, with: overlap))?.rule == .quorumOverlap)
    }

    @Test func `the commitment to a name is that of the enrolment and stays with the member`()
        throws
    {
        var ledger = try Treasury.founded()
        let key = try MemoryLedger.key("zoe").publicKey.key.id
        let person = sha256(Array("salt and name of zoe".utf8))
        let zoe = Enrolment(member: "zoe", key: key, roles: [], person: person)
        let id = try ledger.initiate(.enrolMember(zoe), by: "alice")
        #expect(ledger.state.members["zoe"] == nil)
        try ledger.approve(id, by: "alice", "bob")
        try ledger.carry(.suspendMember("zoe"), by: "alice", "bob")
        #expect(ledger.state.members["zoe"]?.person == person)
        let stored = try LedgerState(decoding: ledger.state.encoded)
        #expect(stored.members["zoe"]?.person == person)
        #expect(stored.members["alice"]?.person == nil)
    }

    @Test func `a suspended member's handle and keys are spent`() throws {
        var ledger = try Treasury.founded()
        try ledger.carry(.suspendMember("carol"), by: "alice", "bob")
        let old = try #require(ledger.state.members["carol"]).key
        let new = try MemoryLedger.key("zoe").publicKey.key.id
        let again = Enrolment(member: "carol", key: new, roles: [], person: nil)
        #expect(try ledger.refusal(of: .enrolMember(again))?.rule == .nameTaken)
        let renamed = Enrolment(member: "zoe", key: old, roles: [], person: nil)
        #expect(try ledger.refusal(of: .enrolMember(renamed))?.rule == .keyTaken)
        #expect(try ledger.refusal(of: .rotateKey("carol", to: new))?.rule == .memberSuspended)
        let other = Enrolment(member: "zoe", key: new, roles: [], person: nil)
        #expect(try ledger.refusal(of: .enrolMember(other)) == nil)
    }

    @Test func `an enrolment that would fill two leaves is refused`() throws {
        var ledger = try Treasury.founded()
        try ledger.carry(
            .replacePolicy(.ledger, with: "2 of (2 of executive, 1 of operator)"), by: "alice",
            "bob")
        let key = try MemoryLedger.key("zoe").publicKey.key.id
        let both = Enrolment(
            member: "zoe", key: key, roles: ["executive", .operator], person: nil)
        #expect(try ledger.refusal(of: .enrolMember(both))?.rule == .quorumOverlap)
        let one = Enrolment(member: "zoe", key: key, roles: ["executive"], person: nil)
        try ledger.carry(.enrolMember(one), by: "alice", "bob", "olga")
        #expect(ledger.state.members["zoe"]?.status == .awaitingAcceptance)
    }

    @Test func `what has become impossible when its quorum is complete is voided`() throws {
        var ledger = try Treasury.founded()
        let zoe = try Provocation.enrolment("zoe", key: "zoe")
        let first = try ledger.initiate(.enrolMember(zoe), by: "alice")
        let second = try ledger.initiate(.enrolMember(zoe), by: "bob")
        try ledger.approve(first, by: "alice", "bob")
        #expect(ledger.status(first) == .executed)
        try ledger.approve(second, by: "alice", "bob")
        #expect(ledger.status(second) == .voided)
    }

    @Test func `a mandatory regulator can not be outvoted`() throws {
        var ledger = try MemoryLedger(
            ["alice": [], "bob": [], "carol": [], "regulator": [], "deputy": []],
            policy: "2 of (1 of (regulator, deputy), 2 of (alice, bob, carol))")
        let id = try ledger.initiate(.suspendMember("deputy"), by: "alice")
        try ledger.approve(id, by: "alice", "bob", "carol")
        #expect(ledger.status(id) == .initiated)
        let missing = ledger.state.requests[id].flatMap { ledger.state.progress(of: $0)?.missing }
        #expect(missing == "(1 more of regulator, deputy (no say: the request is about him))")
        try ledger.approve(id, by: "regulator")
        #expect(ledger.status(id) == .executed)
        // Without his deputy, the regulator could not be replaced against his will.
        #expect(
            try ledger.refusal(of: .suspendMember("regulator"))?.rule == .quorumUnreachable)
    }

    @Test func `a wallet is ready when each holder has accepted its descriptor`() throws {
        var ledger = try Treasury.founded()
        let proposal = try Provocation.proposal()
        try ledger.carry(.createWallet(proposal), by: "alice", "bob")
        let issue = Fact.issued(Issued(wallet: "cold", index: 0))
        #expect(try ledger.refusal(issue, by: "olga")?.rule == .walletNotReady)
        let consent = Fact.accepted(.wallet("cold", descriptor: proposal.descriptor))
        #expect(try ledger.refusal(consent, by: "olga")?.rule == .acceptance)
        let other = Fact.accepted(.wallet("cold", descriptor: "wpkh()"))
        #expect(try ledger.refusal(other, by: "alice")?.rule == .acceptance)
        for holder in Treasury.holders { try ledger.record(consent, by: holder) }
        #expect(try ledger.refusal(consent, by: "alice")?.rule == .acceptance)
        try ledger.record(issue, by: "olga")
        #expect(ledger.state.wallets["cold"]?.nextReceive == 1)
        #expect(ledger.state.wallets["cold"]?.watchedReceive == 21)
        #expect(try ledger.refusal(issue, by: "olga")?.rule == .addressIndex)
        let next = Fact.issued(Issued(wallet: "cold", index: 1))
        #expect(try ledger.refusal(next, by: "audrey")?.rule == .role)
        try ledger.record(next, by: "carol")
    }

    @Test func `wallets need names and keys of their own`() throws {
        var (ledger, _) = try Treasury.funded(100_000)
        let wallet = try TestWallet(
            .witnessMultisig(.sorted), threshold: 2, of: 3, seed: "main")
        let same = MemoryLedger.proposal(
            "main", wallet, holders: Treasury.holders, quorum: Treasury.quorum)
        #expect(try ledger.refusal(of: .createWallet(same))?.rule == .nameTaken)
        let reused = MemoryLedger.proposal(
            "cold", wallet, holders: Treasury.holders, quorum: Treasury.quorum)
        #expect(try ledger.refusal(of: .createWallet(reused))?.rule == .keyTaken)
        let account = wallet.descriptor.keys[0].extendedKey.key.id
        let enrolment = Enrolment(member: "zoe", key: account, roles: [], person: nil)
        #expect(try ledger.refusal(of: .enrolMember(enrolment))?.rule == .keyTaken)
    }

    @Test func `an internal key H + rG needs its r, which snapshots keep`() throws {
        let closed = try #require(UnspendableKey(offset: sha256(Array("r".utf8))))
        let wallet = try TestWallet(
            .taprootMultisig(closed, .sorted), threshold: 2, of: 3, seed: "quiet")
        func proposal(_ offset: Digest32?, _ wallet: TestWallet) -> WalletProposal {
            WalletProposal(
                wallet: "quiet", descriptor: wallet.descriptor.text, internalKeyOffset: offset,
                holders: Treasury.holders, quorum: Treasury.quorum,
                ceilings: FeeCeilings(fee: 1_000), declaresShortcut: false)
        }
        var ledger = try Treasury.staged()
        for wrong in [nil, .zero, sha256(Array("another".utf8))] {
            let refusal = try ledger.refusal(of: .createWallet(proposal(wrong, wallet)))
            #expect(refusal?.rule == .descriptor)
        }
        let plain = try TestWallet(
            .witnessMultisig(.sorted), threshold: 2, of: 3, seed: "plain")
        let needless = try ledger.refusal(of: .createWallet(proposal(closed.offset, plain)))
        #expect(needless?.rule == .descriptor)
        try ledger.create(proposal(closed.offset, wallet), wallet, by: ["alice", "bob"])
        #expect(ledger.state.wallets["quiet"]?.descriptor == wallet.descriptor)
        let restored = try LedgerState(decoding: ledger.state.encoded)
        #expect(restored.wallets["quiet"]?.descriptor == wallet.descriptor)
        #expect(restored.encoded == ledger.state.encoded)
    }

    @Test func `a retired wallet hands out no address, yet its coins can leave it whole`() throws {
        var (ledger, coins) = try Treasury.funded(100_000)
        try ledger.carry(.retireWallet("main"), by: "alice", "bob")
        #expect(try ledger.refusal(of: .retireWallet("main"))?.rule == .walletRetired)
        let policy = Request.replacePolicy(.wallet("main"), with: "1 of (alice, bob, carol)")
        #expect(try ledger.refusal(of: policy) == nil)
        let issue = Fact.issued(Issued(wallet: "main", index: 1))
        #expect(try ledger.refusal(issue, by: "olga")?.rule == .walletRetired)
        let late = try ledger.deposit(20_000, to: "main", watchedBy: "walt")
        let (_, transaction) = try ledger.sendBroadcast(coins + late, paying: 119_000)
        try ledger.mine([transaction], watchedBy: "walt")
        #expect(ledger.balance("main") == 0)
        #expect(ledger.effects.incidents.isEmpty)
    }

    @Test func `governance is refused to whom no rule names`() throws {
        var ledger = try Treasury.founded()
        #expect(try ledger.refusal(of: .suspendMember("carol"), by: "audrey")?.rule == .role)
        let id = try ledger.initiate(.suspendMember("carol"), by: "olga")
        let abort = Fact.aborted(Aborted(request: id, reason: "a mistake"))
        #expect(try ledger.refusal(abort, by: "audrey")?.rule == .notApprover)
        #expect(try ledger.refusal(abort, by: "carol")?.rule == .subject)
        try ledger.record(abort, by: "olga")
        #expect(ledger.status(id) == .aborted)
    }

    @Test func `an attestation names the head that its author has seen`() throws {
        var ledger = try Treasury.founded()
        let fact = Fact.attested(
            Attested(head: ledger.head, state: ledger.state.digest, findings: 0))
        #expect(try ledger.refusal(fact, by: "alice")?.rule == .role)
        try ledger.record(fact, by: "audrey")
    }
}
