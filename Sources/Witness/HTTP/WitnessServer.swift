internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// How much a ``WitnessServer`` takes from its clients, and how long it waits for them.
public struct WitnessServerLimits: Sendable, Equatable {
    /// How many connections may be open at once; one more is closed at once.
    public var connectionsMax: Int
    /// How long a connection may be silent, or a request take to arrive, in milliseconds.
    public var requestMillisecondsMax: Int

    /// Creates limits.
    public init(connectionsMax: Int = 256, requestMillisecondsMax: Int = 30_000) {
        precondition(
            (1...10_000).contains(connectionsMax) && requestMillisecondsMax > 0,
            "limits are positive")
        self.connectionsMax = connectionsMax
        self.requestMillisecondsMax = requestMillisecondsMax
    }
}

/// Serves a ``WitnessAnswers`` over HTTP/1.1, with keep-alive: `POST /add-checkpoint`, and for
/// monitors `GET /<origin hash>/checkpoint`.
public final class WitnessServer: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    private let connections: OpenConnections
    /// The port that is listened on.
    public let port: Int

    /// Listens on `host` and `port`, 0 for any.
    public static func start(
        host: String, port: Int, limits: WitnessServerLimits = WitnessServerLimits(),
        _ service: WitnessAnswers
    ) async throws -> WitnessServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let connections = OpenConnections(limits.connectionsMax)
        let timeout = TimeAmount.milliseconds(Int64(limits.requestMillisecondsMax))
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                guard connections.add(channel) else { return channel.close() }
                return channel.eventLoop.makeCompletedFuture {
                    let handler = WitnessRequestHandler(timeout: timeout, service: service)
                    try Self.addHandlers(to: channel, handler)
                }
            }
        do {
            let channel = try await bootstrap.bind(host: host, port: port).get()
            return WitnessServer(group, channel, connections)
        } catch {
            try? await group.shutdownGracefully()
            guard let error = error as? IOError else { throw error }
            throw WitnessError.configuration(
                "\(host):\(port) can not be listened on: \(reason(of: error))")
        }
    }

    /// What the system says, without the names of calls.
    private static func reason(of error: IOError) -> String {
        unsafe String(cString: strerror(error.errnoCode))
    }

    /// Makes the pipeline of a connection: from bytes to requests, one at a time, to answers.
    static func addHandlers(to channel: any Channel, _ handler: WitnessRequestHandler) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.configureHTTPServerPipeline(withErrorHandling: false)
        try pipeline.addHandler(handler)
    }

    private init(
        _ group: MultiThreadedEventLoopGroup, _ channel: any Channel,
        _ connections: OpenConnections
    ) {
        self.group = group
        self.channel = channel
        self.connections = connections
        port = channel.localAddress?.port ?? 0
    }

    /// Stops to listen, waits for the requests that are being answered, and closes everything.
    public func stop() async {
        try? await channel.close().get()
        await connections.drain()
        try? await group.shutdownGracefully()
    }
}

/// The connections that are open, and how many of them wait for an answer.
final class OpenConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isDraining = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let limit: Int
    private let state = Mutex(State())

    init(_ limit: Int) { self.limit = limit }

    /// Counts a connection until it is closed; false when there are too many.
    func add(_ channel: any Channel) -> Bool {
        let key = ObjectIdentifier(channel)
        let isTaken = state.withLock { state in
            guard state.channels.count < limit, !state.isDraining else { return false }
            state.channels[key] = channel
            return true
        }
        guard isTaken else { return false }
        channel.closeFuture.whenComplete { _ in self.remove(key) }
        return true
    }

    private func remove(_ key: ObjectIdentifier) {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.channels[key] = nil
            guard state.channels.isEmpty else { return nil }
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    /// Tells every connection to close as soon as it is idle, and waits until all have.
    func drain() async {
        await withCheckedContinuation { continuation in
            let channels = state.withLock { state -> [any Channel] in
                state.isDraining = true
                if !state.channels.isEmpty { state.waiting = continuation }
                return Array(state.channels.values)
            }
            if channels.isEmpty { continuation.resume() }
            for channel in channels {
                channel.pipeline.fireUserInboundEventTriggered(WitnessRequestHandler.Drain())
            }
        }
    }
}
