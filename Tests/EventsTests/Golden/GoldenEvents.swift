import Bitcoin
import Bytes
import Events
import Keys
import TestSigning

/// Every golden event: each type of fact, each kind of request, and the variants of their fields.
struct GoldenEvents {
    private let cast: Cast
    private var ledger: Digest32?
    private var sequences: [KeyID: UInt64] = [:]
    private(set) var list: [Golden] = []

    /// 2026-01-01, 00:00 UTC, in milliseconds since 1970.
    private static let start: UInt64 = 1_767_225_600_000

    /// All of them; the same ones in every run.
    static func all() throws -> [Golden] { try made.get() }

    private static let made = Result { try make() }

    private static func make() throws -> [Golden] {
        var events = try GoldenEvents()
        try events.addFounding()
        try events.addTransfers()
        try events.addWalletRequests()
        try events.addMemberRequests()
        try events.addAnswers()
        try events.addExecution()
        try events.addChain()
        try events.addAudit()
        try events.addClosedWallet()
        return events.list
    }

    private init() throws { cast = try Cast() }

    /// Signs `fact` as the next event; returns its id.
    @discardableResult
    private mutating func add(
        _ name: String, by author: Author, _ fact: Fact, _ about: String
    ) throws -> Digest32 {
        let sequence = sequences[author.key, default: 0]
        let position = UInt64(list.count)
        // Every vector but the founding ones has seen a tree of its own size; its root is made up.
        let seen =
            ledger == nil
            ? TreeHead.empty : TreeHead(size: position, root: digest(of: "golden root \(position)"))
        let event = Event(
            time: Self.start + position * 60_000, sequence: sequence, seen: seen, fact: fact)
        let signed = try author.sign(event, ledger: ledger)
        list.append(
            Golden(
                name: name, about: about, author: author, ledger: ledger,
                recorded: event.time + 250, signed: signed))
        if ledger != nil || name == "founded" { sequences[author.key] = sequence + 1 }
        return signed.id
    }

    @discardableResult
    private mutating func request(
        _ name: String, by author: Author, _ request: Request, reference: String? = nil,
        _ about: String
    ) throws -> Digest32 {
        let expires = Self.start + 7 * 86_400_000
        return try add(
            "initiated-\(name)", by: author,
            .initiated(Initiated(request: request, expires: expires, reference: reference)), about)
    }

    // MARK: Founding

    private mutating func addFounding() throws {
        let header = try bytes(Cast.regtestGenesis)
        let anchor = Anchor(
            height: 0, header: header, times: [1_296_688_602], periodStart: header,
            chainWork: try work(2))
        let people = [cast.alice, cast.bob, cast.carol]
        try add(
            "founded-commitments", by: cast.alice,
            .founded(
                Founded(
                    nonce: digest(of: "another nonce"), name: try label("reserve"),
                    network: .testnet4,
                    limits: Limits(openTransfers: 1, hourlyEvents: 60, dailyBlobBytes: 1 << 20),
                    anchor: Anchor(
                        height: 100_000, header: header, times: (1...11).map { 1_700_000_000 + $0 },
                        periodStart: header, chainWork: digest(of: "work")),
                    logKey: digest(of: "log key"),
                    members: people.map { person in
                        Enrolment(
                            member: person.name, key: person.key, roles: [],
                            person: digest(of: "salt and name of \(person.name)"))
                    },
                    policy: try Quorum(
                        parsing: "2 of (alice, 1 of (bob, 1 of (carol, 1 of (dan, erin))))"))),
            "names as commitments, quorums nested four deep, eleven block times; not the ledger of"
                + " the other vectors")
        let roles: [[RoleName]] = [
            [try label("executive"), .operator], [try label("executive")], [],
        ]
        ledger = try add(
            "founded", by: cast.alice,
            .founded(
                Founded(
                    nonce: digest(of: "nonce"), name: try label("treasury"), network: .regtest,
                    limits: Limits(), anchor: anchor, logKey: digest(of: "the log's key"),
                    members: zip(people, roles).map { person, roles in
                        Enrolment(
                            member: person.name, key: person.key, roles: roles, person: nil)
                    }, policy: try cast.twoOfThree())),
            "the first event of the ledger of all other vectors, whose id is this event's id")
        try add(
            "accepted-member", by: cast.bob, .accepted(.membership(cast.bob.name)),
            "a founding member proves that he holds his key")
    }

    private func work(_ value: UInt8) throws -> Digest32 {
        guard let work = Digest32([UInt8](repeating: 0, count: 31) + [value]) else {
            throw SampleMissing(what: "work")
        }
        return work
    }

    // MARK: Requests

