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
    let head: HTTPResponseHead
    let body: ByteBuffer
}

/// Sends one request at a time and collects its answer within the limits.
final class HTTPExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPExchange
    typealias OutboundOut = HTTPClientRequestPart

    private let url: String
    private let limits: WebLimits
    private var pending: EventLoopPromise<HTTPAnswer>?
    private var deadline: Scheduled<Void>?
    private var head: HTTPResponseHead?
    private var body = ByteBuffer()

    /// - Parameter url: what errors call the server.
    init(_ url: String, _ limits: WebLimits) {
        self.url = url
        self.limits = limits
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = unwrapOutboundIn(data)
        precondition(pending == nil, "a connection carries one exchange at a time")
        pending = exchange.answer
        head = nil
        body.clear()
        let timeout = TimeAmount.milliseconds(Int64(limits.answerMillisecondsMax))
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            self.fail(.timedOut(url: self.url, seconds: self.limits.secondsMax), context)
        }
        context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(exchange.body))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
            guard announced <= limits.bodyBytesMax else { return fail(oversize, context) }
            self.head = head
        case .body(var part):
            guard body.readableBytes + part.readableBytes <= limits.bodyBytesMax else {
                return fail(oversize, context)
            }
            body.writeBuffer(&part)
        case .end:
            guard let head, let promise = takePending() else { return context.close(promise: nil) }
            promise.succeed(HTTPAnswer(head: head, body: body))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.interrupted(url: url, reason: "the connection was closed"), context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(.interrupted(url: url, reason: "\(error)"), context)
    }

    private var oversize: WebError { .oversize(url: url, bytesMax: limits.bodyBytesMax) }

    private func fail(_ failure: WebError, _ context: ChannelHandlerContext) {
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
