internal import Audit
public import Bytes
internal import Events
internal import Keys
internal import Ledger
public import Secrets
public import State

/// Where an author works: beside the ledger, or on another machine with a file from it.
public enum Workplace: Sendable {
    case ledger(OpenLedger)
    /// A request file, and the ledger's id when the author has it from elsewhere.
    case file(RequestFile, ledger: Digest32?)
}

/// An author at work: an event key, what it remembers, and a state that was replayed for it.
///
/// An event is held beside the key before it leaves, and let go once the ledger has answered, so
/// that a crash between the two neither loses it nor lets another be signed with its number.
public struct AuthorDesk: ~Copyable {
    /// The event key that acts here.
    public let file: KeyFile
    /// What the author acts upon.
    public let brief: Brief
    /// What was signed before and let go, since it can never be recorded any more; nil for nothing.
    public let letGo: String?
    private let place: Workplace
    private let clock: WallClock
    private var memory: KeyMemory
    /// Why the ledger does not record the event that is held, and may yet do so.
    private let waiting: String?

    /// Sits down: replays what is new, compares it with what the key remembers, and sends an event
    /// that was held back by a crash.
    ///
    /// - Parameter clock: milliseconds since 1970: the time of what is signed.
    public init(
        _ name: KeyName, in keystore: Keystore, at place: Workplace,
        clock: @escaping WallClock, progress: (UInt64, UInt64) -> Void = { _, _ in }
    ) throws {
        let file = try keystore.find(name)
        guard case .event(let key) = file.publicPart else {
            throw ActingError.author(.notAnEventKey(name, purpose: file.publicPart.purpose))
        }
        var memory = try keystore.memory(of: file)
        let (brief, waiting) = try Self.replay(&memory, at: place, clock, progress)
        let ledger = brief.state.ledger
        let recorded = brief.state.authors[key.id]?.nextSequence ?? 0
        var letGo: String?
        if let held = memory.heldEvent(for: ledger) {
            let event = try SignedEvent(decoding: held.event, ledger: ledger)
            if held.sequence < recorded {
                try memory.acknowledge(held.sequence, .recorded, by: ledger)
            } else if let reason = brief.lastingRefusal(of: event) {
                try memory.acknowledge(held.sequence, .refused, by: ledger)
                letGo =
                    "the event \(held.sequence) of \(name) (`\(event.event.fact.type)`), signed "
                    + "before, is let go: \(reason)"
            }
        }
        if case .file = place, recorded < memory.nextSequence(in: ledger) {
            throw ActingError.history(
                .fileLacksOwn(
                    size: brief.head.size, key: name, found: recorded,
                    known: memory.nextSequence(in: ledger)))
        }
        try memory.remember(brief.replayed, ownEvents: recorded, of: ledger)
        self.file = file
        self.letGo = letGo
        self.waiting = waiting
        self.place = place
        self.clock = clock
        self.brief = brief
        self.memory = memory
    }

    private static func replay(
        _ memory: inout KeyMemory, at place: Workplace, _ clock: WallClock,
        _ progress: (UInt64, UInt64) -> Void
    ) throws -> (Brief, waiting: String?) {
        switch place {
        case .ledger(let ledger):
            let known = memory.head(of: ledger.log.ledgerID)
            var waiting: String?
            // An older copy, or another history, is not given an event either.
            let brief = try Brief(ledger, since: known, clock: clock, progress: progress) {
                waiting = try resend(&memory, to: ledger)
            }
            return (brief, waiting)
        case .file(let request, let id):
            let brief = try Brief(
                request, since: memory.head(of: try request.ledger), ledger: id, clock: clock,
                progress: progress)
            return (brief, nil)
        }
    }

    /// Sends what is held; returns why it is refused, if it is.
    private static func resend(_ memory: inout KeyMemory, to ledger: OpenLedger) throws -> String? {
        let id = ledger.log.ledgerID
        guard let held = memory.heldEvent(for: id) else { return nil }
        let event = try SignedEvent(decoding: held.event, ledger: id)
        switch try deliver(
            Submission(event, blobs: held.blobs), mayHaveLeft: held.mayHaveLeft, to: ledger,
            &memory)
        {
        case .success: return nil
        case .failure(let error): return "\(error)"
        }
    }

    /// Sends an event that is held. A refusal frees its number only when there can be no copy of it
    /// elsewhere: what is refused now may be recorded later, and by then another event must not
    /// have been signed with its number.
    private static func deliver(
        _ submission: Submission, mayHaveLeft: Bool, to ledger: OpenLedger,
        _ memory: inout KeyMemory
    ) throws -> Result<Receipt, SubmissionError> {
        let answer = try ledger.append(submission)
        let sequence = submission.event.event.sequence
        switch answer {
        case .success: try memory.acknowledge(sequence, .recorded, by: ledger.log.ledgerID)
        case .failure where !mayHaveLeft:
            try memory.acknowledge(sequence, .refused, by: ledger.log.ledgerID)
        case .failure: break
        }
        return answer
    }

