import Bitcoin
import Bytes
import Events
import Keys
import Secrets
import Signing
import State
import StateTestSupport
import TestSigning
import Testing

/// A signer proves to itself that it may sign, and that it signs with the wallet's own keys.
@Suite struct TransferSignerTests {
    private var memory: MemoryLedger
    private let coins: [OutPoint]

    init() throws {
        memory = try Treasury.staged()
        coins = try memory.fund([100_000, 50_000])
    }

    /// The root of a holder's wallet key, as a key file holds it.
    private func root(_ name: String) throws -> ExtendedPrivateKey {
        try ExtendedPrivateKey(
            seed: SecretBytes(copying: sha256(Array(name.utf8)).span), version: .test)
    }

    private func signer(_ id: Digest32) throws -> TransferSigner {
        try TransferSigner(try #require(memory.state.requests[id]), in: memory.state)
    }

    private func refusal(_ body: () throws -> Void) -> SigningError? {
        do { try body() } catch let error as SigningError { return error } catch {
            Issue.record(error)
        }
        return nil
    }

    @Test mutating func `its signatures are those that the ledger admits`() throws {
        let id = try memory.sendAuthorised(coins, paying: 120_000)
        for (index, member) in (["alice", "bob"] as [MemberName]).enumerated() {
            let signatures = try signer(id).sign(with: try root("main\(index)")) { .zero }
            #expect(signatures.map(\.input) == [0, 1])
            try memory.record(.signed(Signed(request: id, signatures: signatures)), by: member)
        }
        #expect(memory.state.requests[id]?.isFullySigned == true)
    }

    @Test(arguments: [Descriptor.Kind.witnessPublicKeyHash, .taprootKey])
    func `a key alone signs for its wallet`(kind: Descriptor.Kind) throws {
        var memory = try Treasury.staged()
        let wallet = try TestWallet(kind, seed: "single")
        try memory.create(
            MemoryLedger.proposal(
                "single", wallet, holders: ["alice"], quorum: "1 of (alice)",
                declaresShortcut: false),
            wallet, by: ["alice", "bob"])
        let coins = try memory.deposit(100_000, to: "single", watchedBy: "walt")
        let id = try memory.initiate(
            .transfer(try memory.transfer(coins, from: "single", paying: 20_000)), by: "alice")
        try memory.approve(id, by: "alice")
        let signer = try TransferSigner(try #require(memory.state.requests[id]), in: memory.state)
        let root = try root("single0")
        let signatures = try signer.sign(with: root) { sha256([1]) }
        try memory.record(.signed(Signed(request: id, signatures: signatures)), by: "alice")
        #expect(memory.state.requests[id]?.isFullySigned == true)
    }

    @Test mutating func `nothing is signed before the quorum is complete, or after the end`()
        throws
    {
        let id = try memory.send(coins, paying: 120_000)
        guard case .notAuthorised(2, let reason) = refusal({ _ = try signer(id) }) else {
            Issue.record("an open request was signed")
            return
        }
        #expect(reason.contains("its quorum is not complete; it misses 2 more of"))
        try memory.approve(id, by: "alice")
        #expect(refusal { _ = try signer(id) } != nil)
        try memory.approve(id, by: "bob")
        let request = try #require(memory.state.requests[id])
        _ = try signer(id)
        let cancel = try memory.carry(.cancel(request: id), by: "alice", "bob")
        #expect(memory.status(cancel) != nil)
        #expect(
            refusal {
                _ = try TransferSigner(memory.state.requests[id] ?? request, in: memory.state)
            } != nil || memory.state.requests[id] == nil)
    }

    @Test mutating func `a request that is no transfer, a foreign key and a used one sign nothing`()
        throws
    {
        let policy = try memory.initiate(
            .replacePolicy(.ledger, with: "2 of (alice, bob)"), by: "alice")
        #expect(
            refusal { _ = try signer(policy) }
                == .notAuthorised(number: 2, reason: "it is not a transfer"))
        let id = try memory.sendAuthorised(coins, paying: 120_000)
        let foreign = try root("somebody else's")
        let fingerprint = try foreign.publicKey.fingerprint
        #expect(
            refusal { _ = try signer(id).sign(with: foreign) { .zero } }
                == .foreignKey(wallet: "main", fingerprint: "\(fingerprint)"))
        try memory.sign(id, key: 0, by: "alice")
        let used = try root("main0")
        #expect(
            refusal { _ = try signer(id).sign(with: used) { .zero } }
                == .nothingToSign(number: 3))
    }
}
