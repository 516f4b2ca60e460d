@unsafe @preconcurrency internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// One TCP connection to a server that speaks plain HTTP.
struct HTTPConnection: Sendable {
    private let channel: any Channel
    private let url: String

    /// Connects; costs one event loop of the process-wide group.
    static func open(
        host: String, port: Int, url: String, limits: WebLimits
    ) async throws(WebError) -> HTTPConnection {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.milliseconds(Int64(limits.connectMillisecondsMax)))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(
                        HTTPExchangeHandler(url, limits))
                }
            }
        do {
            return HTTPConnection(
                channel: try await bootstrap.connect(host: host, port: port).get(), url: url)
        } catch {
            throw .unreachable(url: url, reason: Self.reason(of: error))
        }
    }

    /// Whether the other side has not closed it yet.
    var isOpen: Bool { channel.isActive }

    /// Sends a request and returns its whole answer.
    func send(_ head: HTTPRequestHead, _ body: ByteBuffer) async throws(WebError) -> HTTPAnswer {
        let promise = channel.eventLoop.makePromise(of: HTTPAnswer.self)
        channel.writeAndFlush(HTTPExchange(head: head, body: body, answer: promise))
            .whenFailure { [url] error in
                promise.fail(WebError.interrupted(url: url, reason: Self.reason(of: error)))
            }
        do {
            return try await promise.futureResult.get()
        } catch let failure as WebError {
            throw failure
        } catch {
            throw .interrupted(url: url, reason: Self.reason(of: error))
        }
    }

    func close() { channel.close(promise: nil) }

    /// An error in words that are worth showing.
    private static func reason(of error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if error.dnsAError ?? error.dnsAAAAError != nil, error.connectionErrors.isEmpty {
                return "the host name can not be resolved"
            }
            return error.connectionErrors.first.map { reason(of: $0.error) } ?? "no address"
        case let error as IOError:
            // NIO's own description names its function and the errno.
            let words = unsafe String(cString: strerror(error.errnoCode))
            return words.prefix(1).lowercased() + words.dropFirst()
        case ChannelError.connectTimeout:
            return "the connection was not made in time"
        default:
            return "\(error)"
        }
    }
}
