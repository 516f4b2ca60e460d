import Bitcoin
import Bytes
import Events
import State
import StateTestSupport
import TestSigning

/// A ledger in which everything happens once, for attacks to be made on it.
///
/// Two wallets, a coin whose transaction is a blob, documents, a confirmed transfer, a
/// reorganisation, an aborted request. At the end one transfer lacks an approval, one its
/// signatures, one is signed, a new block is the tip, and carol is suspended by the last event.
struct Story {
    private(set) var ledger: MemoryLedger

    /// How many entries there are at least before the end begins: more than a bundle.
    private static let filling = 280

    init() throws {
        ledger = try MemoryLedger(Treasury.roles, policy: Treasury.quorum)
        let coins = try fund()
        try move(coins.main[0])
        try document()
        let aborted = try request(coins.main[1], paying: 30_000)
        try ledger.record(.aborted(Aborted(request: aborted, reason: "twice")), by: "bob")
        try reorganise()
        while ledger.entries.count < Self.filling {
            ledger.clock += 60_000
            let fact = Attested(head: ledger.head, state: ledger.state.digest, findings: 0)
            try ledger.record(.attested(fact), by: "audrey")
        }
        try end(coins)
    }

    /// Creates both wallets and pays into them; one of the payments is too long for an event.
    private mutating func fund() throws -> (main: [OutPoint], vault: [OutPoint]) {
        let main = try TestWallet(.witnessMultisig(.sorted), threshold: 2, of: 3, seed: "main")
        try ledger.create(
            MemoryLedger.proposal(
                "main", main, holders: Treasury.holders, quorum: Treasury.quorum, gap: 10),
            main, by: ["alice", "bob"])
        let vault = try TestWallet(
            .taprootMultisig(UnspendableKey(), .given), threshold: 2, of: 3, seed: "vault")
        try ledger.create(
            MemoryLedger.proposal(
                "vault", vault, holders: Treasury.holders, quorum: Treasury.quorum, gap: 10),
            vault, by: ["alice", "bob"])
        var long = try ledger.funding("main", [90_000, 80_000, 70_000])
        let others = (0..<500).map {
            TransactionOutput(amount: 1_000, scriptPubKey: MemoryLedger.payee("other \($0)"))
        }
        long.outputs += others
        try ledger.mine([long], watchedBy: "walt")
        let other = try ledger.deposit(60_000, to: "main", watchedBy: "walt")
        let safe = try ledger.deposit(50_000, 40_000, to: "vault", watchedBy: "walt")
        return ((0..<3).map { OutPoint(txid: long.txid, index: $0) } + other, safe)
    }

    /// Sends a coin of `main` all the way into a block.
    private mutating func move(_ coin: OutPoint) throws {
        let id = try request(coin, paying: 50_000)
        try ledger.approve(id, by: "alice", "carol")
        try ledger.record(.exported(Exported(request: id, psbt: sha256([1]))), by: "olga")
        try sign(id)
        let transaction = try ledger.broadcast(id, by: "olga")
        try ledger.relay(id, by: "walt")
        try ledger.record(.issued(Issued(wallet: "main", index: 4)), by: "olga")
        try ledger.mine([transaction], watchedBy: "walt")
    }

    private mutating func document() throws {
        let invoice = [UInt8](repeating: 9, count: 32) + Array("an invoice".utf8)
        ledger.keep(invoice)
        try ledger.record(
            .attached(
                Attached(document: BlobReference(invoice), label: "an invoice", request: nil)),
            by: "bob")
    }

    /// Leaves the last block for two others.
    private mutating func reorganise() throws {
        ledger.chain.mine()
        try ledger.watch(by: "walt")
        ledger.chain.rewind(to: ledger.chain.hash(at: ledger.chain.height - 1))
        ledger.chain.mine()
        ledger.chain.mine()
        try ledger.watch(by: "walt")
    }

    private mutating func end(_ coins: (main: [OutPoint], vault: [OutPoint])) throws {
        let waiting = try request(coins.main[1], paying: 20_000)
        try ledger.approve(waiting, by: "alice")
        let authorised = try request(coins.main[2], paying: 20_000)
        try ledger.approve(authorised, by: "alice", "bob")
        let signed = try request(coins.vault[0], paying: 20_000, from: "vault")
        try ledger.approve(signed, by: "alice", "bob")
        try sign(signed)
        try ledger.mine(watchedBy: "walt")
        let change = try ledger.initiate(.suspendMember("carol"), by: "alice")
        try ledger.approve(change, by: "alice", "bob")
    }

    private mutating func request(
        _ coin: OutPoint, paying amount: Amount, from wallet: WalletName = "main"
    ) throws -> Digest32 {
        let transfer = try ledger.transfer([coin], from: wallet, paying: amount)
        return try ledger.initiate(.transfer(transfer), by: "alice")
    }

    private mutating func sign(_ id: Digest32) throws {
        try ledger.sign(id, key: 0, by: "alice")
        try ledger.sign(id, key: 1, by: "bob")
    }
}
