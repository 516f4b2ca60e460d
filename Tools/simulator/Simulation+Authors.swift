internal import Acting
internal import Bytes
internal import Events
internal import Keys
internal import Merkle
internal import Policy
internal import State
internal import StateTestSupport
internal import TestSigning

extension Simulation {
    /// One author looks at the ledger, or goes on with what he saw, and signs some events.
    mutating func author(_ count: Int) throws {
        let state = try machine.writers[0].state()
        if chance(30), let member = try newMember(state) { authors.append(member) }
        let index = Int.random(in: authors.indices, using: &generator)
        if authors[index].pending.isEmpty {
            // Nothing is under way, so the ledger knows best which number is next.
            let key = authors[index].key.publicKey.key.id
            authors[index].next = state.authors[key]?.nextSequence ?? 0
        }
        if chance(80) { authors[index].seen = try machine.head() }
        for number in 0..<count {
            let (fact, blobs) =
                count > 1 && number > 0
                ? (Self.attested(authors[index].seen), []) : try fact(of: authors[index], state)
            let event = try authors[index].sign(fact, at: time(of: authors[index]), ledger: ledger)
            let submission = Submission(event, blobs: blobs)
            authors[index].next += 1
            authors[index].pending.append(submission)
            network.append(submission)
        }
        tally.count("events signed", count)
    }

    func time(of author: Author) -> UInt64 {
        UInt64(Int64(machine.now) + author.skew)
    }

    private static func attested(_ head: TreeHead) -> Fact {
        .attested(Attested(head: head, state: head.root, findings: 0))
    }

    /// Something that the author might do, rightly or wrongly.
    private mutating func fact(
        of author: Author, _ state: LedgerState
    ) throws -> (Fact, [[UInt8]]) {
        let live = state.requests.values.sorted { $0.number < $1.number }.map(\.id)
        if state.members[author.name]?.status == .awaitingAcceptance {
            return (.accepted(.membership(author.name)), [])
        }
        switch Int.random(in: 0..<10, using: &generator) {
        case 0, 1, 2:
            guard let request = pick(live) else { return (Self.attested(author.seen), []) }
            return (.approved(Approved(request: request)), [])
        case 3:
            guard let request = pick(live) else { return (Self.attested(author.seen), []) }
            return (.aborted(Aborted(request: request, reason: "simulated")), [])
        case 4:
            guard let wallet = pick(state.wallets.values.sorted { $0.name < $1.name }) else {
                return (Self.attested(author.seen), [])
            }
            return (.issued(Issued(wallet: wallet.name, index: wallet.nextReceive)), [])
        case 5, 6:
            let expires = machine.now + UInt64.random(in: 1...10, using: &generator) * 8_640_000
            let initiated = Initiated(
                request: try request(state), expires: expires, reference: nil)
            return (.initiated(initiated), [])
        case 7:
            let count = chance(50) ? 40 : 20_000
            let document = [UInt8](
                repeating: UInt8.random(in: 0...9, using: &generator), count: count)
            let attached = Attached(
                document: BlobReference(document), label: nil,
                request: chance(50) ? pick(live) : nil)
            let blobs = chance(90) ? [document] : []
            return (.attached(attached), chance(10) ? blobs + [[1, 2, 3], document] : blobs)
        default: return (Self.attested(author.seen), [])
        }
    }

    private mutating func request(_ state: LedgerState) throws -> Request {
        let policies: [Quorum] = [
            "2 of (alice, bob, carol, dave)", "2 of (alice, bob, carol, 1 of (erin, dave))",
            "2 of (erin, alice, bob, dave)",
        ]
        guard chance(60), let policy = pick(policies) else {
            let name = MemberName(stringLiteral: "new\(state.size)")
            let key = try MemoryLedger.key("\(name) \(seed)")
            awaited[key.publicKey.key.id] = Author(
                name: name, key: key, skew: 0, next: 0, seen: .empty)
            return .enrolMember(
                Enrolment(
                    member: name, key: key.publicKey.key.id, roles: [.watcher], person: nil))
        }
        return .replacePolicy(.ledger, with: policy)
    }

    /// A member who was enrolled and has not accepted yet begins to act.
    private mutating func newMember(_ state: LedgerState) throws -> Author? {
        let waiting = state.members.values.filter { $0.status == .awaitingAcceptance }
            .sorted { $0.name < $1.name }
        for member in waiting {
            guard var author = awaited.removeValue(forKey: member.key) else { continue }
            author.seen = try machine.head()
            tally.count("members enrolled")
            return author
        }
        return nil
    }

    // MARK: Evil

    /// Two events of one number, in both orders and to both writers.
    mutating func equivocate() throws {
        guard
            let index = authors.indices.filter({ authors[$0].pending.isEmpty })
                .randomElement(using: &generator)
        else { return }
        var author = authors[index]
        let state = try machine.writers[1].state()
        author.next = state.authors[author.key.publicKey.key.id]?.nextSequence ?? 0
        author.seen = try machine.head()
        let time = time(of: author)
        for label in ["one", "two"] {
            let fact = Fact.attached(
                Attached(document: BlobReference([1]), label: label, request: nil))
            let event = try author.sign(fact, at: time, ledger: ledger)
            network.append(Submission(event, blobs: [[1]]))
        }
        tally.count("equivocations sent")
    }

    /// An author who was shown another history.
    mutating func fork() throws {
        guard let author = pick(authors.filter { $0.pending.isEmpty }) else { return }
        let head = try machine.head()
        let key = author.key.publicKey.key.id
        let number = try machine.writers[0].state().authors[key]?.nextSequence ?? 0
        let event = try author.sign(
            Self.attested(head), at: time(of: author), ledger: ledger, number: number,
            seen: TreeHead(size: head.size, root: sha256(head.root.array)))
        network.append(Submission(event))
        tally.count("forked views sent")
    }
}
