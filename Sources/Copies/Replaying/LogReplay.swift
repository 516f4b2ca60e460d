public import Audit
internal import Bytes
internal import Events
internal import Export
internal import Foundation
internal import Ledger
public import Merkle
internal import State
internal import Synchronization
internal import Web

/// A replay of one log that goes on from checkpoint to checkpoint: what a witness does before it
/// says that every entry was replayed.
///
/// The entries are read from a ledger's folder, an export's folder, or a web server that serves
/// such a folder. Nothing there is believed: what was replayed must have the checkpoint's root. The
/// state between two checkpoints is kept in memory and, with a ``ReplayFile``, over restarts.
public final class LogReplay: Sendable {
    /// What a replay came to.
    public struct Outcome: Sendable {
        /// What was found besides incidents; nothing is right.
        public let findings: [Finding]
        /// The incidents among these entries: facts that were recorded as they should be, and must
        /// not have happened. They are no fault of the log.
        public let incidents: [Finding]
        /// The entries that were replayed for it.
        public let entries: Range<UInt64>
        /// Why the replay did not go on from its file, or will not after a restart.
        public let notes: [String]
    }

    /// How far the replay is.
    private struct Progress {
        var replay: Replay
        /// The head in the file that the replay began from; nothing below it is in memory.
        var start: TreeHead?
        /// What the file holds.
        var kept: (size: UInt64, bytes: Int) = (0, 0)
    }

    /// A state of at most this size is kept at every checkpoint; of a larger one so much is written
    /// for each entry, on average.
    private static let keptBytesAtOnce = 1 << 20
    private static let keptBytesPerEntry = 4_096

    private let place: String
    private let cache: String
    private let file: ReplayFile?
    private let progress = Mutex<Progress?>(nil)
    private let notes = Mutex<[String]>([])
    /// The checkpoint up to which entries had been replayed when this process began.
    public let keptCheckpoint: SignedCheckpoint?

    /// Names where the entries are; what comes from a web server is kept in the folder `cache`.
    ///
    /// A file that this witness has not sealed is named in the first outcome's notes, and
    /// everything is replayed.
    public init(_ place: String, cache: String, keptIn file: ReplayFile? = nil) {
        self.place = place
        self.cache = cache
        self.file = file
        switch file?.read() {
        case nil, .some(.none): keptCheckpoint = nil
        case .unusable(let reason):
            keptCheckpoint = nil
            notes.withLock { $0.append("\(reason); every entry is replayed anew") }
        case .kept(let kept):
            do throws(AuditError) {
                let state = try kept.state()
                progress.withLock {
                    $0 = Progress(
                        replay: Replay(from: state, frontier: kept.frontier), start: kept.head,
                        kept: (kept.head.size, kept.stateBytes.count))
                }
                keptCheckpoint = kept.checkpoint
            } catch {
                keptCheckpoint = nil
                notes.withLock { $0.append("\(error); every entry is replayed anew") }
            }
        }
    }

    /// Replays all entries up to a checkpoint that were not replayed yet, and keeps the state there
    /// before it returns.
    ///
    /// - Throws: when the entries can not be read, or are not those of the log with this key.
    public func findings(
        upTo signed: VerifiedCheckpoint, of logKey: NoteVerifierKey
    ) throws(AuditError) -> Outcome {
        let checkpoint = signed.checkpoint
        return try progress.withLock { (kept: inout Progress?) throws(AuditError) in
            let known = kept?.replay.size ?? 0
            if let kept, known == checkpoint.size {
                return outcome(Self.compare(kept.replay, checkpoint), known..<known)
            }
            guard known < checkpoint.size else {
                throw .unreadable("the replay has gone past size \(checkpoint.size) already")
            }
            // Only a replay of a sound log is gone on from; a source may be repaired.
            var progress = kept ?? Progress(replay: Replay())
            var findings = try advance(&progress, to: checkpoint)
            if let state = progress.replay.state {
                let origin = NoteVerifierKey.logOrigin(
                    of: state.ledger, named: state.founding.name.text)
                guard origin == logKey.name, state.founding.logKey == logKey.publicKey else {
                    throw .unreadable("\(place) holds the log \(origin), or one of another key")
                }
            }
            findings += Self.compare(progress.replay, checkpoint)
            if findings.allSatisfy(\.isIncident) {
                keep(&progress, signed, logKey)
                kept = progress
            }
            return outcome(findings, known..<max(known, progress.replay.size))
        }
    }

    private func outcome(_ findings: [Finding], _ entries: Range<UInt64>) -> Outcome {
        let said = notes.withLock { notes in
            defer { notes = [] }
            return notes
        }
        return Outcome(
            findings: findings.filter { !$0.isIncident },
            incidents: findings.filter { finding in
                finding.isIncident && finding.position.map(entries.contains) ?? false
            }, entries: entries, notes: said)
    }

