internal import Acting
internal import Events
internal import Ledger
internal import Merkle
internal import State

extension Simulation {
    /// When a writer is killed, as its submitters see it.
    enum Crash { case before, after }

    /// Some messages: as they were sent, or whichever come first.
    mutating func takeMessages() -> [Submission] {
        if chance(70) {
            let taken = Array(network.prefix(Int.random(in: 1...64, using: &generator)))
            network.removeFirst(taken.count)
            return taken
        }
        var taken: [Submission] = []
        for _ in 0..<Int.random(in: 1...6, using: &generator) where !network.isEmpty {
            taken.append(network.remove(at: Int.random(in: network.indices, using: &generator)))
        }
        return taken
    }

    /// Hands messages to one of the writers, which may be killed before it has committed, or before
    /// anybody has heard of it.
    mutating func deliver(_ messages: [Submission], crash: Crash?) throws {
        if crash == .before {
            tally.count("writers killed before the commit")
            return try machine.open()
        }
        guard !messages.isEmpty else { return }
        let answers = try append(messages)
        for (message, answer) in zip(messages, answers) {
            keepsEvidence(of: message, answer)
            if crash == nil { hear(answer, to: message.event) }
        }
        guard crash == .after else { return }
        tally.count("writers killed after the commit")
        try machine.open()
    }

    /// The answers of one of the writers, which nobody else holds on to: it may be killed next.
    private mutating func append(
        _ messages: [Submission]
    ) throws -> [Result<Receipt, SubmissionError>] {
        guard let writer = pick(machine.writers) else { return [] }
        return try writer.append(
            messages.map { message in
                guard let checked = CheckedSubmission(message, keys: writer.keys) else {
                    throw SubmissionError.invalidSignature
                }
                return checked
            })
    }

    private mutating func keepsEvidence(
        of message: Submission, _ answer: Result<Receipt, SubmissionError>
    ) {
        guard case .failure(.refused(let refusal)) = answer,
            refusal.rule == .equivocation || refusal.rule == .seenForeign
        else { return }
        evidence.insert(message.event.bytes)
        tally.count("evidence: \(refusal.rule.rawValue)")
    }

    /// An author hears what became of his event.
    private mutating func hear(
        _ answer: Result<Receipt, SubmissionError>, to event: SignedEvent
    ) {
        switch answer {
        case .success(let receipt):
            if let known = acknowledged[event.id], known != receipt.position {
                problems.append("one event is at \(known) and at \(receipt.position)")
            }
            acknowledged[event.id] = receipt.position
            tally.count(receipt.isRepetition ? "repetitions answered" : "events recorded")
            settle(event, isRecorded: true)
        case .failure(.refused(let refusal)):
            tally.count("refused: \(refusal.rule.rawValue)")
            // What came too early is sent again when those before it are there.
            if refusal.rule != .sequence { settle(event, isRecorded: false) }
        case .failure(let error): problems.append("the log failed: \(error)")
        }
    }

    /// Takes an answered event from its author's pending ones. What he signed after a refused one
    /// has numbers that can not come any more.
    private mutating func settle(_ event: SignedEvent, isRecorded: Bool) {
        for index in authors.indices {
            guard let place = authors[index].pending.firstIndex(where: { $0.event.id == event.id })
            else { continue }
            if isRecorded {
                authors[index].pending.remove(at: place)
            } else {
                authors[index].pending.removeSubrange(place...)
                authors[index].next = event.event.sequence
            }
        }
    }

    // MARK: The operator

    mutating func checkpoint() throws {
        let signed = try machine.openLog().signCheckpoint(with: signer)
        let checkpoint = signed.signed.checkpoint
        parties.notes.append(signed.signed)
        checkpoints.append(TreeHead(size: checkpoint.size, root: checkpoint.root))
        tally.count("checkpoints")
    }

    mutating func backup() throws {
        let path = "\(folder)/backup-\(backups.count)"
        let size = try machine.head().size
        try machine.openLog().backup(to: path)
        backups.append(Backup(path: path, size: size, evidence: evidence))
        tally.count("backups")
    }

    /// The disk is lost: an old backup takes its place and is caught up from a newer one. Behind a
    /// known head it must not be written before.
    mutating func restore() throws {
        guard let old = pick(backups) else { return }
        try checkpoint()
        try backup()
        let newest = backups[backups.count - 1]
        try machine.lose(for: old.path)
        if old.size < newest.size {
            try catchUp(from: newest.path)
            evidence.formUnion(old.evidence)
        } else {
            // Refused events are not in the tree: nothing tells that the copy lacks some.
            evidence = old.evidence
        }
        try machine.open()
        let size = try machine.head().size
        if size != newest.size { problems.append("caught up to \(size), not \(newest.size)") }
        tally.count("ledgers restored")
    }

    private mutating func catchUp(from other: String) throws {
        if (try? Log.open(machine.folder, .readWrite)) != nil {
            problems.append("a copy behind its head opens for writing")
        }
        let ledger = try OpenLedger(machine.folder, .readOnly)
        try ledger.appendMissing(from: try OpenLedger(other, .readOnly))
    }
}
