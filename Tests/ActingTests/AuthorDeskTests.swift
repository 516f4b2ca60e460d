import Acting
import Bytes
import Events
import Keys
import Ledger
import Reading
import Secrets
import State
import StateTestSupport
import Testing

/// An event is signed once, held beside its key until the ledger has answered, and never lost.
@Suite struct AuthorDeskTests {
    private let treasury: TreasuryFolder
    private let attestation: Intention

    init() throws {
        treasury = try TreasuryFolder(100_000)
        attestation = try Self.attach("minutes")
    }

    private static func attach(_ text: String) throws -> Intention {
        .attach(
            SaltedValue(Array(text.utf8), salt: sha256(Array(text.utf8))), label: text, to: nil)
    }

    private func nextSequence(_ name: String) throws -> UInt64 {
        try treasury.keystore.memory(of: treasury.keyFile(name)).nextSequence(
            in: treasury.memory.state.ledger)
    }

    /// Puts an event beside a key as a process that was killed has left it.
    @discardableResult
    private func hold(
        _ intention: Intention, of name: String, mayHaveLeft: Bool = false
    ) throws -> SignedEvent {
        let brief = try treasury.brief()
        let file = try treasury.keyFile(name)
        let key = try treasury.eventKey(name)
        var memory = try treasury.keystore.memory(of: file)
        let id = key.publicKey.id
        let sequence = brief.state.authors[id]?.nextSequence ?? 0
        try memory.remember(brief.replayed, ownEvents: sequence, of: brief.state.ledger)
        let event = try SignedEvent(
            Event(
                time: treasury.clock(), sequence: sequence, seen: brief.head, fact: intention.fact),
            by: id, ledger: brief.state.ledger
        ) { (digest) throws(SecretsError) in try key.sign(digest) }
        try memory.hold(
            try HeldEvent(
                sequence: sequence, event: event.bytes, blobs: intention.blobs,
                mayHaveLeft: mayHaveLeft), for: brief.state.ledger)
        return event
    }

    private func held(_ name: String) throws -> HeldEvent? {
        try treasury.keystore.memory(of: treasury.keyFile(name)).heldEvent(
            for: treasury.memory.state.ledger)
    }

    @Test func `what is recorded is held no more, and has the clock's time`() throws {
        treasury.advance(by: 1_234)
        let size = try treasury.open().size()
        guard case .recorded(let receipt, let id) = try treasury.act("alice", { _ in attestation })
        else {
            Issue.record("it went to a file")
            return
        }
        let entry = try treasury.open().entry(receipt.position)
        #expect(receipt.position == size && entry.event.id == id)
        #expect(entry.event.event.time == treasury.clock())
        #expect(try held("alice") == nil)
        #expect(try nextSequence("alice") == entry.event.event.sequence + 1)
    }

    @Test func `an event that a crash held back is sent, once, before anything else`() throws {
        let event = try hold(attestation, of: "alice")
        let size = try treasury.open().size()
        _ = try treasury.desk("alice")
        let open = try treasury.open()
        #expect(try open.size() == size + 1 && open.entry(size).event == event)
        #expect(try held("alice") == nil)
        _ = try treasury.desk("alice")
        #expect(try treasury.open().size() == size + 1)
    }

    @Test func `an event that was recorded before the crash is not sent twice`() throws {
        let event = try hold(attestation, of: "alice")
        _ = try treasury.open().append(Submission(event, blobs: attestation.blobs)).get()
        let size = try treasury.open().size()
        _ = try treasury.desk("alice")
        #expect(try treasury.open().size() == size)
        #expect(try held("alice") == nil)
    }

    @Test func `a refused event that never left frees its number`() throws {
        let request = try initiate()
        try hold(Intention(.approved(Approved(request: request))), of: "alice")
        // Meanwhile there is no such request any more.
        try treasury.act("bob") { brief in .abort(try brief.request(2), reason: nil) }
        let before = try nextSequence("alice")
        do {
            let desk = try treasury.desk("alice")
            #expect(desk.letGo == nil)
        }
        #expect(try held("alice") == nil)
        #expect(try nextSequence("alice") == before)
    }

    /// A request of the ledger to change its rule, by bob.
    private func initiate() throws -> Digest32 {
        let delivery = try treasury.act("bob") { brief in
            brief.propose(
                .replacePolicy(.ledger, with: "2 of (alice, bob)"), endingIn: 3_600_000)
        }
        guard case .recorded(_, let id) = delivery else { preconditionFailure("at the ledger") }
        return id
    }

