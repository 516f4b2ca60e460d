import ArgumentParser
import Audit
import Bytes
import Console
import Custody
import Export
import Foundation
import Merkle
import Secrets
import Synchronization
import Witness

extension WitnessCommand {
    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Answer add-checkpoint requests until SIGTERM.",
            discussion: """
                Plain HTTP: put a proxy with TLS before it, or listen on this host alone.

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
            let replays = ReplayedLogs(folder)
            let full = try store.fullKey().map { key in
                CosigningWitness.FullReplay(
                    signer: try WitnessKeys.signer(for: key, in: keystore, keys.source),
                    replay: { replays.isSound($0, $1) })
            }
            let witness = try CosigningWitness(store, signer: signer, full: full) {
                UInt64(max(0, Date().timeIntervalSince1970))
            }
            let ended = EndSignal()
            let server = try await WitnessServer.start(host: host, port: port) { body in
                witness.answer(body) { complain($0) }
            }
            // Said at once, also where standard output is a pipe.
            FileHandle.standardOutput.write(Data("Listening on \(host):\(server.port)\n".utf8))
            await ended.wait()
            await server.stop()
        }

        private func address() throws -> (String, Int) {
            let parts = listen.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count >= 2, let port = parts.last.flatMap({ Int($0) }),
                (0...65_535).contains(port)
            else { throw CustodyError.usage("--listen is ADDRESS:PORT, not \(listen.plain)") }
            let host = parts.dropLast().joined(separator: ":")
            return (host.trimmingCharacters(in: ["[", "]"]), port)
        }
    }
}

/// The replays of a witness that makes the second statement, one for each log.
private final class ReplayedLogs: Sendable {
    private let folder: String
    private let replays = Mutex<[String: LogReplay]>([:])

    init(_ folder: String) { self.folder = folder }

    /// Whether all entries of the checkpoint were replayed without a finding; what is wrong is
    /// printed.
    func isSound(_ log: WitnessStore.KnownLog, _ checkpoint: VerifiedCheckpoint) -> Bool {
        guard let source = log.source else { return false }
        let name = sha256(Array("\(log.key.name)\n\(source)".utf8)).hex
        let replay = replays.withLock { replays in
            let replay = replays[name] ?? LogReplay(source, cache: "\(folder)/fetched/\(name)")
            replays[name] = replay
            return replay
        }
        do {
            let findings = try replay.findings(upTo: checkpoint, of: log.key)
            for finding in findings.prefix(10) {
                complain(
                    "not replayed: \(log.key.name.plain), position "
                        + "\(finding.position.map { "\($0)" } ?? "unknown"): \(finding.found.plain)"
                )
            }
            return findings.isEmpty
        } catch {
            complain("not replayed: \(log.key.name.plain): \(error)")
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
