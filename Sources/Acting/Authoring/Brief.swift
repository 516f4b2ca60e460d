public import Audit
public import Bytes
public import Events
internal import Ledger
internal import Merkle
public import Secrets
public import State

/// What an author acts upon: a state that the author's own program has replayed, at a head that
/// extends every head that the author's key has seen before.
public struct Brief: Sendable {
    /// When it was made, in milliseconds since 1970.
    public let time: UInt64
    /// The state at ``head``, with what has expired by ``time`` ended.
    public let state: LedgerState
    /// The state at ``head`` as the log alone makes it, whatever the time is now.
    let atHead: LedgerState
    /// The head that the author's next event will have `seen`.
    public let head: TreeHead
    /// The head and state digest for the author's key to remember.
    public let replayed: ReplayedHead
    /// Incidents found on the way; they are shown, and stop nobody.
    public let incidents: [Finding]
    /// Where earlier events are looked up.
    public let source: any EventSource
    /// The request that a file was made for.
    public let request: Digest32?

    /// Replays a ledger where it lives, from the head that the author remembers.
    ///
    /// Costs one signature check for each entry since then; the first time, for all of them.
    ///
    /// - Parameters:
    ///   - clock: milliseconds since 1970; what has expired by then has ended in ``state``.
    ///   - isKnown: called once the stored tree has the remembered head, before anything is
    ///     replayed.
    public init(
        _ ledger: OpenLedger, since known: ReplayedHead?, clock: WallClock,
        progress: (UInt64, UInt64) -> Void = { _, _ in },
        whenKnown isKnown: () throws -> Void = {}
    ) throws {
        if let known { try Self.require(known, in: ledger) }
        try isKnown()
        let source = try LogSource(ledger.log)
        let size = source.size
        var replay = Replay()
        if let known {
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
        try self.init(replay, source, request: nil, at: clock())
        guard root == head.root else {
            throw ActingError.history(.anotherTree(head: head))
        }
    }

    /// Refuses a ledger whose stored tree lacks a head that the author remembers.
    private static func require(_ known: ReplayedHead, in ledger: OpenLedger) throws {
        let (size, root) = try ledger.log.read { (view) throws(LedgerError) in
            (view.size, try view.root(at: min(known.size, view.size)))
        }
        guard known.size <= size else {
            throw ActingError.history(.older(size: size, root: root, known: known))
        }
        guard root == known.root else { throw fork(known, found: root) }
    }

    /// Replays a request file, from the head that the author remembers.
    ///
    /// - Parameters:
    ///   - ledger: the ledger's id, when the author has it from elsewhere.
    ///   - clock: milliseconds since 1970; what has expired by then has ended in ``state``.
    public init(
        _ file: RequestFile, since known: ReplayedHead?, ledger: Digest32?, clock: WallClock,
        progress: (UInt64, UInt64) -> Void = { _, _ in }
    ) throws {
        let id = try file.ledger
        if let ledger, ledger != id {
            throw ActingError.history(
                .anotherLedger(what: "the file is of", found: id, expected: ledger))
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
                throw ActingError.history(
                    .olderFile(size: file.size, root: replay.head.root, known: known))
            }
            guard passed == known.root else {
                throw Self.fork(known, found: passed ?? .zero)
            }
        }
        try replay.run(file, to: file.size, root: root, progress: { progress($0, file.size) })
        try Self.check(file, against: replay)
        guard let state = replay.state, state.ledger == id else {
            throw ActingError.history(.foreignEntries(ledger: id))
        }
        try self.init(replay, file, request: file.request, at: clock())
    }

    private init(
        _ replay: Replay, _ source: any EventSource, request: Digest32?, at time: UInt64
    ) throws {
        let broken = replay.findings.filter { !$0.isIncident }
        if let first = broken.first {
            throw ActingError.history(
                .unsound(
                    findings: broken.count, position: first.position, rule: first.rule.name,
                    found: first.found))
        }
        guard var state = replay.state else {
            throw ActingError.history(.empty)
        }
        head = replay.head
        replayed = ReplayedHead(
            size: head.size, root: head.root, stateDigest: state.digest)
        atHead = state
        self.time = time
        state.advance(to: max(time, state.recorded))
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
            throw ActingError.history(
                .fileStartsElsewhere(start: file.start, known: known?.size))
        }
        do {
            return Replay(
                from: try LedgerState(decoding: bytes),
                frontier: try CompactRange(size: file.start, hashes: file.frontier))
        } catch {
            throw ActingError.history(.damagedState(reason: "\(error)"))
        }
    }

    /// The checkpoint must be signed by the log's key and be that of the replayed entries; the
    /// request's events must be proven to be under it.
    private static func check(_ file: RequestFile, against replay: Replay) throws {
        guard let state = replay.state else { return }
        let verified = try SignedCheckpoint(parsing: file.checkpoint).verified(with: state.logKey)
        let checkpoint = verified.checkpoint
        guard checkpoint.size == replay.head.size, checkpoint.root == replay.head.root else {
            throw ActingError.history(
                .anotherCheckpoint(
                    head: replay.head, size: checkpoint.size, root: checkpoint.root))
        }
        for item in file.proofs {
            try checkInclusion(
                item.proof, index: item.position, size: checkpoint.size,
                leaf: leafHash(item.entry), root: checkpoint.root)
        }
    }

    private static func fork(_ known: ReplayedHead, found: Digest32) -> ActingError {
        .history(.fork(root: found, known: known))
    }
}
