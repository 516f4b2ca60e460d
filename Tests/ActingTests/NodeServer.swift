import Bitcoin
import Bytes
import Chain
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import StateTestSupport
import Synchronization

/// A node on 127.0.0.1 that speaks JSON-RPC over HTTP, shows a chain in memory, and answers what is
/// sent to it as a test says.
final class NodeServer: Sendable {
    /// What a method answers: a value, or Core's code and words.
    enum Answer: Sendable {
        case value(any Sendable)
        case error(code: Int, String)
    }

    private struct Shown {
        var blocks: [MemoryChain.Block] = []
        var mempool: Set<Digest32> = []
        var toSent: Answer?
        var sent: [String] = []
        var methods: [String] = []
        var isDown = false
        var network = "regtest"
    }

    private let shown = Mutex(Shown())
    private let channel: any Channel

    /// The client of this node.
    let client: NodeClient

    init(_ chain: MemoryChain = MemoryChain()) async throws {
        let box = AnswerBox()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(RPCHandler(box))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        client = NodeClient(try NodeAddress(url: "http://user:password@127.0.0.1:\(port)"))
        box.set { [weak self] in self?.answer($0) ?? (503, Data()) }
        show(chain)
    }

    deinit { channel.close(promise: nil) }

    /// Shows what a chain has become.
    func show(_ chain: MemoryChain) {
        let branch =
            [chain.block(MemoryChain.genesis)] + chain.branch { $0 == MemoryChain.genesis }
        shown.withLock { $0.blocks = branch }
    }

    /// Has a transaction wait in the mempool.
    func takeUp(_ txid: Digest32) { shown.withLock { _ = $0.mempool.insert(txid) } }

    /// Says what is answered to transactions that are sent; nil for their ids.
    func answerSent(with answer: Answer?) { shown.withLock { $0.toSent = answer } }

    /// Refuses work, as a node does that is starting.
    func setDown(_ isDown: Bool) { shown.withLock { $0.isDown = isDown } }

    /// Follows another network.
    func follow(_ network: String) { shown.withLock { $0.network = network } }

    /// The transactions sent so far, in hexadecimal digits.
    var sent: [String] { shown.withLock { $0.sent } }

    /// The methods called since the last time.
    func takeMethods() -> [String] {
        shown.withLock { shown in
            defer { shown.methods = [] }
            return shown.methods
        }
    }

    // MARK: Answers

    private func answer(_ body: Data) -> (Int, Data) {
        guard let json = try? JSONSerialization.jsonObject(with: body) else { return (400, Data()) }
        let isBatch = json is [Any]
        let calls = (json as? [[String: Any]]) ?? [json as? [String: Any] ?? [:]]
        let answers = calls.map(reply)
        let isError = !isBatch && !(answers[0]["error"] is NSNull)
        let value: Any = isBatch ? answers : answers[0]
        let data = (try? JSONSerialization.data(withJSONObject: value)) ?? Data()
        return (isError ? 500 : 200, data)
    }

    private func reply(_ call: [String: Any]) -> [String: Any] {
        let method = call["method"] as? String ?? ""
        let id = call["id"] ?? NSNull()
        switch result(method, call["params"] as? [Any] ?? []) {
        case .value(let value): return ["id": id, "result": value, "error": NSNull()]
        case .error(let code, let message):
            return [
                "id": id, "result": NSNull(), "error": ["code": code, "message": message],
            ]
        }
    }

    private func result(_ method: String, _ params: [Any]) -> Answer {
        shown.withLock { shown in
            shown.methods.append(method)
            guard !shown.isDown else { return .error(code: -28, "Loading block index") }
            let text = params.first as? String ?? ""
            let block = shown.blocks.first { $0.hash.reversedHex == text }
            switch method {
            case "getblockchaininfo": return .value(Self.info(shown))
            case "getblockcount": return .value(shown.blocks.count - 1)
            case "getblockhash":
                let height = params.first as? Int ?? -1
                guard shown.blocks.indices.contains(height) else {
                    return .error(code: -8, "Block height out of range")
                }
                return .value(shown.blocks[height].hash.reversedHex)
            case "getblockheader":
                guard let block else { return .error(code: -5, "Block not found") }
                return .value(encodeHex(block.header.encoded))
            case "getblock":
                guard let block else { return .error(code: -5, "Block not found") }
                return .value(Self.hex(block))
            case "getmempoolentry":
                let isThere = shown.mempool.contains { $0.reversedHex == text }
                return isThere
                    ? .value(["vsize": 141]) : .error(code: -5, "Transaction not in mempool")
            case "sendrawtransaction":
                shown.sent.append(text)
                guard let bytes = decodeHex(text), let sent = try? Transaction.decode(bytes) else {
                    return .error(code: -22, "TX decode failed")
                }
                return shown.toSent ?? .value(sent.txid.reversedHex)
            default: return .error(code: -32_601, "Method not found")
            }
        }
    }

    private static func info(_ shown: Shown) -> [String: any Sendable] {
        let tip = shown.blocks[shown.blocks.count - 1]
        return [
            "chain": shown.network, "blocks": shown.blocks.count - 1,
            "headers": shown.blocks.count - 1, "bestblockhash": tip.hash.reversedHex,
            "mediantime": Int(tip.header.time), "initialblockdownload": false, "pruned": false,
        ]
    }

    private static func hex(_ block: MemoryChain.Block) -> String {
        var bytes = block.header.encoded
        bytes.appendCompactSize(block.transactions.count)
        for transaction in block.transactions { bytes += transaction.encoded() }
        return encodeHex(bytes)
    }
}

/// What answers, once there is something that does.
private final class AnswerBox: Sendable {
    private let answer = Mutex<(@Sendable (Data) -> (Int, Data))?>(nil)

    func set(_ answer: @escaping @Sendable (Data) -> (Int, Data)) {
        self.answer.withLock { $0 = answer }
    }

    func answer(_ body: Data) -> (Int, Data) {
        answer.withLock { $0 }.map { $0(body) } ?? (503, Data())
    }
}

/// Reads one request after another and writes what is answered.
private final class RPCHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let box: AnswerBox
    private var body = Data()

    init(_ box: AnswerBox) { self.box = box }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: body = Data()
        case .body(let part): body.append(contentsOf: Array(part.readableBytesView))
        case .end:
            let (status, answer) = box.answer(body)
            let head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: status),
                headers: ["Content-Length": "\(answer.count)"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(
                wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
