internal import NIOCore
internal import NIOHTTP1

/// A request, and the promise of its answer.
struct HTTPExchange: Sendable {
    let head: HTTPRequestHead
    let body: ByteBuffer
    let answer: EventLoopPromise<HTTPAnswer>
}

/// A whole answer.
struct HTTPAnswer: Sendable {
    let status: Int
    let body: ByteBuffer
    /// Whether the connection can take another request.
    let staysOpen: Bool
}

/// Why a request has no answer.
enum HTTPFailure: Error, Equatable {
    /// The connection could not be made; nothing was sent.
    case notConnected(String)
    case closed(String)
    case timedOut
    case oversize
}

/// Sends one request at a time and collects its answer within the limits.
final class HTTPExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPExchange
    typealias OutboundOut = HTTPClientRequestPart

    private let bytesMax: Int
    private let timeout: TimeAmount
    private var pending: EventLoopPromise<HTTPAnswer>?
    private var deadline: Scheduled<Void>?
    private var head: HTTPResponseHead?
    private var body = ByteBuffer()

    init(bytesMax: Int, timeout: TimeAmount) {
        self.bytesMax = bytesMax
        self.timeout = timeout
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = unwrapOutboundIn(data)
        precondition(pending == nil, "a connection carries one exchange at a time")
        pending = exchange.answer
        head = nil
        body.clear()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            self.fail(.timedOut, context)
        }
        context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(exchange.body))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
            guard announced <= bytesMax else { return fail(.oversize, context) }
            self.head = head
        case .body(var part):
            guard body.readableBytes + part.readableBytes <= bytesMax else {
                return fail(.oversize, context)
            }
            body.writeBuffer(&part)
        case .end:
            guard let head, let promise = takePending() else { return context.close(promise: nil) }
            promise.succeed(
                HTTPAnswer(
                    status: Int(head.status.code), body: body, staysOpen: head.isKeepAlive))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.closed("the connection was closed"), context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(.closed("\(error)"), context)
    }

    private func fail(_ failure: HTTPFailure, _ context: ChannelHandlerContext) {
        takePending()?.fail(failure)
        context.close(promise: nil)
    }

    private func takePending() -> EventLoopPromise<HTTPAnswer>? {
        deadline?.cancel()
        deadline = nil
        defer { pending = nil }
        return pending
    }
}
