internal import Foundation
internal import Synchronization

#if canImport(FoundationNetworking)
    internal import FoundationNetworking
#endif

/// Asks web servers, http or https, within limits: what a server sends is never held beyond them.
/// For one server that is asked over and over, and speaks plain HTTP, there is ``PlainClient``.
///
/// Any number of requests may run at once. Cookies, caches and credentials of the user are not
/// used.
public final class WebClient: Sendable {
    /// What is taken and how long is waited.
    public let limits: WebLimits
    private let exchanges: WebExchanges
    private let session: URLSession

    /// Creates a client.
    public init(_ limits: WebLimits = WebLimits()) {
        self.limits = limits
        exchanges = WebExchanges(limits)
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpShouldSetCookies = false
        configuration.httpCookieStorage = nil
        configuration.urlCache = nil
        configuration.urlCredentialStorage = nil
        configuration.timeoutIntervalForRequest = TimeInterval(limits.secondsMax)
        configuration.httpMaximumConnectionsPerHost = 16
        session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
    }

    deinit { session.finishTasksAndInvalidate() }

    /// Fetches what stands at `url`; an answer of any status is returned.
    public func get(_ url: String) async throws(WebError) -> WebAnswer {
        try await ask(try request(url, method: "GET"), url)
    }

    /// Posts `body` to `url`; an answer of any status is returned.
    public func post(
        _ url: String, _ body: [UInt8], contentType: String = "text/plain; charset=utf-8"
    ) async throws(WebError) -> WebAnswer {
        var request = try request(url, method: "POST")
        request.setValue(contentType, forHTTPHeaderField: "Content-Type")
        request.httpBody = Data(body)
        return try await ask(request, url)
    }

    private func request(_ text: String, method: String) throws(WebError) -> URLRequest {
        guard text.utf8.count <= 2_048, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
            let parts = URLComponents(string: text), let url = parts.url
        else { throw .address(url: text, reason: "it is not a URL of at most 2,048 ASCII bytes") }
        guard let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme) else {
            throw .address(url: text, reason: "it begins neither with http:// nor with https://")
        }
        guard let host = parts.host, !host.isEmpty else {
            throw .address(url: text, reason: "it names no host")
        }
        guard parts.user == nil, parts.password == nil, parts.fragment == nil else {
            throw .address(url: text, reason: "a user, a password or a fragment is not taken")
        }
        var request = URLRequest(url: url, timeoutInterval: TimeInterval(limits.secondsMax))
        request.httpMethod = method
        return request
    }

    private func ask(_ request: URLRequest, _ url: String) async throws(WebError) -> WebAnswer {
        let task = session.dataTask(with: request)
        let exchanges = exchanges
        let limits = limits
        // Foundation's own timeout counts idle time alone; this one is for the whole answer.
        let deadline = Task {
            try await Task.sleep(for: .milliseconds(limits.answerMillisecondsMax))
            exchanges.give(up: task, because: .timedOut(url: url, seconds: limits.secondsMax))
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                exchanges.begin(task, url, continuation)
                task.resume()
            }
        } onCancel: {
            exchanges.give(up: task, because: .unreachable(url: url, reason: "cancelled"))
        }
        deadline.cancel()
        return try result.get()
    }
}