    private mutating func addTransfers() throws {
        let vault = try cast.vault.payment()
        let petty = try cast.petty.payment(spending: 1)
        let id = try request(
            "transfer", by: cast.alice, .transfer(try transfer(vault)),
            reference: "invoice 2026-17",
            "two coins of a 2-of-3 wallet, their transactions inline, with change and a reference")
        try request(
            "transfer-taproot", by: cast.alice,
            .transfer(
                Transfer(
                    wallet: try label("petty"),
                    transaction: .inline(petty.frozen.transaction.encoded(.stripped)),
                    coins: try coins(petty.frozen, previous: nil), change: nil,
                    fee: try amount(10_000), replaces: id)),
            "a taproot coin without its transaction, without change, in place of another request")
        let large = [UInt8](repeating: 0x02, count: ByteString.inlineLimit + 1)
        let blob = ByteString.holding(large).value
        try request(
            "transfer-blobs", by: cast.bob,
            .transfer(
                Transfer(
                    wallet: try label("vault"), transaction: blob,
                    coins: try coins(petty.frozen, previous: [blob]), change: nil,
                    fee: try amount(10_000), replaces: nil)),
            "transactions of 16,385 bytes 0x02, which stand as size and SHA-256")
    }

    private func transfer(
        _ payment: (previous: [Transaction], frozen: FrozenTransaction, change: DerivedOutput)
    ) throws -> Transfer {
        Transfer(
            wallet: try label("vault"),
            transaction: .inline(payment.frozen.transaction.encoded(.stripped)),
            coins: try coins(
                payment.frozen, previous: payment.previous.map { .inline($0.encoded()) }),
            change: ChangeOutput(output: 1, index: payment.change.index), fee: try amount(10_000),
            replaces: nil)
    }

    private func coins(
        _ frozen: FrozenTransaction, previous: [ByteString]?
    ) throws -> [SpentCoin] {
        frozen.coins.enumerated().map { index, coin in
            SpentCoin(
                amount: coin.amount, script: coin.output.scriptPubKey.bytes,
                previous: previous?[index])
        }
    }

    private mutating func addWalletRequests() throws {
        let people = [cast.alice.name, cast.bob.name, cast.carol.name]
        try request(
            "create-wallet", by: cast.alice,
            .createWallet(
                WalletProposal(
                    wallet: try label("vault"), descriptor: cast.vault.descriptor.text,
                    holders: people, quorum: try cast.twoOfThree(),
                    ceilings: FeeCeilings(fee: try amount(1_000_000)), declaresShortcut: false)),
            "wsh(sortedmulti) with three holders")
        try request(
            "create-wallet-shortcut", by: cast.alice,
            .createWallet(
                WalletProposal(
                    wallet: try label("petty"), descriptor: cast.petty.descriptor.text,
                    holders: [cast.alice.name],
                    quorum: try Quorum(parsing: "2 of (2 of executive, bob, 1 of auditor)"),
                    ceilings: FeeCeilings(
                        fee: .maximum, satoshisPerVirtualByte: 1_000_000, percentOfAmount: 0),
                    minimumDepth: 1_000, gap: 1_000, declaresShortcut: true)),
            "one key under a quorum with roles, which the request declares; parameters at their "
                + "largest")
        try request(
            "retire-wallet", by: cast.bob, .retireWallet(try label("petty")), "no more of a wallet")
        try request(
            "replace-policy", by: cast.bob,
            .replacePolicy(.ledger, with: try Quorum(parsing: "3 of (alice, bob, carol)")),
            "another quorum for the ledger itself")
        try request(
            "replace-policy-wallet", by: cast.bob,
            .replacePolicy(
                .wallet(try label("vault")),
                with: try Quorum(parsing: "2 of (carol, 1 of (alice, bob))")),
            "another quorum for one wallet")
    }

    private mutating func addClosedWallet() throws {
        try request(
            "create-wallet-offset", by: cast.alice,
            .createWallet(
                WalletProposal(
                    wallet: try label("quiet"), descriptor: cast.quiet.descriptor.text,
                    internalKeyOffset: cast.quiet.descriptor.internalKeyOffset,
                    holders: [cast.alice.name, cast.bob.name, cast.carol.name],
                    quorum: try cast.twoOfThree(),
                    ceilings: FeeCeilings(fee: try amount(1_000_000)), declaresShortcut: false)),
            "tr with sortedmulti_a under an internal key H + rG")
    }

    private mutating func addMemberRequests() throws {
        try request(
            "enrol-member", by: cast.alice,
            .enrolMember(
                Enrolment(
                    member: cast.watcher.name, key: cast.watcher.key, roles: [.watcher],
                    person: nil)),
            "a device with a role")
        try request(
            "enrol-member-person", by: cast.alice,
            .enrolMember(
                Enrolment(
                    member: cast.auditor.name, key: cast.auditor.key,
                    roles: [.auditor, try label("external")],
                    person: digest(of: "salt and name of the auditor"))),
            "a person by commitment, with two roles")
        try request(
            "suspend-member", by: cast.alice, .suspendMember(cast.carol.name), "carol may not act")
        try request(
            "rotate-key", by: cast.alice,
            .rotateKey(cast.carol.name, to: try Author("carol-next").key),
            "carol's new key")
        try request(
            "cancel", by: cast.bob, .cancel(request: try id(of: "initiated-transfer")),
            "the end of an authorised transfer")
    }

    // MARK: Answers to requests

    private func id(of name: String) throws -> Digest32 {
        guard let golden = list.first(where: { $0.name == name }) else {
            throw SampleMissing(what: name)
        }
        return golden.signed.id
    }

