internal import Dispatch
internal import Foundation
internal import Synchronization

/// Removes what is half made or for the moment when somebody interrupts the program.
public final class Interruption {
    private var sources: [any DispatchSourceSignal] = []
    private let known = Paths()
    private static let isEnding = Atomic(false)

    /// What is to be removed, by whichever signal comes first.
    private final class Paths: Sendable {
        let all = Mutex<[String]>([])
    }

    /// Watches for nothing yet.
    public init() {}

    /// Watches for SIGINT and SIGTERM from now on, for this file or folder and those named before.
    ///
    /// Whoever works on it meanwhile must not make it anew when it is gone.
    public func remove(_ path: String) {
        known.all.withLock { $0.append(path) }
        guard sources.isEmpty else { return }
        // Work that fails because it is gone must not end the program before it is.
        atexit { while Interruption.isEnding.load(ordering: .acquiring) { pause() } }
        for (number, name) in [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [known] in
                Self.end(by: number, name, removing: known.all.withLock { $0 })
            }
            source.resume()
            sources.append(source)
        }
    }

    private static func end(by number: Int32, _ name: String, removing paths: [String]) {
        guard !isEnding.exchange(true, ordering: .acquiringAndReleasing) else { return }
        // In one step, so that nothing can be put into a folder that is being emptied.
        let there = paths.filter { unsafe rename($0, $0 + ".removed") == 0 }
        let what = there.isEmpty ? "" : "; removing \(there.joined(separator: ", "))"
        complain("ended by \(name)\(what)")
        silence()
        for path in there { try? FileManager.default.removeItem(atPath: path + ".removed") }
        _exit(128 + number)
    }

    /// What is said of evidence while it vanishes is not for anybody.
    private static func silence() {
        let nowhere = unsafe open("/dev/null", O_WRONLY)
        for stream in [STDOUT_FILENO, STDERR_FILENO] { dup2(nowhere, stream) }
    }

    deinit {
        for source in sources { source.cancel() }
        for number in [SIGINT, SIGTERM] where !sources.isEmpty { signal(number, SIG_DFL) }
    }
}
