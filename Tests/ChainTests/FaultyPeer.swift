import NIOCore
import NIOPosix
import Synchronization

/// A peer on 127.0.0.1 that answers each request as a script says, to try the client on faults.
final class FaultyPeer: Sendable {
    enum Action: Sendable {
        /// A well-formed HTTP answer; `{id}` in the body becomes the request's id.
        case answer(status: Int, body: String)
        /// These bytes, and then the connection is closed.
        case bytes(String)
        /// The connection stays open and silent.
        case silence
        /// A body that does not end, of this many parts of 64 KiB.
        case flood(parts: Int)
    }

    private let script: Script
    private let channel: any Channel
    let port: Int

    /// Starts to listen; the last action repeats.
    init(_ actions: Action...) async throws {
        let script = Script(actions)
        self.script = script
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(PeerHandler(script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    deinit { channel.close(promise: nil) }

    /// The requests so far, heads and bodies.
    var requests: [String] { script.requests }
    /// How many connections were made so far.
    var connections: Int { script.connections }

    /// A port on which no one listens.
    static func unusedPort() async throws -> Int {
        let peer = try await FaultyPeer(.silence)
        try await peer.channel.close().get()
        return peer.port
    }

    final class Script: Sendable {
        private let state: Mutex<(actions: [Action], requests: [String], connections: Int)>

        init(_ actions: [Action]) { state = Mutex((actions, [], 0)) }

        var requests: [String] { state.withLock { $0.requests } }
        var connections: Int { state.withLock { $0.connections } }

        func connected() { state.withLock { $0.connections += 1 } }

        func next(_ request: String) -> Action {
            state.withLock { state in
                state.requests.append(request)
                return state.actions.count > 1 ? state.actions.removeFirst() : state.actions[0]
            }
        }
    }
}

/// Waits for a whole request, then does what the script says.
private final class PeerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let script: FaultyPeer.Script
    private var received = ""

    init(_ script: FaultyPeer.Script) { self.script = script }

    func channelActive(context: ChannelHandlerContext) { script.connected() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += String(buffer: unwrapInboundIn(data))
        let parts = received.components("\r\n\r\n")
        guard parts.count == 2, parts[1].hasSuffix("}") || parts[1].hasSuffix("]") else { return }
        let request = received
        received = ""
        switch script.next(request) {
        case .answer(let status, let body):
            let id = request.components("\"id\":").last?.prefix { $0.isNumber } ?? ""
            let text = body.components("{id}").joined(separator: String(id))
            send(
                "HTTP/1.1 \(status) Any\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)",
                context)
        case .bytes(let text):
            send(text, context)
            context.close(promise: nil)
        case .silence: break
        case .flood(let parts):
            send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", context)
            let part = "10000\r\n" + String(repeating: "x", count: 65_536) + "\r\n"
            for _ in 0..<parts { send(part, context) }
        }
    }

    private func send(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

extension String {
    /// The parts between `separator`.
    fileprivate func components(_ separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
