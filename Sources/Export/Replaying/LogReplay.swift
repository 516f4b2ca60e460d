public import Audit
internal import Bytes
internal import Events
internal import Foundation
internal import Ledger
public import Merkle
internal import State
internal import Synchronization

/// A replay of one log that goes on from checkpoint to checkpoint: what a witness does before it
/// says that every entry was replayed.
///
/// The entries are read from a ledger's folder, an export's folder, or a web server that serves
/// such a folder. Nothing there is believed: what was replayed must have the checkpoint's root. The
/// state between two checkpoints is kept in memory; after a restart the replay begins anew.
public final class LogReplay: Sendable {
    private let place: String
    private let cache: String
    private let progress = Mutex<Replay?>(nil)

    /// Names where the entries are; what comes from a web server is kept in the folder `cache`.
    public init(_ place: String, cache: String) {
        self.place = place
        self.cache = cache
    }

    /// Replays all entries up to a checkpoint, and returns what was found; nothing is right.
    ///
    /// - Throws: when the entries can not be read, or are not those of the log with this key.
    public func findings(
        upTo signed: VerifiedCheckpoint, of logKey: NoteVerifierKey
    ) throws(AuditError) -> [Finding] {
        let checkpoint = signed.checkpoint
        return try progress.withLock { (kept: inout Replay?) throws(AuditError) in
            if let kept, kept.size == checkpoint.size {
                return Self.compare(kept, checkpoint)
            }
            // Only a replay without a finding is gone on from; a source may be repaired.
            let replay = try replayed(from: kept, to: checkpoint)
            if let state = replay.state {
                let origin = "\(state.founding.name.text)/\(state.ledger.hex)"
                guard origin == logKey.name, state.founding.logKey == logKey.publicKey else {
                    throw .unreadable("\(place) holds the log \(origin), or one of another key")
                }
            }
            let findings = replay.findings + Self.compare(replay, checkpoint)
            if findings.isEmpty { kept = replay }
            return findings
        }
    }

    private func replayed(
        from kept: Replay?, to checkpoint: Checkpoint
    ) throws(AuditError) -> Replay {
        var replay = kept ?? Replay()
        guard replay.size < checkpoint.size else {
            throw .unreadable("the replay has gone past size \(checkpoint.size) already")
        }
        if FileManager.default.fileExists(atPath: "\(place)/ledger.mdb") {
            let log: Log
            do throws(LedgerError) { log = try Log.open(place, .readOnly) } catch {
                throw .unreadable("\(error)")
            }
            try replay.run(try LogSource(log), to: checkpoint.size)
            return replay
        }
        let source = ExportSource(try folder(), size: checkpoint.size, start: 0)
        if let ledger = replay.state?.ledger { source.begin(ledger, at: replay.size) }
        try replay.run(
            source, to: checkpoint.size,
            observe: { (position, event, state, _) throws(AuditError) in
                if position == 0 { source.begin(state.ledger, at: 0) }
                guard let event, case .initiated = event.event.fact else { return }
                source.note(request: event.id, at: position)
            })
        return replay
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
