internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Gathers one request at a time within the limits, and answers it.
final class WitnessRequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// Asks the connection to close once it waits for no answer.
    struct Drain: Sendable {}

    private let timeout: TimeAmount
    private let answer: WitnessServer.Answer
    private var deadline: Scheduled<Void>?
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    /// The answer was given before the request was whole; what is left of it is dropped.
    private var isAnswered = false
    private var isAnswering = false
    private var isDraining = false

    init(timeout: TimeAmount, answer: @escaping WitnessServer.Answer) {
        self.timeout = timeout
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        wait(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.clear()
            isAnswered = false
            if let refusal = Self.refusal(of: head) { refuse(refusal, context) }
        case .body(var part):
            guard !isAnswered else { return }
            guard body.readableBytes + part.readableBytes <= AddCheckpoint.maximumBytes else {
                return refuse(Self.tooLarge, context)
            }
            body.writeBuffer(&part)
        case .end:
            deadline?.cancel()
            guard !isAnswered, let head else { return }
            ask(head, context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is Drain else { return context.fireUserInboundEventTriggered(event) }
        isDraining = true
        if !isAnswering { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private static let tooLarge = WitnessAnswer(
        status: 413, "a request has at most \(AddCheckpoint.maximumBytes) bytes\n")

    /// Why a request is answered without reading its body; nil when it is not.
    private static func refusal(of head: HTTPRequestHead) -> WitnessAnswer? {
        guard head.uri == "/add-checkpoint" else {
            return WitnessAnswer(status: 404, "there is /add-checkpoint and nothing else\n")
        }
        guard head.method == .POST else {
            return WitnessAnswer(status: 405, "/add-checkpoint takes POST\n")
        }
        if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }),
            length > AddCheckpoint.maximumBytes
        {
            return tooLarge
        }
        return nil
    }

    /// Closes the connection unless a whole request arrives in time.
    private func wait(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            context.close(promise: nil)
        }
    }

    private func refuse(_ refusal: WitnessAnswer, _ context: ChannelHandlerContext) {
        isAnswered = true
        isDraining = true
        send(refusal, context)
    }

    private func ask(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        isAnswering = true
        if !head.isKeepAlive { isDraining = true }
        let bytes = Array(body.readableBytesView)
        let answer = answer
        // The database is synced to the disk: not on the event loop.
        NIOThreadPool.singleton.runIfActive(eventLoop: context.eventLoop) { answer(bytes) }
            .assumeIsolated().whenComplete { result in
                self.isAnswering = false
                guard case .success(let answer) = result else {
                    return context.close(promise: nil)
                }
                self.send(answer, context)
            }
    }

    private func send(_ answer: WitnessAnswer, _ context: ChannelHandlerContext) {
        // Writing the end brings the next request in, which may be the last; this one is not.
        let isLast = isDraining
        var headers = HTTPHeaders()
        headers.add(name: "Content-Type", value: answer.contentType)
        headers.add(name: "Content-Length", value: "\(answer.body.utf8.count)")
        if isLast { headers.add(name: "Connection", value: "close") }
        if answer.status == 405 { headers.add(name: "Allow", value: "POST") }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status),
            headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(
            wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
        wait(context)
        let sent = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        guard isLast else { return }
        sent.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }
}