    private mutating func addAnswers() throws {
        try add(
            "accepted-wallet", by: cast.carol,
            .accepted(.wallet(try label("vault"), descriptor: cast.vault.descriptor.text)),
            "a key holder has seen the full descriptor")
        let transfer = try id(of: "initiated-transfer")
        try add("approved", by: cast.bob, .approved(Approved(request: transfer)), "an approval")
        try add(
            "aborted", by: cast.carol, .aborted(Aborted(request: transfer, reason: nil)),
            "an end without a reason")
        try add(
            "aborted-reason", by: cast.carol,
            .aborted(
                Aborted(
                    request: try id(of: "initiated-transfer-blobs"),
                    reason: "Empfänger \"ACME\" ist gesperrt: 制裁")),
            "an end with a reason, in UTF-8")
    }

    private mutating func addExecution() throws {
        let request = try id(of: "initiated-transfer")
        let vault = try cast.vault.payment().frozen
        let signatures = try cast.signatures(of: cast.vault, for: vault)
        try add(
            "signed", by: cast.alice,
            .signed(Signed(request: request, signatures: signatures.map(\.fact))),
            "ECDSA signatures, DER and SIGHASH_ALL, by two keys for each of two inputs")
        let petty = try cast.petty.payment(spending: 1).frozen
        try add(
            "signed-taproot", by: cast.alice,
            .signed(
                Signed(
                    request: try id(of: "initiated-transfer-taproot"),
                    signatures: try cast.signatures(of: cast.petty, for: petty).map(\.fact))),
            "a BIP-340 signature of 64 bytes by a 32-byte key")
        try add(
            "exported", by: cast.alice,
            .exported(Exported(request: request, psbt: digest(of: "psbt"))), "a PSBT handed out")
        let final = try vault.finalized(with: signatures.map { try vault.verify($0.claim) })
        try add(
            "broadcast", by: cast.alice,
            .broadcast(Broadcast(request: request, transaction: .inline(final.encoded()))),
            "the final transaction with its witnesses")
        let large = [UInt8](repeating: 0x02, count: ByteString.inlineLimit + 1)
        try add(
            "broadcast-blob", by: cast.alice,
            .broadcast(
                Broadcast(
                    request: try id(of: "initiated-transfer-blobs"),
                    transaction: ByteString.holding(large).value)),
            "a transaction of 16,385 bytes 0x02")
    }

    // MARK: Chain and audit

    private mutating func addChain() throws {
        let request = try id(of: "initiated-transfer")
        let vault = try cast.vault.payment()
        try add(
            "relayed", by: cast.watcher,
            .relayed(
                Relayed(request: request, txid: vault.frozen.txid, accepted: true, message: "")),
            "the node took the transaction")
        try add(
            "relayed-refused", by: cast.watcher,
            .relayed(
                Relayed(
                    request: request, txid: vault.frozen.txid, accepted: false,
                    message: "bad-txns-inputs-missingorspent")),
            "the node refused it, in its words")
        let header = try bytes(Cast.regtestGenesis)
        let transactions = vault.previous.enumerated().map { index, transaction in
            ObservedTransaction(
                block: sha256d(header), index: UInt32(index),
                branch: (0..<index).map { digest(of: "sibling \($0)") },
                bytes: .inline(transaction.encoded()))
        }
        try add(
            "observed", by: cast.watcher,
            .observed(
                Observed(
                    headers: [header, header], scripts: digest(of: "scripts"),
                    transactions: transactions)),
            "two headers and two transactions; the branches are made up")
        try add(
            "observed-headers", by: cast.watcher,
            .observed(
                Observed(headers: [header], scripts: digest(of: "scripts"), transactions: [])),
            "a header, and nothing of ours")
        try add(
            "observed-blob", by: cast.watcher,
            .observed(
                Observed(
                    headers: [], scripts: digest(of: "scripts"),
                    transactions: [
                        ObservedTransaction(
                            block: sha256d(header), index: 32_767,
                            branch: (0..<15).map { digest(of: "sibling \($0)") },
                            bytes: .blob(
                                BlobReference([UInt8](repeating: 0x02, count: 100_000))))
                    ])),
            "a transaction of 100,000 bytes 0x02 under the longest branch, and no header")
        try add(
            "issued", by: cast.alice, .issued(Issued(wallet: try label("vault"), index: 17)),
            "address 17 of the receive chain was handed out")
    }

    private mutating func addAudit() throws {
        let position = UInt64(list.count)
        try add(
            "attested", by: cast.auditor,
            .attested(
                Attested(
                    head: TreeHead(size: position, root: digest(of: "golden root \(position)")),
                    state: digest(of: "state"), findings: 0)),
            "an audit without findings")
        let document = BlobReference(Array("a salt of thirty-two bytes first: the contract".utf8))
        try add(
            "attached", by: cast.bob,
            .attached(Attached(document: document, label: nil, request: nil)),
            "a document of the ledger")
        try add(
            "attached-request", by: cast.bob,
            .attached(
                Attached(
                    document: document, label: "contract of 12 March",
                    request: try id(of: "initiated-transfer"))),
            "the same, labelled, for a request")
    }
}
