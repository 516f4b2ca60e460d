internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// Asks one server over plain HTTP, many times: a node.
///
/// One idle connection is kept for the next request; each request at the same time as another has a
/// connection of its own. Nothing is redirected, and nothing decompressed.
public final class PlainClient: Sendable {
    private let host: String
    private let port: Int
    private let limits: WebLimits
    private let idle = Mutex<HTTPConnection?>(nil)

    /// Names the server: a name or an address, an IPv6 one without its brackets. Nothing is sent.
    public init(host: String, port: Int, limits: WebLimits) {
        self.host = host
        self.port = port
        self.limits = limits
    }

    deinit { idle.withLock { $0?.close() } }

    private var url: String { "http://\(bracketedHost):\(port)" }
    private var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }

    /// Posts `body` to `/`; an answer of any status is returned.
    ///
    /// - Parameters:
    ///   - headers: fields beside `Host` and `Content-Length`.
    ///   - isFresh: whether it must go over a connection of its own: a server closes idle ones, and
    ///     may do so while a request is under way.
    /// - Throws: ``WebError/unreachable(url:reason:)`` when nothing was sent, and
    ///   ``WebError/interrupted(url:reason:)`` when the server may have taken the request.
    public func post(
        _ body: [UInt8], headers: [(String, String)], isFresh: Bool
    ) async throws(WebError) -> WebAnswer {
        var fields = HTTPHeaders(headers)
        fields.add(name: "Host", value: bracketedHost)
        fields.add(name: "Content-Length", value: "\(body.count)")
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/", headers: fields)
        let connection = try await take(isFresh)
        let answer: HTTPAnswer
        do throws(WebError) {
            answer = try await connection.send(head, ByteBuffer(bytes: body))
        } catch {
            connection.close()
            throw error
        }
        if answer.head.isKeepAlive { keep(connection) } else { connection.close() }
        return WebAnswer(
            status: Int(answer.head.status.code),
            headers: Dictionary(
                answer.head.headers.map { ($0.name.lowercased(), $0.value) },
                uniquingKeysWith: { "\($0), \($1)" }),
            body: Array(answer.body.readableBytesView))
    }

    /// The idle connection, or a new one where there is none or a fresh one is asked for.
    private func take(_ isFresh: Bool) async throws(WebError) -> HTTPConnection {
        let kept = idle.withLock { idle in
            defer { idle = nil }
            return idle
        }
        if let kept {
            if !isFresh, kept.isOpen { return kept }
            kept.close()
        }
        return try await HTTPConnection.open(host: host, port: port, url: url, limits: limits)
    }

    /// Keeps a connection whose answer has arrived; one that was kept before is closed.
    private func keep(_ connection: HTTPConnection) {
        let surplus = idle.withLock { idle in
            defer { idle = connection }
            return idle
        }
        surplus?.close()
    }
}