    /// Writes the file, unless the state is large and few entries were replayed since.
    private func keep(
        _ progress: inout Progress, _ signed: VerifiedCheckpoint, _ logKey: NoteVerifierKey
    ) {
        guard let file, let state = progress.replay.state else { return }
        let size = progress.replay.size
        let entries = Int(clamping: size - progress.kept.size)
        guard
            progress.kept.bytes <= Self.keptBytesAtOnce
                || entries >= progress.kept.bytes / Self.keptBytesPerEntry
        else { return }
        do {
            let result = KeptResult(
                state, progress.replay.tree.frontier,
                checkpoint: try signed.signed.keepingLines(of: [logKey]), findings: 0)
            try file.write(result)
            progress.kept = (size, result.stateBytes.count)
        } catch {
            // The replay was done all the same; a restart costs more.
            notes.withLock { $0.append("the replay up to size \(size) is not kept: \(error)") }
        }
    }

    /// Replays what is new, and returns what was found.
    private func advance(
        _ progress: inout Progress, to checkpoint: Checkpoint
    ) throws(AuditError) -> [Finding] {
        if FileManager.default.fileExists(atPath: "\(place)/ledger.mdb") {
            let log: Log
            do throws(LedgerError) { log = try Log.open(place, .readOnly) } catch {
                throw .unreadable("\(error)")
            }
            let source = try LogSource(log)
            return try advance(&progress, to: checkpoint, source) {
                (size, newSize) throws(AuditError) in
                try newSize <= source.size ? source.provenRoot(at: size, in: newSize) : nil
            }
        }
        let folder = try folder()
        let source = ExportSource(folder, size: checkpoint.size, start: 0)
        let tiles = StoredTiles(folder, size: checkpoint.size)
        if let ledger = progress.replay.state?.ledger {
            source.begin(ledger, at: progress.replay.size)
        }
        return try advance(
            &progress, to: checkpoint, source,
            observe: { (position, _, state, _) throws(AuditError) in
                if position == 0 { source.begin(state.ledger, at: 0) }
            }
        ) { (size, newSize) throws(AuditError) in try tiles.provenRoot(at: size, in: newSize) }
    }

    private func advance(
        _ progress: inout Progress, to checkpoint: Checkpoint, _ source: some EventSource,
        observe: Replay.Observer = { (_, _, _, _) throws(AuditError) in },
        provenRoot: @escaping (UInt64, UInt64) throws(AuditError) -> OlderRoots.Proven?
    ) throws(AuditError) -> [Finding] {
        guard let start = progress.start else {
            try progress.replay.run(source, to: checkpoint.size, observe: observe)
            return progress.replay.findings
        }
        var older = OlderRoots(before: start) { (size) throws(AuditError) in
            try provenRoot(size, start.size)
        }
        try progress.replay.run(
            source, to: checkpoint.size,
            root: { (seen) throws(AuditError) in try older.root(for: seen) }, observe: observe)
        var findings = progress.replay.findings + older.findings
        if older.unreached > 0 {
            findings.append(
                Finding(
                    position: nil, rule: .tree,
                    expected: "the hashes below size \(start.size), up to which entries were "
                        + "replayed before a restart, for \(older.unreached) heads that events "
                        + "had seen",
                    found: "none of them in \(place)"))
        }
        return findings
    }

    private static func compare(_ replay: Replay, _ checkpoint: Checkpoint) -> [Finding] {
        guard replay.head.root != checkpoint.root else { return [] }
        return [
            Finding(
                position: nil, rule: .checkpoint,
                expected: "the root \(checkpoint.root.hex) at size \(checkpoint.size)",
                found: "\(replay.head.root.hex)")
        ]
    }

    private func folder() throws(AuditError) -> EvidenceFolder {
        guard place.hasPrefix("http://") || place.hasPrefix("https://") else {
            return EvidenceFolder(place)
        }
        var folder = EvidenceFolder(cache)
        let place = place
        let cache = cache
        folder.fetch = { (file) throws(AuditError) in
            try Self.fetch(file, from: place, into: cache)
        }
        return folder
    }

    /// Brings one file; that there is none is no error, the replay then misses it.
    private static func fetch(
        _ file: ExportPath, from place: String, into cache: String
    ) throws(AuditError) {
        let url = place.hasSuffix("/") ? "\(place)\(file)" : "\(place)/\(file)"
        let client = WebClient(WebLimits(bodyBytesMax: file.maximumBytes, secondsMax: 60))
        let answer = Mutex<Result<WebAnswer, WebError>?>(nil)
        let arrived = DispatchSemaphore(value: 0)
        // The replay runs on threads of its own, which may wait.
        Task {
            let result: Result<WebAnswer, WebError>
            do throws(WebError) { result = .success(try await client.get(url)) } catch {
                result = .failure(error)
            }
            answer.withLock { $0 = result }
            arrived.signal()
        }
        arrived.wait()
        switch answer.withLock({ $0 }) {
        case .success(let found) where found.status == 200:
            let path = URL(filePath: "\(cache)/\(file)")
            do {
                try FileManager.default.createDirectory(
                    at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(found.body).write(to: path, options: .atomic)
            } catch { throw .unreadable("\(path.path): \(error.localizedDescription)") }
        case .success(let found) where found.status == 404: return
        case .success(let found): throw .unreadable("\(url) answers with status \(found.status)")
        case .failure(let error): throw .unreadable("\(error)")
        case nil: throw .unreadable("no answer from \(url)")
        }
    }
}
