import Acting
import ArgumentParser
import Audit
import Auditing
import Bytes
import Copies
import Export
import Foundation
import Merkle
import Secrets
import Synchronization
import Terminal
import Witness

extension WitnessCommand {
    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Answer add-checkpoint requests until SIGTERM.",
            discussion: """
                Monitors get the newest cosigned checkpoint of a log at /HASH/checkpoint, where \
                HASH is the SHA-256 of its origin. Plain HTTP: put a proxy with TLS before \
                it, or listen on this host alone.

                Example:
                  strongroom witness serve /srv/witness --listen 127.0.0.1:8080
                """)
        @Argument(help: "The witness's folder.", completion: .directory)
        var folder: String
        @Option(help: "Address and port to listen on; port 0 is any free one.")
        var listen: String
        @OptionGroup var keys: KeyOptions

        func run() async throws {
            let (host, port) = try address()
            let store = try WitnessStore.open(folder)
            let keystore = try keys.keystore()
            let signer = try WitnessKeys.signer(for: store.key(), in: keystore, keys.source)
            let full = try store.fullKey().map { key in
                let signer = try WitnessKeys.signer(for: key, in: keystore, keys.source)
                let replays = try ReplayedLogs(store, sealedBy: signer)
                return CosigningWitness.FullReplay(
                    signer: signer, replay: { replays.isSound($0, $1) })
            }
            let witness = try CosigningWitness(store, signer: signer, full: full) {
                UInt64(max(0, Date().timeIntervalSince1970))
            }
            let ended = EndSignal()
            let service = WitnessAnswers(witness) { complain($0) }
            let server = try await WitnessServer.start(host: host, port: port, service)
            say("Listening on \(host):\(server.port)")
            await ended.wait()
            await server.stop()
        }

        private func address() throws -> (String, Int) {
            let parts = listen.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count >= 2, let port = parts.last.flatMap({ Int($0) }),
                (0...65_535).contains(port)
            else { throw CommandError.usage("--listen is ADDRESS:PORT, not \(listen.plain)") }
            let host = parts.dropLast().joined(separator: ":")
            return (host.trimmingCharacters(in: ["[", "]"]), port)
        }
    }
}

/// The replays of a witness that makes the second statement, one for each log.
private final class ReplayedLogs: Sendable {
    private let folder: String
    private let signer: CheckpointSigner
    private let replays = Mutex<[String: LogReplay]>([:])

    /// Takes up what was kept of every log. A database that is behind it has forgotten what was
    /// cosigned: the head file is made to remember it, which stops the log until it is recovered.
    init(_ store: WitnessStore, sealedBy signer: CheckpointSigner) throws {
        folder = store.folder
        self.signer = signer
        for log in try store.logs() {
            guard let source = log.source else { continue }
            let kept = replay(log, source).keptCheckpoint
            guard let kept, try store.remember(kept) else { continue }
            complain(
                "\(log.key.name.plain) was replayed up to size \(kept.checkpoint.size), which the "
                    + "database of this witness does not know: a restored copy; nothing is "
                    + "cosigned before `strongroom witness log recover`")
        }
    }

    private func replay(_ log: WitnessStore.KnownLog, _ source: String) -> LogReplay {
        let name = sha256(Array("\(log.key.name)\n\(source)".utf8)).hex
        return replays.withLock { replays in
            if let replay = replays[name] { return replay }
            let file = ReplayFile(in: "\(folder)/replayed", of: log.key, sealedBy: signer)
            let replay = LogReplay(source, cache: "\(folder)/fetched/\(name)", keptIn: file)
            replays[name] = replay
            return replay
        }
    }

    /// Whether all entries of the checkpoint were replayed and are allowed where they stand; what
    /// is wrong is printed, and so are incidents, which are no fault of the log.
    func isSound(_ log: WitnessStore.KnownLog, _ checkpoint: VerifiedCheckpoint) -> Bool {
        guard let source = log.source else { return false }
        let origin = log.key.name.plain
        do {
            let outcome = try replay(log, source).findings(upTo: checkpoint, of: log.key)
            for note in outcome.notes { complain("\(origin): \(note.plain)") }
            for incident in outcome.incidents.prefix(10) {
                complain(
                    "incident: \(origin), position "
                        + "\(incident.position.map { "\($0)" } ?? "unknown"): "
                        + incident.found.plain)
            }
            for finding in outcome.findings.prefix(10) {
                complain(
                    "not replayed: \(origin), position "
                        + "\(finding.position.map { "\($0)" } ?? "unknown"): \(finding.found.plain)"
                )
            }
            if outcome.findings.isEmpty, !outcome.entries.isEmpty {
                say(
                    "Replayed \(origin) from \(outcome.entries.lowerBound) to "
                        + "\(outcome.entries.upperBound)")
            }
            return outcome.findings.isEmpty
        } catch {
            complain("not replayed: \(origin): \(error)")
            return false
        }
    }
}

/// SIGTERM or SIGINT, waited for.
private struct EndSignal {
    private let sources: [any DispatchSourceSignal]
    private let signals: AsyncStream<Void>

    init() {
        let (signals, continuation) = AsyncStream.makeStream(of: Void.self)
        self.signals = signals
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: .global())
        }
        for source in sources {
            source.setEventHandler { continuation.yield() }
            source.resume()
        }
    }

    func wait() async {
        for await _ in signals { break }
        for source in sources { source.cancel() }
    }
}
