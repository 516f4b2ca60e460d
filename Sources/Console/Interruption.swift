internal import Dispatch
internal import Foundation
internal import Synchronization

/// Removes what is half made when somebody interrupts the program.
public final class Interruption {
    private var sources: [any DispatchSourceSignal] = []
    private static let isEnding = Atomic(false)

    /// Watches for nothing yet.
    public init() {}

    /// Watches for SIGINT and SIGTERM from now on, for this file or folder.
    ///
    /// Whoever works on it meanwhile must not make it anew when it is gone.
    public func remove(_ path: String) {
        // Work that fails because it is gone must not end the program before it is.
        atexit { while Interruption.isEnding.load(ordering: .acquiring) { pause() } }
        for (number, name) in [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { Self.end(by: number, name, removing: path) }
            source.resume()
            sources.append(source)
        }
    }

    private static func end(by number: Int32, _ name: String, removing path: String) {
        guard !isEnding.exchange(true, ordering: .acquiringAndReleasing) else { return }
        // In one step, so that nothing can be put into a folder that is being emptied.
        let removed = path + ".removed"
        let isThere = unsafe rename(path, removed) == 0
        complain(isThere ? "ended by \(name); removing \(path)" : "ended by \(name)")
        silence()
        if isThere { try? FileManager.default.removeItem(atPath: removed) }
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
