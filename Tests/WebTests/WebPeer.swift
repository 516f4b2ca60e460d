import NIOCore
import NIOPosix
import Synchronization

/// A web server on 127.0.0.1 that gives one answer of raw bytes to every request of a path.
final class WebPeer: Sendable {
    private let channel: any Channel
    private let received = Mutex<[String]>([])
    let port: Int

    /// Starts to listen; `answers` has raw HTTP answers by path, a path without one gets silence.
    init(_ answers: [String: String]) async throws {
        let box = Box()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AnswerHandler(answers) { request in box.peer?.note(request) })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
        box.set(self)
    }

    deinit { channel.close(promise: nil) }

    /// The requests so far, heads and bodies.
    var requests: [String] { received.withLock { $0 } }

    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    private func note(_ request: String) { received.withLock { $0.append(request) } }

    private final class Box: Sendable {
        private let held = Mutex<WeakPeer>(WeakPeer())
        var peer: WebPeer? { held.withLock { $0.peer } }
        func set(_ peer: WebPeer) { held.withLock { $0.peer = peer } }
    }

    private struct WeakPeer { weak var peer: WebPeer? }
}

/// Waits for a whole request, then answers and closes.
private final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answers: [String: String]
    private let note: @Sendable (String) -> Void
    private var received = ""

    init(_ answers: [String: String], _ note: @escaping @Sendable (String) -> Void) {
        self.answers = answers
        self.note = note
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += String(buffer: unwrapInboundIn(data))
        guard let end = received.firstRange(of: "\r\n\r\n") else { return }
        let head = received[..<end.lowerBound]
        let length =
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0
        guard received[end.upperBound...].utf8.count >= length else { return }
        note(received)
        let parts = received.split(separator: " ")
        received = ""
        guard parts.count > 1, let answer = answers[String(parts[1])] else { return }
        let sent = context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)))
        guard answer.contains("Connection: close") else { return }
        let channel = context.channel
        sent.whenComplete { _ in channel.close(promise: nil) }
    }
}
