internal import Dispatch
internal import Foundation

/// Removes a folder when somebody interrupts the program.
final class Interruption {
    private var sources: [any DispatchSourceSignal] = []

    /// Watches for SIGINT and SIGTERM from now on, for this folder.
    func remove(_ folder: String) {
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                try? FileManager.default.removeItem(atPath: folder)
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
