public import Audit
public import Bytes
public import Events
internal import Ledger
internal import Merkle
public import Secrets
public import State

/// What an author acts upon: a state that he has replayed himself, at a head that extends every head
/// he has seen before.
public struct Brief: Sendable {
    /// The state at ``head``, with what has expired by now ended.
    public let state: LedgerState
    /// The state at ``head`` as the log alone makes it, whatever the time is now.
    let atHead: LedgerState
    /// The head that his next event will have `seen`.
    public let head: TreeHead
    /// The head and state digest for his key to remember.
    public let replayed: ReplayedHead
    /// Incidents found on the way; they are shown, and do not stop him.
    public let incidents: [Finding]
    /// Where earlier events are looked up.
    public let source: any EventSource
    /// The request that a file was made for.
    public let request: Digest32?

    /// Replays a ledger where it lives, from the head that the author remembers.
    ///
    /// Costs one signature check for each entry since then; the first time, for all of them.
    public init(
        _ ledger: OpenLedger, since known: ReplayedHead?,
        progress: (UInt64, UInt64) -> Void = { _, _ in }
    ) throws {
        let source = try LogSource(ledger.log)
        let size = source.size
        var replay = Replay()
        if let known {
            try Self.require(known, in: ledger)
            let frontier = try ledger.log.read { (view) throws(LedgerError) in
                try view.frontier(at: known.size)
            }
            let state = try ledger.state(at: known.size)
            if state.digest == known.stateDigest {
                replay = Replay(from: state, frontier: frontier)
            }
        }
        let stored = { (seen: TreeHead) throws(AuditError) in try source.root(at: seen.size) }
        // The tree that is stored says nothing of the entries, which somebody may have changed.
        if let known, replay.size < known.size {
            try replay.run(
                source, to: known.size, root: stored, progress: { progress($0, size) })
            guard replay.head.root == known.root else {
                throw Self.fork(known, found: replay.head.root)
            }
        }
        try replay.run(source, to: size, root: stored, progress: { progress($0, size) })
        let root = try source.root(at: replay.size)
        try self.init(replay, source, request: nil)
        guard root == head.root else {
            throw ActingError.refused(
                "the ledger's entries lead to \(head), but its stored tree has another root there. "
                    + "Nothing is signed on it; run `strongroom verify`")
        }
    }

    /// Refuses a ledger whose stored tree lacks a head that the author remembers.
    static func require(_ known: ReplayedHead, in ledger: OpenLedger) throws {
        let (size, root) = try ledger.log.read { (view) throws(LedgerError) in
            (view.size, try view.root(at: min(known.size, view.size)))
        }
        guard known.size <= size else {
            throw ActingError.refused(
                "the ledger has \(size) entries (root \(root.hex)), but your key has seen "
                    + "\(known.size) (root \(known.root.hex)). It is an older copy, or another "
                    + "one: do not act on it")
        }
        guard root == known.root else { throw fork(known, found: root) }
    }

    /// Replays a request file, from the head that the author remembers.
    ///
    /// - Parameter ledger: the ledger's id, when the author has it from elsewhere.
    public init(
        _ file: RequestFile, since known: ReplayedHead?, ledger: Digest32?,
        progress: (UInt64, UInt64) -> Void = { _, _ in }
    ) throws {
        let id = try file.ledger
        if let ledger, ledger != id {
            throw ActingError.refused("the file is of the ledger \(id.hex), not \(ledger.hex)")
        }
        var replay = try Self.start(of: file, since: known)
        let start = replay.head
        let root = { (seen: TreeHead) throws(AuditError) -> Digest32? in
            let size = seen.size
            guard size > 0 else { return TreeHead.empty.root }
            guard let older = file.older[size] else { return nil }
            do {
                try checkConsistency(
                    older.proof, from: size, oldRoot: older.root, to: start.size,
                    newRoot: start.root)
            } catch { return nil }
            return older.root
        }
        var passed: Digest32?
        if let known, known.size == replay.size { passed = replay.head.root }
        // The whole history is here: the remembered head must lie on its way.
        if let known, replay.size < known.size {
            try replay.run(file, to: min(known.size, file.size), root: root)
            passed = replay.head.root
        }
        if let known {
            guard file.size >= known.size else {
                throw ActingError.refused(
                    "the file ends at \(file.size) entries (root \(replay.head.root.hex)), but your "
                        + "key has seen \(known.size) (root \(known.root.hex)). Ask for a newer one"
                )
            }
            guard passed == known.root else {
                throw Self.fork(known, found: passed ?? .zero)
            }
        }
        try replay.run(file, to: file.size, root: root, progress: { progress($0, file.size) })
        try Self.check(file, against: replay)
        guard let state = replay.state, state.ledger == id else {
            throw ActingError.refused("the file's entries are not of the ledger \(id.hex)")
        }
        try self.init(replay, file, request: file.request)
    }

    private init(_ replay: Replay, _ source: any EventSource, request: Digest32?) throws {
        let broken = replay.findings.filter { !$0.isIncident }
        if let first = broken.first {
            let place = first.position.map { " at position \($0)" } ?? ""
            throw ActingError.refused(
                "the ledger does not verify: \(broken.count) finding"
                    + (broken.count == 1 ? "" : "s") + ", the first\(place): \(first.found) (rule "
                    + "\(first.rule.name)). Nothing is signed on it; run `strongroom verify`")
        }
        guard var state = replay.state else {
            throw ActingError.refused("the ledger is empty")
        }
        head = replay.head
        replayed = ReplayedHead(
            size: head.size, root: head.root, stateDigest: state.digest)
        atHead = state
        state.advance(to: max(now(), state.recorded))
        self.state = state
        incidents = replay.findings.filter(\.isIncident)
        self.source = source
        self.request = request
    }

    private static func start(of file: RequestFile, since known: ReplayedHead?) throws -> Replay {
        guard file.start > 0 else { return Replay() }
        guard let bytes = file.state, let known, known.size == file.start,
            sha256(bytes) == known.stateDigest
        else {
            throw ActingError.refused(
                "the file starts at entry \(file.start), but your key remembers "
                    + (known.map { "the head of size \($0.size)" } ?? "nothing of this ledger")
                    + ". Ask for one made with `strongroom request export --since "
                    + "\(known?.size ?? 0)`")
        }
        do {
            return Replay(
                from: try LedgerState(decoding: bytes),
                frontier: try CompactRange(size: file.start, hashes: file.frontier))
        } catch {
            throw ActingError.refused("the file's state is damaged: \(error)")
        }
    }

    /// The checkpoint must be signed by the log's key and be that of the replayed entries; the
    /// request's events must be proven to be under it.
    private static func check(_ file: RequestFile, against replay: Replay) throws {
        guard let state = replay.state else { return }
        let verified = try SignedCheckpoint(parsing: file.checkpoint).verified(with: state.logKey)
        let checkpoint = verified.checkpoint
        guard checkpoint.size == replay.head.size, checkpoint.root == replay.head.root else {
            throw ActingError.refused(
                "the file's entries lead to \(replay.head), but its checkpoint is "
                    + "\(checkpoint.size) (root \(checkpoint.root.hex.prefix(16))…)")
        }
        for item in file.proofs {
            try checkInclusion(
                item.proof, index: item.position, size: checkpoint.size,
                leaf: leafHash(item.entry), root: checkpoint.root)
        }
    }

    private static func fork(_ known: ReplayedHead, found: Digest32) -> ActingError {
        .refused(
            "the ledger's root at size \(known.size) is \(found.hex), but your key has seen "
                + "\(known.root.hex) there: this is another history. Do not act on it; keep both "
                + "as evidence")
    }
}
