public import Bytes
public import Events
internal import Keys
public import Merkle
public import State

/// A fold over the log that trusts nothing: every entry's encoding, time and hash, every decision,
/// and, in parallel on all cores, every signature.
///
/// Entries are parsed and signatures verified by all cores while one thread folds. Memory follows
/// what is live and a window of a few thousand entries, not the length of the log.
public struct Replay: Sendable {
    /// The state after the entries replayed so far; nil before the founding event.
    public private(set) var state: LedgerState?
    /// The tree over them.
    public private(set) var tree: RecentTree
    /// What was found, in the order of positions; of incidents and of everything else at most
    /// ``AuditReport/findingLimit`` each.
    public private(set) var findings: [Finding] = []
    /// How many more there were.
    public private(set) var omittedFindings = 0
    private var incidents = 0
    /// How many events of each type there were.
    public private(set) var counts: [FactType: UInt64] = [:]
    /// How many signatures were verified.
    public private(set) var signatures: UInt64 = 0

    /// Starts before the founding event.
    public init() { tree = RecentTree() }

    /// Starts at a state that is known to be right, with the tree's frontier at its size.
    ///
    /// Events that had `seen` a head before this one are judged by `root`.
    public init(from state: LedgerState, frontier: CompactRange) {
        precondition(state.size == frontier.size, "state and tree belong together")
        self.state = state
        tree = RecentTree(frontier)
    }

    /// How many entries have been replayed.
    public var size: UInt64 { tree.size }

    /// The head of the tree over the entries replayed so far.
    public var head: TreeHead { TreeHead(size: tree.size, root: tree.frontier.root) }

    /// What a caller may want to know after each event, on the folding thread.
    public typealias Observer = (
        _ position: UInt64, _ event: SignedEvent?, _ state: LedgerState,
        _ effects: LedgerState.Effects
    ) throws(AuditError) -> Void

    /// Replays `source` up to `end`.
    ///
    /// - Parameters:
    ///   - root: the root at the size of a head from before the replay's start that an event had
    ///     seen.
    ///   - progress: called now and then with how many entries are done.
    ///   - observe: called after each entry; `event` is nil when it was not applied.
    /// - Throws: when nothing further can be judged; what is wrong in the log is a finding.
    public mutating func run(
        _ source: some EventSource, to end: UInt64,
        root: (TreeHead) throws(AuditError) -> Digest32? = { (_) throws(AuditError) in nil },
        progress: (UInt64) -> Void = { _ in },
        observe: Observer = { (_, _, _, _) throws(AuditError) in }
    ) throws(AuditError) {
        if size == 0 { try found(source, observe) }
        // Only one owner is left, so that the fold changes the state in place.
        guard var state = state.take() else { return }
        defer { self.state = state }
        let workers = Workers()
        var jobs = ParseQueue(source: source, ledger: state.ledger, next: size, end: end, workers)
        var verifying = VerifyQueue(workers)
        while let chunk = jobs.take() {
            let entries = try chunk.get()
            // By their places: a loop over the entries would copy each.
            for place in entries.indices {
                try fold(entries[place], &state, source, root, &verifying, observe)
            }
            for finding in verifying.flush() { add(finding) }
            progress(size)
            // What comes after a gap would be judged at the wrong positions.
            guard size == jobs.taken else { break }
        }
        for finding in verifying.finish() { add(finding) }
        signatures += verifying.count
        if size < end {
            add(
                Finding(
                    position: size, rule: .missingEntry, expected: "\(end) entries",
                    found: "none at position \(size)"))
        }
        findings.sort()
    }

    // MARK: The founding event

