internal import Dispatch
internal import Foundation
internal import Synchronization

/// Removes folders when somebody interrupts the program.
public final class Interruption {
    private var sources: [any DispatchSourceSignal] = []
    private let folders = Folders()

    /// What is to be removed, by whichever signal comes first.
    private final class Folders: Sendable {
        let paths = Mutex<[String]>([])
    }

    /// Watches for nothing yet.
    public init() {}

    /// Watches for SIGINT and SIGTERM from now on, for this folder and those named before.
    public func remove(_ folder: String) {
        folders.paths.withLock { $0.append(folder) }
        guard sources.isEmpty else { return }
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [folders] in
                for path in folders.paths.withLock({ $0 }) {
                    try? FileManager.default.removeItem(atPath: path)
                }
                exit(128 + number)
            }
            source.resume()
            sources.append(source)
        }
    }

    deinit {
        for source in sources { source.cancel() }
        for number in [SIGINT, SIGTERM] where !sources.isEmpty { signal(number, SIG_DFL) }
    }
}
