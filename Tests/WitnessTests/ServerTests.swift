import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing
import Witness

@Suite struct `The witness over HTTP` {
    static func serve(
        // The other tests may hold every thread of the runner for longer than a client should take.
        limits: WitnessServerLimits = WitnessServerLimits(requestMillisecondsMax: 300_000),
        _ answer: @escaping @Sendable ([UInt8]) -> WitnessAnswer = {
            WitnessAnswer(status: 200, "\($0.count)\n")
        }
    ) async throws -> WitnessServer {
        try await WitnessServer.start(
            host: "127.0.0.1", port: 0, limits: limits, WitnessAnswers(addCheckpoint: answer))
    }

    static func request(
        _ body: String, path: String = "/add-checkpoint", method: String = "POST",
        fields: String = ""
    ) -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: w\r\n\(fields)Content-Length: \(body.utf8.count)"
            + "\r\n\r\n\(body)"
    }

    @Test func `a request is answered, and the connection kept for the next`() async throws {
        let server = try await Self.serve()
        let both = try await Peer.talk(
            server.port, Self.request("abc"), Self.request("abcd", fields: "Connection: close\r\n"))
        #expect(both.components(separatedBy: "HTTP/1.1 200 OK").count == 3)
        #expect(both.contains("\r\n\r\n3\n"))
        #expect(both.hasSuffix("\r\n\r\n4\n"))
        await server.stop()
    }

    @Test(arguments: [
        ("/add-checkpoint", "GET", 405), ("/", "POST", 404), ("/add-checkpoint/", "POST", 404),
        ("/add-checkpoint?x", "POST", 404), ("/checkpoint", "GET", 404),
    ])
    func `there is one path and one method`(_ path: String, _ method: String, _ status: Int)
        async throws
    {
        let server = try await Self.serve()
        let answer = try await Peer.talk(
            server.port, Self.request("", path: path, method: method))
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        await server.stop()
    }

    @Test func `a body of a MiB is taken, and a longer one refused, announced or not`() async throws
    {
        let server = try await Self.serve()
        let edge = String(repeating: "x", count: AddCheckpoint.maximumBytes)
        let close = "Connection: close\r\n"
        #expect(
            try await Peer.talk(server.port, Self.request(edge, fields: close))
                .hasSuffix("\(AddCheckpoint.maximumBytes)\n"))
        let over = try await Peer.talk(server.port, Self.request(edge + "x", fields: close))
        #expect(over.hasPrefix("HTTP/1.1 413 "))
        let chunk = "10000\r\n" + String(repeating: "x", count: 0x10000) + "\r\n"
        let chunked = try await Peer.talk(
            server.port,
            "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: chunked\r\n\r\n"
                + String(repeating: chunk, count: 17))
        #expect(chunked.hasPrefix("HTTP/1.1 413 "))
        await server.stop()
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: x\r\n\r\n",
        "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nX: " + String(repeating: "x", count: 200_000)
            + "\r\n\r\n",
    ])
    func `what is no request ends the connection`(_ text: String) async throws {
        let asked = Mutex(0)
        let server = try await Self.serve { _ in
            asked.withLock { $0 += 1 }
            return WitnessAnswer(status: 200, "")
        }
        let answer = try await Peer.talk(server.port, text)
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"))
        #expect(asked.withLock { $0 } == 0)
        await server.stop()
    }

    @Test func `a request that does not end is given up in time`() async throws {
        let server = try await Self.serve(limits: .init(requestMillisecondsMax: 200))
        for text in ["", "POST /add-ch", Self.request("abc").replacing("abc", with: "a")] {
            #expect(try await Peer.talk(server.port, text).isEmpty)
        }
        await server.stop()
    }

    @Test func `one connection too many is closed, and the others stay`() async throws {
        let server = try await Self.serve(
            limits: .init(connectionsMax: 2, requestMillisecondsMax: 300_000))
        let first = try await Peer(server.port)
        let second = try await Peer(server.port)
        // Each is known to the server once it has answered.
        for peer in [first, second] { try await peer.ask(Self.request("abc"), until: "3\n") }
        #expect(try await Peer.talk(server.port, Self.request("abc")).isEmpty)
        try await first.ask(Self.request("abcd"), until: "4\n")
        await server.stop()
        #expect(try await first.end().hasSuffix("4\n"))
        _ = try await second.end()
    }

    @Test func `stopping waits for the answer that is under way`() async throws {
        let entered = DispatchSemaphore(value: 0)
        let leave = DispatchSemaphore(value: 0)
        let server = try await Self.serve { _ in
            entered.signal()
            leave.wait()
            return WitnessAnswer(status: 200, "late\n")
        }
        async let answer = Peer.talk(server.port, Self.request("abc"))
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                entered.wait()
                continuation.resume()
            }
        }
        async let stopped: Void = server.stop()
        leave.signal()
        #expect(try await answer.hasSuffix("late\n"))
        await stopped
        await #expect(throws: (any Error).self) { try await Peer(server.port) }
    }
}

/// A client that sends raw bytes.
final class Peer: Sendable {
    private final class Received: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        struct State {
            var text = ""
            var wanted: (String, CheckedContinuation<Void, any Error>)?
        }
        let state = Mutex(State())

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let part = String(buffer: unwrapInboundIn(data))
            let waiting = state.withLock { state -> CheckedContinuation<Void, any Error>? in
                state.text += part
                guard let (end, waiting) = state.wanted, state.text.hasSuffix(end) else {
                    return nil
                }
                state.wanted = nil
                return waiting
            }
            waiting?.resume()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }

    private let channel: any Channel
    private let received = Received()

    init(_ port: Int) async throws {
        let received = received
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(received)
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    /// Sends a request and waits until what has arrived ends so.
    func ask(_ text: String, until end: String) async throws {
        try await withCheckedThrowingContinuation { continuation in
            received.state.withLock { $0.wanted = (end, continuation) }
            channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
        }
    }

    /// Waits until the other side closes, and returns everything that arrived.
    func end() async throws -> String {
        try await channel.closeFuture.get()
        return received.state.withLock { $0.text }
    }

    /// Sends, waits for the other side to close, and returns what arrived.
    static func talk(_ port: Int, _ texts: String...) async throws -> String {
        let peer = try await Peer(port)
        for text in texts {
            // The other side may close while we still write.
            peer.channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
        }
        return try await peer.end()
    }
}
