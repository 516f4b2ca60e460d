internal import Synchronization

/// Opens connections to one node, and keeps one that is idle for the next call.
final class IdleConnection: Sendable {
    private let host: String
    private let port: Int
    private let limits: NodeLimits
    private let idle = Mutex<HTTPConnection?>(nil)

    init(host: String, port: Int, limits: NodeLimits) {
        self.host = host
        self.port = port
        self.limits = limits
    }

    deinit { idle.withLock { $0?.close() } }

    /// The idle connection, or a new one where there is none or `fresh` asks for it.
    func take(fresh: Bool) async throws(HTTPFailure) -> HTTPConnection {
        let kept = idle.withLock { idle in
            defer { idle = nil }
            return idle
        }
        if let kept {
            // A node closes idle connections, and may do so while our request is under way: what
            // must not be repeated goes over a connection of its own.
            if !fresh, kept.isOpen { return kept }
            kept.close()
        }
        return try await HTTPConnection.open(host: host, port: port, limits: limits)
    }

    /// Keeps a connection whose answer has arrived; one that was kept before is closed.
    func keep(_ connection: HTTPConnection) {
        let surplus = idle.withLock { idle in
            defer { idle = connection }
            return idle
        }
        surplus?.close()
    }
}
