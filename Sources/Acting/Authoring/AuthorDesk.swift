internal import Audit
public import Bytes
public import Events
internal import Keys
internal import Ledger
public import Secrets
public import State

/// Where an author works: beside the ledger, or on a machine of his own with a file from it.
public enum Workplace: Sendable {
    case ledger(OpenLedger)
    /// A request file, and the ledger's id when the author has it from elsewhere.
    case file(RequestFile, ledger: Digest32?)
}

/// An author at work: his event key, what it remembers, and a state that he has replayed himself.
///
/// An event is held beside the key before it leaves, and let go once the ledger has answered, so that
/// a crash between the two neither loses it nor lets another be signed with its number.
public struct AuthorDesk: ~Copyable {
    public let file: KeyFile
    public let brief: Brief
    /// What was signed before and let go, since it can never be recorded any more; nil for nothing.
    public let letGo: String?
    private let place: Workplace
    private var memory: KeyMemory
    /// Why the ledger does not record the event that is held, and may yet do so.
    private let waiting: String?

    /// Sits down: replays what is new, compares it with what the key remembers, and sends an event
    /// that was held back by a crash.
    public init(
        _ name: KeyName, in keystore: Keystore, at place: Workplace,
        progress: (UInt64, UInt64) -> Void = { _, _ in }
    ) throws {
        let file = try keystore.find(name)
        guard case .event(let key) = file.publicPart else {
            throw ActingError.usage(
                "\(name) is a \(file.publicPart.purpose) key; events are signed by an event key, "
                    + "the one given to --as")
        }
        var memory = try keystore.memory(of: file)
        let (brief, waiting) = try Self.replay(&memory, at: place, progress)
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
            throw ActingError.refused(
                "the file ends at \(brief.head.size) entries with \(recorded) events of your key "
                    + "\(name), of which \(memory.nextSequence(in: ledger)) have been recorded since. "
                    + "Ask for a newer one; if that lacks them too, do not act on it")
        }
        try memory.remember(brief.replayed, ownEvents: recorded, of: ledger)
        self.file = file
        self.letGo = letGo
        self.waiting = waiting
        self.place = place
        self.brief = brief
        self.memory = memory
    }

    private static func replay(
        _ memory: inout KeyMemory, at place: Workplace, _ progress: (UInt64, UInt64) -> Void
    ) throws -> (Brief, waiting: String?) {
        switch place {
        case .ledger(let ledger):
            let known = memory.head(of: ledger.log.ledgerID)
            // An older copy, or another history, is not given an event either.
            if let known { try Brief.require(known, in: ledger) }
            let waiting = try resend(&memory, to: ledger)
            return (try Brief(ledger, since: known, progress: progress), waiting)
        case .file(let request, let id):
            let brief = try Brief(
                request, since: memory.head(of: try request.ledger), ledger: id,
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
    /// elsewhere: what is refused now may be recorded later, and by then another event must not have
    /// been signed with its number.
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
                throw ActingError.refused(
                    "the key \(file.name) (\(file.publicPart.text)) belongs to no member of the "
                        + "ledger \(brief.state.founding.name)")
            }
            return member
        }
    }

    /// Asks the rules whether a fact would be admitted if its author signed it now.
    ///
    /// - Throws: the refusal, before any passphrase is asked for.
    public func rehearse(_ fact: Fact, blobs: [[UInt8]] = []) throws {
        // The rules look at the signature last, so that any will do to ask.
        _ = try judge(try signed(fact) { _ in Self.noSignature }, blobs)
    }

    private func judge(_ event: SignedEvent, _ blobs: [[UInt8]]) throws -> Admission {
        var state = brief.state
        let recorded = max(now(), state.recorded)
        return try state.judge(
            event, recorded: recorded, seenRoot: brief.head.root, carrying: blobs, brief.source
        ).admission()
    }

    private func signed(
        _ fact: Fact, _ sign: (Digest32) throws -> ECDSASignature
    ) throws -> SignedEvent {
        guard case .event(let key) = file.publicPart else {
            preconditionFailure("a desk has an event key")
        }
        let event = Event(
            time: now(), sequence: memory.nextSequence(in: brief.state.ledger), seen: brief.head,
            fact: fact)
        // A line too long, say, would be signed and held, and then refused wherever it is read.
        try event.checkEncoding()
        return try SignedEvent(event, by: key.id, ledger: brief.state.ledger, sign: sign)
    }

    /// Sixty-four bytes in the place of a signature.
    private static var noSignature: ECDSASignature {
        guard let signature = ECDSASignature([UInt8](repeating: 1, count: 64)) else {
            preconditionFailure("64 bytes are the form of a signature")
        }
        return signature
    }

    /// Signs a fact and sends it: appended where the ledger lives, else returned to be written to a
    /// file. The event is on the disk beside the key before it leaves.
    public mutating func author(
        _ fact: Fact, blobs: [[UInt8]] = [], with key: borrowing SecretKey
    ) throws -> Delivery {
        try rehearse(fact, blobs: blobs)
        let ledger = brief.state.ledger
        if let held = memory.heldEvent(for: ledger) {
            let before = try SignedEvent(decoding: held.event, ledger: ledger)
            let name = "the event \(held.sequence) of \(file.name) (`\(before.event.fact.type)`)"
            if case .ledger = place {
                throw ActingError.refused(
                    "\(name), signed before and given out, is refused for now: "
                        + "\(waiting ?? "it has not been sent"). A copy of it may be submitted later, "
                        + "so that no other is signed with its number; it is sent again each time, "
                        + "until it is recorded or never can be")
            }
            guard before.event.fact == fact else {
                throw ActingError.refused(
                    "\(name) is signed and not yet recorded; `strongroom key pending "
                        + "\(file.name)` writes it again. Submit it, then ask for a newer request "
                        + "file")
            }
            return .toSubmit(
                EventFile(ledger: ledger, Submission(before, blobs: held.blobs)))
        }
        let event = try signed(fact) { try key.sign($0) }
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