    /// The member whose key this is.
    public var member: Member {
        get throws {
            guard case .event(let key) = file.publicPart,
                let author = brief.state.authors[key.id],
                let member = brief.state.members[author.member]
            else {
                throw ActingError.author(
                    .ofNobody(
                        file.name, key: file.publicPart.text,
                        ledger: "\(brief.state.founding.name)"))
            }
            return member
        }
    }

    /// Makes the event that says a fact, with the time of now, if the rules would admit it.
    ///
    /// - Throws: the refusal, before any passphrase is asked for.
    public func prepare(_ intention: Intention) throws -> PreparedEvent {
        let (fact, blobs) = (intention.fact, intention.blobs)
        let event = Event(
            time: clock(), sequence: memory.nextSequence(in: brief.state.ledger), seen: brief.head,
            fact: fact)
        // A line too long, say, would be signed and held, and then refused wherever it is read.
        try event.checkEncoding()
        // The rules look at the signature last, so that any will do to ask.
        _ = try judge(try signed(event) { _ in Self.noSignature }, blobs)
        return PreparedEvent(event: event, blobs: blobs)
    }

    private func judge(_ event: SignedEvent, _ blobs: [[UInt8]]) throws -> Admission {
        var state = brief.state
        let recorded = max(event.event.time, state.recorded)
        return try state.judge(
            event, recorded: recorded, seenRoot: brief.head.root, carrying: blobs, brief.source
        ).admission()
    }

    private func signed(
        _ event: Event, _ sign: (Digest32) throws -> ECDSASignature
    ) throws -> SignedEvent {
        guard case .event(let key) = file.publicPart else {
            preconditionFailure("a desk has an event key")
        }
        return try SignedEvent(event, by: key.id, ledger: brief.state.ledger, sign: sign)
    }

    /// Sixty-four bytes in the place of a signature.
    private static var noSignature: ECDSASignature {
        guard let signature = ECDSASignature([UInt8](repeating: 1, count: 64)) else {
            preconditionFailure("64 bytes are the form of a signature")
        }
        return signature
    }

    /// Signs what was prepared and sends it: appended where the ledger lives, else returned to be
    /// written to a file. The event is on the disk beside the key before it leaves.
    public mutating func author(
        _ prepared: PreparedEvent, with key: borrowing SecretKey
    ) throws -> Delivery {
        let (unsigned, blobs) = (prepared.event, prepared.blobs)
        let ledger = brief.state.ledger
        if let held = memory.heldEvent(for: ledger) {
            let before = try SignedEvent(decoding: held.event, ledger: ledger)
            let type = "\(before.event.fact.type)"
            if case .ledger = place {
                throw ActingError.author(
                    .waiting(file.name, sequence: held.sequence, type: type, reason: waiting))
            }
            guard before.event.fact == unsigned.fact else {
                throw ActingError.author(
                    .pending(file.name, sequence: held.sequence, type: type))
            }
            return .toSubmit(
                EventFile(ledger: ledger, Submission(before, blobs: held.blobs)))
        }
        let event = try signed(unsigned) { try key.sign($0) }
        let submission = Submission(event, blobs: blobs)
        func hold(mayHaveLeft: Bool) throws {
            try memory.hold(
                try HeldEvent(
                    sequence: event.event.sequence, event: event.bytes, blobs: blobs,
                    mayHaveLeft: mayHaveLeft), for: ledger)
        }
        switch place {
        case .file:
            try hold(mayHaveLeft: true)
            return .toSubmit(EventFile(ledger: ledger, submission))
        case .ledger(let open):
            try hold(mayHaveLeft: false)
            let answer = try Self.deliver(submission, mayHaveLeft: false, to: open, &memory)
            return .recorded(try answer.get(), event.id)
        }
    }
}

/// An event that the rules would admit, as its author will sign it.
public struct PreparedEvent: Sendable {
    let event: Event
    let blobs: [[UInt8]]
}

/// Where a signed event went.
public enum Delivery: Sendable {
    /// Into the log; with the event's id.
    case recorded(Receipt, Digest32)
    /// It has to be submitted.
    case toSubmit(EventFile)
}

extension OpenLedger {
    /// Verifies and appends one event.
    public func append(_ submission: Submission) throws -> Result<Receipt, SubmissionError> {
        guard let checked = CheckedSubmission(submission, keys: writer.keys) else {
            return .failure(.invalidSignature)
        }
        return try writer.append([checked])[0]
    }
}
