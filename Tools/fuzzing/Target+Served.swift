internal import NIOCore
internal import NIOEmbedded
internal import NIOHTTP1
internal import Synchronization

@testable internal import Witness

extension Target {
    /// What is served to anybody who connects.
    static let served = [
        // The witness's connection as a whole, without sockets: the first byte says into how large
        // parts the others are cut on their way.
        Target("witness-http", bytesMax: 4_096) { input in
            guard let step = input.first, input.count > 1 else { return }
            let bytes = Array(input.dropFirst())
            let whole = Conversation(bytes, step: bytes.count)
            let parts = Conversation(bytes, step: Int(step) + 1)
            for talk in [whole, parts] {
                demand(talk.isPlain, "an answer is HTTP, and the last one the last")
                demand(talk.asked.count <= talk.answers, "each request is answered")
            }
            demand(whole.asked == parts.asked, "what is asked depends on no cut")
            demand(whole.said == parts.said, "what is answered depends on no cut")
        }
    ]
}

/// What a client's bytes lead to.
private struct Conversation {
    /// The bodies that the witness was asked about.
    let asked: [[UInt8]]
    /// What it sent.
    let said: String

    init(_ bytes: [UInt8], step: Int) {
        let bodies = Mutex<[[UInt8]]>([])
        let service = WitnessAnswers { body in
            bodies.withLock { $0.append(body) }
            do throws(WitnessError) {
                let request = try AddCheckpoint(parsing: body)
                return WitnessAnswer(.otherSize(known: request.oldSize))
            } catch { return WitnessAnswer(error) }
        }
        let channel = EmbeddedChannel()
        let handler = WitnessRequestHandler(timeout: .seconds(30), service: service) {
            $0.makeSucceededFuture($1())
        }
        var said = ""
        do {
            try WitnessServer.addHandlers(to: channel, handler)
            try channel.connect(to: SocketAddress(unixDomainSocketPath: "/witness")).wait()
        } catch { demand(false, "a connection opens: \(error)") }
        for start in stride(from: 0, to: bytes.count, by: step) where channel.isActive {
            let part = ByteBuffer(bytes: bytes[start..<min(start + step, bytes.count)])
            // What is no HTTP is an error of the pipeline too.
            _ = try? channel.writeInbound(part)
            while let answer = try? channel.readOutbound(as: ByteBuffer.self) {
                said += String(buffer: answer)
            }
        }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        asked = bodies.withLock { $0 }
        self.said = said
    }

    /// How many answers there are, those aside that only tell a client to go on.
    var answers: Int { heads - said.ranges(of: "HTTP/1.1 100 ").count }

    private var heads: Int {
        ["1", "2", "4", "5"].map { said.ranges(of: "HTTP/1.1 \($0)").count }.reduce(0, +)
    }

    /// Whether it is answers and nothing else, and nothing follows the one that closes.
    var isPlain: Bool {
        guard said.isEmpty || said.hasPrefix("HTTP/1.1 ") else { return false }
        let parts = said.split(separator: "Connection: close\r\n", omittingEmptySubsequences: false)
        return parts.count <= 2 && (parts.count < 2 || !parts[1].contains("\nHTTP/1.1 "))
    }
}
