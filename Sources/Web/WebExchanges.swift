internal import Foundation
internal import Synchronization

#if canImport(FoundationNetworking)
    internal import FoundationNetworking
#endif

/// The requests that are under way, each with what has arrived of its answer.
final class WebExchanges: NSObject, URLSessionDataDelegate, Sendable {
    typealias Continuation = CheckedContinuation<Result<WebAnswer, WebError>, Never>

    private struct Exchange {
        let url: String
        let continuation: Continuation
        var body: [UInt8] = []
        var redirects = 0
    }

    private let limits: WebLimits
    private let pending = Mutex<[Int: Exchange]>([:])
    /// Why requests were given up before they began to wait.
    private let abandoned = Mutex<[Int: WebError]>([:])

    init(_ limits: WebLimits) { self.limits = limits }

    func begin(_ task: URLSessionTask, _ url: String, _ continuation: Continuation) {
        if let error = abandoned.withLock({ $0.removeValue(forKey: task.taskIdentifier) }) {
            continuation.resume(returning: .failure(error))
            return
        }
        pending.withLock {
            $0[task.taskIdentifier] = Exchange(url: url, continuation: continuation)
        }
    }

    /// Ends a request that is still under way with `error`.
    func give(up task: URLSessionTask, because error: WebError) {
        if let exchange = take(task) {
            exchange.continuation.resume(returning: .failure(error))
        } else if task.state == .suspended {
            abandoned.withLock { $0[task.taskIdentifier] = error }
        }
        task.cancel()
    }

    private func take(_ task: URLSessionTask) -> Exchange? {
        pending.withLock { $0.removeValue(forKey: task.taskIdentifier) }
    }

    private func url(of task: URLSessionTask) -> String {
        pending.withLock { $0[task.taskIdentifier]?.url } ?? ""
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        guard response.expectedContentLength <= Int64(limits.bodyBytesMax) else {
            completionHandler(.cancel)
            let error = WebError.oversize(url: url(of: dataTask), bytesMax: limits.bodyBytesMax)
            return give(up: dataTask, because: error)
        }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let isOver = pending.withLock { pending in
            guard var exchange = pending.removeValue(forKey: dataTask.taskIdentifier) else {
                return false
            }
            let isOver = exchange.body.count + data.count > limits.bodyBytesMax
            if !isOver { exchange.body.append(contentsOf: data) }
            pending[dataTask.taskIdentifier] = exchange
            return isOver
        }
        guard isOver else { return }
        give(
            up: dataTask,
            because: .oversize(url: url(of: dataTask), bytesMax: limits.bodyBytesMax))
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        let redirects = pending.withLock { pending in
            pending[task.taskIdentifier]?.redirects += 1
            return pending[task.taskIdentifier]?.redirects ?? .max
        }
        guard redirects <= limits.redirectsMax, task.originalRequest?.httpMethod == "GET",
            let from = task.originalRequest?.url, let to = request.url, to.scheme == from.scheme,
            to.host == from.host, to.port == from.port
        else {
            completionHandler(nil)
            let error = WebError.redirected(
                url: url(of: task), to: request.url?.absoluteString ?? "nowhere")
            return give(up: task, because: error)
        }
        completionHandler(request)
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
    ) {
        guard let exchange = take(task) else { return }
        if let error {
            let failure: WebError =
                (error as? URLError)?.code == .timedOut
                ? .timedOut(url: exchange.url, seconds: limits.secondsMax)
                : .unreachable(url: exchange.url, reason: error.localizedDescription)
            return exchange.continuation.resume(returning: .failure(failure))
        }
        guard let response = task.response as? HTTPURLResponse else {
            let failure = WebError.unreachable(url: exchange.url, reason: "it is no HTTP answer")
            return exchange.continuation.resume(returning: .failure(failure))
        }
        var headers: [String: String] = [:]
        for (name, value) in response.allHeaderFields {
            if let name = name as? String, let value = value as? String {
                headers[name.lowercased()] = value
            }
        }
        exchange.continuation.resume(
            returning: .success(
                WebAnswer(status: response.statusCode, headers: headers, body: exchange.body)))
    }
}
