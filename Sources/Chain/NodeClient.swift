internal import Bytes
internal import Foundation
internal import Synchronization
internal import Web

/// Asks a Bitcoin node, over Bitcoin Core's JSON-RPC.
///
/// Calls may run at the same time. One idle connection is kept for the next call; each call at the
/// same time as another has a connection of its own. A call whose repetition changes nothing is
/// tried again when the connection fails or the node is busy; sending a transaction is not, as its
/// sender has to know of each try. Credentials appear in no error and no description.
public final class NodeClient: Sendable {
    /// Where the node is.
    public let address: NodeAddress
    /// How long and how much the client waits and takes.
    public let limits: NodeLimits
    private let web: PlainClient
    private let state = Mutex(State())

    private struct State {
        var authorization: String?
        var nextID = 0
    }

    /// Creates a client. Nothing is sent, and no file is read, before the first call.
    public init(_ address: NodeAddress, limits: NodeLimits = NodeLimits()) {
        self.address = address
        self.limits = limits
        web = PlainClient(host: address.host, port: address.port, limits: limits.web)
    }

    /// Whether a call may be repeated without asking its sender.
    enum Repetition { case allowed, forbidden }

    /// Runs one method.
    func call<Result: Decodable & Sendable>(
        _ method: String, _ params: [RPCParameter] = [], as type: Result.Type = Result.self,
        repetition: Repetition = .allowed
    ) async throws(ChainError) -> Result {
        let request = RPCRequest(id: reserveIDs(1), method: method, params: params)
        let body = try await answer(to: request, method: method, repetition: repetition)
        return try RPCAnswer.result(
            in: body, to: request.id, of: method)
    }

    /// Runs one method for several parameters in one request; the results are in their order.
    func batch<Result: Decodable & Sendable>(
        _ method: String, _ calls: [[RPCParameter]], as type: Result.Type = Result.self
    ) async throws(ChainError) -> [Result] {
        guard !calls.isEmpty else { return [] }
        let first = reserveIDs(calls.count)
        let requests = calls.enumerated().map {
            RPCRequest(id: first + $0.offset, method: method, params: $0.element)
        }
        let body = try await answer(to: requests, method: method, repetition: .allowed)
        return try RPCAnswer.results(
            in: body, to: first..<first + calls.count, of: method)
    }

    private func reserveIDs(_ count: Int) -> Int {
        state.withLock { state in
            defer { state.nextID = (state.nextID + count) % 1_000_000_000 }
            return state.nextID
        }
    }
}

// Trying, and trying again.
extension NodeClient {
    private func answer(
        to request: some Encodable & Sendable, method: String, repetition: Repetition
    ) async throws(ChainError) -> [UInt8] {
        let body: [UInt8]
        do {
            body = Array(try JSONEncoder().encode(request))
        } catch { preconditionFailure("strings, integers and arrays are encodable: \(error)") }
        let attempts = repetition == .allowed ? limits.attemptsMax : 1
        var attempt = 1
        var hasRenewed = false
        while true {
            let outcome = await outcome(of: body, fresh: repetition == .forbidden || attempt > 1)
            switch outcome {
            case .success(let answer) where answer.status == 401:
                guard !hasRenewed else {
                    throw .unauthorized(host: address.host, port: address.port)
                }
                // A node that was started anew has written a new cookie.
                hasRenewed = true
                state.withLock { $0.authorization = nil }
                continue
            case .success(let answer) where answer.status == 503:
                if attempt == attempts { throw .busy(method: method, attempts: attempt) }
            case .success(let answer):
                return try accepted(answer, method: method)
            case .failure(let error):
                if attempt == attempts || !Self.isPassing(error) {
                    throw named(error, method: method, attempt: attempt)
                }
            }
            do {
                let pause = limits.pauseMilliseconds << (attempt - 1)
                try await Task.sleep(for: .milliseconds(pause))
            } catch { throw .interrupted(method: method, reason: "the task was cancelled") }
            attempt += 1
        }
    }

    /// Why one try failed; the method's name is added by whoever knows it.
    private enum TryFailure: Error {
        case chain(ChainError)
        case web(WebError)
    }

    private static func isPassing(_ failure: TryFailure) -> Bool {
        switch failure {
        case .web(.unreachable), .web(.interrupted): true
        case .chain, .web: false
        }
    }

    private func named(_ failure: TryFailure, method: String, attempt: Int) -> ChainError {
        switch failure {
        case .chain(let error): error
        case .web(.interrupted(_, let reason)): .interrupted(method: method, reason: reason)
        case .web(.timedOut(_, let seconds)): .timedOut(method: method, seconds: seconds)
        case .web(.oversize(_, let bytesMax)): .oversize(method: method, bytesMax: bytesMax)
        case .web(.unreachable(_, let reason)):
            .unreachable(
                host: address.host, port: address.port, reason: reason, attempts: attempt)
        case .web(.address(_, let reason)), .web(.redirected(_, to: let reason)):
            .malformed(method: method, reason: reason)
        }
    }

    private func outcome(of body: [UInt8], fresh: Bool) async -> Result<WebAnswer, TryFailure> {
        let authorization: String
        do throws(ChainError) {
            authorization = try currentAuthorization()
        } catch { return .failure(.chain(error)) }
        do throws(WebError) {
            return .success(
                try await web.post(
                    body,
                    headers: [
                        ("Authorization", authorization), ("Content-Type", "application/json"),
                    ], isFresh: fresh))
        } catch { return .failure(.web(error)) }
    }

    private func accepted(_ answer: WebAnswer, method: String) throws(ChainError) -> [UInt8] {
        // Core answers its own errors with 400, 404 and 500 and a JSON body.
        guard [200, 400, 404, 500].contains(answer.status) else {
            throw .malformed(method: method, reason: "HTTP status \(answer.status)")
        }
        guard !answer.body.isEmpty else {
            throw .malformed(method: method, reason: "HTTP status \(answer.status) and no body")
        }
        return answer.body
    }

    private func currentAuthorization() throws(ChainError) -> String {
        if let known = state.withLock({ $0.authorization }) { return known }
        let fresh = try address.authorization()
        state.withLock { $0.authorization = fresh }
        return fresh
    }
}
