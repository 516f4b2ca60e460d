import Acting
import Bitcoin
import Bytes
import Events
import Keys
import Ledger
import Merkle
import Reading
import Secrets
import State
import StateTestSupport
import TestSupport
import Testing

/// A ledger is founded as a person does it, with the keys that lie in a home.
@Suite struct FoundingTests {
    private let treasury: TreasuryFolder
    private let founding: Founding
    private static let person = SaltedValue(
        Array("Alice Example".utf8), salt: sha256([1]))

    init() throws {
        treasury = try TreasuryFolder(try MemoryLedger(["alice": []], policy: "1 of (alice)"))
        founding = try Self.founding(logKey: try treasury.keyFile("log"), treasury)
    }

    private static func founding(
        logKey: KeyFile, _ treasury: TreasuryFolder
    ) throws -> Founding {
        let key = try treasury.eventKey("alice").publicKey.id
        return try Founding(
            nonce: sha256([2]), name: "second", network: .regtest, limits: Limits(),
            anchor: Anchor(genesisOf: .regtest), logKey: logKey,
            members: [Enrolment(member: "alice", key: key, roles: [.auditor], person: nil)],
            names: ["alice": person], policy: "1 of (alice)")
    }

    private func found(_ founding: Founding, by key: String, in folder: String) throws -> Digest32 {
        try founding.found(
            in: folder, by: try treasury.keyFile(key), clock: treasury.clock,
            passphrase: TreasuryFolder.passphrase)
    }

    @Test func `its first entry is signed by the founder at the clock's time`() throws {
        treasury.advance(by: 777)
        let folder = treasury.file("second")
        let id = try found(founding, by: "alice", in: folder)
        let open = try treasury.open("second")
        #expect(open.log.ledgerID == id && open.log.origin == "second/\(id.hex)")
        let entry = try open.entry(0)
        #expect(entry.event.event.time == treasury.clock() && entry.recorded == treasury.clock())
        #expect(try open.opened(Self.person.digest)?.value == Self.person.value)
        // The founder accepts next, and the log's key signs.
        try treasury.act("alice", at: .ledger(open)) { brief in
            .accept(membershipOf: try #require(brief.state.members["alice"]))
        }
        let signed = try open.signCheckpoint(from: treasury.keystore) { _ in
            try TreasuryFolder.passphrase()
        }
        #expect(signed?.checkpoint.size == 2)
    }

    @Test func `a folder that holds a ledger is left as it is`() throws {
        let size = try treasury.open().size()
        #expect(throws: (any Error).self) {
            _ = try found(founding, by: "alice", in: treasury.path)
        }
        #expect(try treasury.open().size() == size)
    }

    @Test func `keys of another purpose neither found nor sign checkpoints`() throws {
        let event = try treasury.keyFile("alice")
        #expect(
            throws: ActingError.author(.notALogKey(event.name, purpose: "event"))
        ) { _ = try Self.founding(logKey: event, treasury) }
        let folder = treasury.file("none")
        #expect(
            throws: ActingError.author(.notAnEventKey(try KeyName("log"), purpose: "log"))
        ) { _ = try found(founding, by: "log", in: folder) }
        #expect(throws: (any Error).self) { _ = try treasury.open("none") }
    }

    @Test func `a head that the log's key has signed must be there`() throws {
        try treasury.copy(to: "old")
        try treasury.act("alice") { brief in
            .attach(Self.person, label: "a name", to: nil)
        }
        let size = try treasury.checkpoint().size
        try treasury.open().requireSignedHead(from: treasury.keystore)
        let old = try treasury.open("old")
        guard
            case .history(.lacksSignedHead(let known, size - 1, _)) = actingError({
                try old.requireSignedHead(from: treasury.keystore)
            })
        else {
            Issue.record("the older copy may be appended to")
            return
        }
        #expect(known.size == size)
    }

    @Test func `a wallet's form spells its descriptor, or says what is missing`() throws {
        let nobody = UnspendableKey()
        func spelled(_ form: WalletForm, _ keys: [String], _ threshold: Int?) throws -> String {
            try form.descriptor(of: keys, threshold: threshold, internalKey: nobody)
        }
        #expect(try spelled(.oneKey, ["A"], nil) == "wpkh(A)")
        #expect(try spelled(.taprootKey, ["A"], 1) == "tr(A)")
        #expect(try spelled(.multisig, ["A", "B"], 2) == "wsh(sortedmulti(2,A,B))")
        #expect(
            try spelled(.taprootMultisig, ["A", "B"], 1)
                == "tr(\(nobody.hex),sortedmulti_a(1,A,B))")
        for (keys, threshold) in [(["A", "B"], nil), (["A"], 2)] as [([String], Int?)] {
            #expect(throws: ActingError.wallet(.keys(.oneKey, found: keys.count))) {
                _ = try spelled(.oneKey, keys, threshold)
            }
        }
        #expect(throws: ActingError.wallet(.threshold(.multisig, keys: 2))) {
            _ = try spelled(.multisig, ["A", "B"], nil)
        }
        let brief = try treasury.brief()
        guard
            case .wallet(.descriptor) = actingError({
                _ = try brief.descriptor("wpkh(A)", internalKeyOffset: nobody, holders: ["alice"])
            })
        else {
            Issue.record("A is a key")
            return
        }
    }
}
