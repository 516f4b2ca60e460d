internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Gathers one request at a time within the limits, and answers it.
final class WitnessRequestHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Asks the connection to close once it waits for no answer.
    struct Drain: Sendable {}

    /// How long what a client still sends is read and dropped after the last answer: closing with
    /// bytes unread would take the answer from it.
    private static let lingering = TimeAmount.seconds(2)

    /// Runs a closure somewhere, and brings what it returns back to the event loop.
    typealias Work =
        @Sendable (
            any EventLoop, @escaping @Sendable () -> WitnessAnswer
        ) -> EventLoopFuture<WitnessAnswer>

    private let timeout: TimeAmount
    private let service: WitnessAnswers
    /// Runs what may wait for the disk; a server never does so on its event loop.
    private let run: Work
    private var deadline: Scheduled<Void>?
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    /// The answer was given before the request was whole; what is left of it is dropped.
    private var isAnswered = false
    private var isAnswering = false
    private var isDraining = false
    private var isStopping = false
    private var isClosing = false
    private var isReadWanted = false

    init(
        timeout: TimeAmount, service: WitnessAnswers,
        run: @escaping Work = { NIOThreadPool.singleton.runIfActive(eventLoop: $0, $1) }
    ) {
        self.timeout = timeout
        self.service = service
        self.run = run
    }

    // MARK: The connection

    func channelActive(context: ChannelHandlerContext) {
        wait(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    /// What is no HTTP is told so, unless the last answer was given already; then it is dropped.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else { return context.close(promise: nil) }
        guard !isClosing else { return }
        refuse(WitnessAnswer(status: 400, "this is no HTTP/1.1 request\n"), context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is Drain else { return context.fireUserInboundEventTriggered(event) }
        isDraining = true
        isStopping = true
        if !isAnswering { context.close(promise: nil) }
    }

    /// A client that does not read its answers is not read from either.
    func read(context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return isReadWanted = true }
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, isReadWanted {
            isReadWanted = false
            context.read()
        }
        context.fireChannelWritabilityChanged()
    }

    /// Closes the connection unless a whole request arrives in time.
    private func wait(_ context: ChannelHandlerContext) {
        close(context, in: timeout)
    }

    private func close(_ context: ChannelHandlerContext, in time: TimeAmount) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
            context.close(promise: nil)
        }
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.clear()
            isAnswered = false
            if let refusal = WitnessRequestTerms.refusal(of: head) {
                refuse(refusal, context)
            } else if WitnessRequestTerms.awaitsContinue(head) {
                let go = HTTPResponseHead(version: .http1_1, status: .continue)
                context.writeAndFlush(wrapOutboundOut(.head(go)), promise: nil)
            }
        case .body(var part):
            guard !isAnswered else { return }
            let limit = WitnessRequestTerms.bodyBytesMax(head)
            guard body.readableBytes + part.readableBytes <= limit else {
                return refuse(WitnessRequestTerms.tooLarge(limit), context)
            }
            body.writeBuffer(&part)
        case .end:
            deadline?.cancel()
            guard !isAnswered, let head else { return }
            ask(head, context)
        }
    }

    private func refuse(_ refusal: WitnessAnswer, _ context: ChannelHandlerContext) {
        isAnswered = true
        isDraining = true
        send(refusal, context)
    }

    private func ask(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        isAnswering = true
        // HTTP/1.0 keeps a connection only with a field of its own, which nobody needs here.
        if !head.isKeepAlive || WitnessRequestTerms.isOld(head) { isDraining = true }
        let bytes = Array(body.readableBytesView)
        let service = service
        let origin = WitnessRequestTerms.originHash(head)
        let work: @Sendable () -> WitnessAnswer = {
            origin.map { service.checkpoint($0) } ?? service.addCheckpoint(bytes)
        }
        run(context.eventLoop, work).assumeIsolated().whenComplete { result in
            self.isAnswering = false
            guard case .success(let answer) = result else {
                return context.close(promise: nil)
            }
            self.send(answer, context)
        }
    }

    // MARK: Answers

    private func send(_ answer: WitnessAnswer, _ context: ChannelHandlerContext) {
        // Writing the end brings the next request in, which may be the last; this one is not.
        let isLast = isDraining
        isClosing = isLast
        var headers = HTTPHeaders()
        headers.add(name: "Content-Type", value: answer.contentType)
        headers.add(name: "Content-Length", value: "\(answer.body.utf8.count)")
        if isLast { headers.add(name: "Connection", value: "close") }
        if let methods = answer.allowed { headers.add(name: "Allow", value: methods) }
        let status = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status),
            headers: headers)
        context.write(wrapOutboundOut(.head(status)), promise: nil)
        // The answer to HEAD is one without a body, whatever its length says.
        if head?.method != .HEAD {
            context.write(
                wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
        }
        wait(context)
        let sent = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        guard isLast else { return }
        sent.assumeIsolated().whenComplete { _ in self.finish(context) }
    }

    /// Says that nothing more comes, and closes when the client has or after a while.
    private func finish(_ context: ChannelHandlerContext) {
        guard !isStopping else { return context.close(promise: nil) }
        close(context, in: min(timeout, Self.lingering))
        context.close(mode: .output, promise: nil)
    }
}