    private mutating func found(
        _ source: some EventSource, _ observe: Observer
    ) throws(AuditError) {
        guard let bytes = try source.entries(0..<1).first else {
            throw .unfounded("the log is empty")
        }
        let entry: Entry
        let event: SignedEvent
        do {
            entry = try Entry(decoding: bytes.span)
            event = try SignedEvent(decoding: entry.event, ledger: nil)
        } catch {
            throw .unfounded("\(error)")
        }
        let state: LedgerState
        do {
            state = try LedgerState(founding: event, recorded: entry.recorded)
        } catch {
            if error.rule == .unknownRules { throw .unknownRules(error.reason) }
            throw .unfounded(error.reason)
        }
        tree.append(leafHash(bytes))
        counts[.founded, default: 0] += 1
        signatures += 1
        if PublicKey(event.author)?.isValid(event.signature, for: event.id) != true {
            add(Finding(invalidSignatureAt: 0, event: event.id))
        }
        self.state = state
        try observe(0, event, state, LedgerState.Effects())
    }

    // MARK: Every other event

    private mutating func fold(
        _ parsed: ParsedEntry, _ state: inout LedgerState, _ source: some EventSource,
        _ root: (TreeHead) throws(AuditError) -> Digest32?, _ verifying: inout VerifyQueue,
        _ observe: Observer
    ) throws(AuditError) {
        let position = size
        // The tree answers for the head that the event had seen, which is at most this size.
        var seenRoot: Digest32?
        if let event = parsed.event { seenRoot = try self.root(of: event.event.seen, root) }
        tree.append(parsed.leaf)
        guard let event = parsed.event else {
            if let form = parsed.unknown {
                throw .unknownRules(
                    "the log holds \(form), which rules 1 do not know; use a newer program")
            }
            add(
                Finding(
                    position: position, rule: .encoding,
                    expected: "an entry in its only encoding", found: parsed.problem))
            let effects = state.step(overUndecodableAt: max(parsed.recorded, state.recorded))
            return try observe(position, nil, state, effects)
        }
        if event.event.fact.type == .initiated { source.note(request: event.id, at: position) }
        if parsed.recorded < state.recorded {
            add(
                Finding(
                    position: position, event: event.id, rule: .recordedTime,
                    expected: "a time from \(state.recorded) on", found: "\(parsed.recorded)"))
        }
        let recorded = max(parsed.recorded, state.recorded)
        let (judgement, effects) = try state.step(
            event, recorded: recorded, seenRoot: seenRoot, source)
        switch judgement.verdict {
        case .refused(let refusal):
            add(
                Finding(
                    position: position, event: event.id, rule: .decision(refusal.rule),
                    expected: "an event that the rules admit", found: refusal.reason))
            return try observe(position, nil, state, effects)
        case .admitted(let admission): verifying.add(admission, of: event, at: position)
        }
        counts[event.event.fact.type, default: 0] += 1
        try checkAttachments(of: event, at: position, source)
        for incident in effects.incidents {
            add(
                Finding(
                    position: position, event: event.id, rule: .incident(incident.kind),
                    expected: "no such incident", found: incident.description))
        }
        try observe(position, event, state, effects)
    }

    /// A log may hold nothing but what is wrong, and memory must not grow with it. Incidents have a
    /// limit of their own, so that no number of them hides that the log does not verify.
    private mutating func add(_ finding: Finding) {
        let isIncident = finding.isIncident
        let kept = isIncident ? incidents : findings.count - incidents
        guard kept < AuditReport.findingLimit else { return omittedFindings += 1 }
        if isIncident { incidents += 1 }
        findings.append(finding)
    }

    private mutating func root(
        of seen: TreeHead, _ older: (TreeHead) throws(AuditError) -> Digest32?
    ) throws(AuditError) -> Digest32? {
        if let root = tree.root(at: seen.size) { return root }
        return seen.size < tree.size ? try older(seen) : nil
    }

    private mutating func checkAttachments(
        of event: SignedEvent, at position: UInt64, _ source: some EventSource
    ) throws(AuditError) {
        for reference in event.event.fact.attachments {
            let blob = try source.blob(reference.digest)
            if blob == nil, !source.holdsDocuments { continue }
            guard blob.map({ $0.count == reference.size && sha256($0) == reference.digest }) != true
            else { continue }
            add(
                Finding(
                    position: position, event: event.id, rule: .blob,
                    expected: "\(reference.size) bytes with SHA-256 \(reference.digest.hex)",
                    found: blob == nil ? "none" : "other bytes"))
        }
    }
}