    @Test func `an event that left and can never be recorded is let go, and says why`() throws {
        let request = try initiate()
        try hold(Intention(.approved(Approved(request: request))), of: "alice", mayHaveLeft: true)
        try treasury.act("bob") { brief in .abort(try brief.request(2), reason: nil) }
        do {
            var desk = try treasury.desk("alice")
            #expect(desk.letGo?.contains("has ended") == true, "\(desk.letGo ?? "")")
            _ = try desk.author(attestation, with: try treasury.eventKey("alice"))
        }
        #expect(try held("alice") == nil)
    }

    @Test func `an event that left and is refused for now keeps its number`() throws {
        // Its document did not come with it, and may.
        try hold(Intention(attestation.fact), of: "alice", mayHaveLeft: true)
        let before = try nextSequence("alice")
        do {
            var desk = try treasury.desk("alice")
            #expect(desk.letGo == nil)
            _ = try desk.author(try Self.attach("other"), with: try treasury.eventKey("alice"))
            Issue.record("another event was signed with the number")
        } catch ActingError.author(.waiting(_, _, "attached", let reason)) {
            #expect(reason?.contains("is missing") == true)
        }
        #expect(try nextSequence("alice") == before)
        #expect(try held("alice") != nil)
    }

    @Test func `what is refused is refused before it is signed or held`() throws {
        let request = try initiate()
        try treasury.act("alice") { _ in Intention(.approved(Approved(request: request))) }
        do {
            let desk = try treasury.desk("alice")
            #expect(throws: Refusal.self) {
                _ = try desk.prepare(Intention(.approved(Approved(request: request))))
            }
        }
        #expect(try held("alice") == nil)
    }

    @Test func `an older copy, and another history, get no event`() throws {
        try treasury.copy(to: "old")
        try treasury.act("alice") { _ in attestation }
        // Sitting down once more shows the key its own event.
        _ = try treasury.desk("alice")
        let event = try hold(try Self.attach("other"), of: "alice")
        let old = try treasury.open("old")
        let size = try old.size()
        guard
            case .history(.older(size, _, _)) = actingError({
                _ = try treasury.desk("alice", at: .ledger(old))
            })
        else {
            Issue.record("the older copy was taken")
            return
        }
        #expect(try old.size() == size, "the event \(event.id.hex) stays here")

        // Somebody else's entry makes the copy as long, and another history.
        let memory = treasury.memory
        let foreign = try memory.sign(
            .attested(Attested(head: memory.head, state: memory.state.digest, findings: 0)),
            with: memory.key(of: "audrey"))
        _ = try old.append(Submission(foreign)).get()
        guard
            case .history(.fork) = actingError({
                _ = try treasury.desk("alice", at: .ledger(old))
            })
        else {
            Issue.record("the fork was taken")
            return
        }
    }

    @Test func `over a file the same fact is written again, and no other`() throws {
        let place = Workplace.file(try treasury.requestFile(), ledger: treasury.memory.state.ledger)
        guard case .toSubmit(let first) = try treasury.act("bob", at: place, { _ in attestation })
        else {
            Issue.record("a file is answered with a file")
            return
        }
        treasury.advance(by: 60_000)
        guard case .toSubmit(let again) = try treasury.act("bob", at: place, { _ in attestation })
        else {
            Issue.record("a file is answered with a file")
            return
        }
        #expect(again.submission == first.submission)
        #expect(
            throws: ActingError.author(
                .pending(
                    try KeyName("bob"), sequence: first.submission.event.event.sequence,
                    type: "attached"))
        ) {
            try treasury.act("bob", at: place) { _ in try Self.attach("other") }
        }
        // The ledger has it now, and a file from before must not be answered.
        let submitted = try treasury.open().submit(first)
        #expect(submitted.author == "bob" && !submitted.receipt.isRepetition)
        #expect(try treasury.open().submit(first).receipt.isRepetition)
        _ = try treasury.desk("bob")
        guard
            case .history(.olderFile) = actingError({
                _ = try treasury.desk("bob", at: place)
            })
        else {
            Issue.record("the older file was taken")
            return
        }
    }

    @Test func `a pending event is written again, and then may have left`() throws {
        try hold(attestation, of: "alice")
        let file = try treasury.keyFile("alice")
        let pending = try #require(try EventFile(pendingOf: file, in: treasury.keystore))
        #expect(pending.submission.blobs == attestation.blobs)
        #expect(try held("alice")?.mayHaveLeft == true)
        #expect(
            try EventFile(
                pendingOf: file, in: treasury.keystore, for: sha256([1])) == nil)
    }

    @Test func `only a member's event key sits down`() throws {
        guard
            case .author(.notAnEventKey(_, "wallet")) = actingError({
                _ = try treasury.desk("alice-wallet")
            })
        else {
            Issue.record("a wallet key sat down")
            return
        }
        try treasury.addEventKey("mallory")
        guard
            case .author(.ofNobody) = actingError({ _ = try treasury.desk("mallory").member })
        else {
            Issue.record("mallory is a member")
            return
        }
    }
}
