import Bitcoin
import Bytes
import Foundation
import Testing

@testable import Chain

/// The client against a peer that misbehaves.
@Suite(.timeLimit(.minutes(2)))
struct NodeClientTests {
    private func client(
        _ port: Int, user: String = "alice:secret", limits: NodeLimits = quick
    ) throws -> NodeClient {
        NodeClient(try NodeAddress(url: "http://\(user)@127.0.0.1:\(port)"), limits: limits)
    }

    private static let quick = NodeLimits(
        connectMillisecondsMax: 2_000, answerMillisecondsMax: 2_000, answerBytesMax: 1_048_576,
        attemptsMax: 3, pauseMilliseconds: 1)

    private func failure(_ client: NodeClient) async -> ChainError? {
        do throws(ChainError) {
            _ = try await client.blockCount()
            return nil
        } catch { return error }
    }

    @Test func `a node that is down is named, after several tries`() async throws {
        let port = try await FaultyPeer.unusedPort()
        let error = await failure(try client(port))
        guard case .unreachable("127.0.0.1", port, let reason, 3) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.lowercased().contains("refused"), "\(reason)")
    }

    @Test func `a connection is used again`() async throws {
        let peer = try await FaultyPeer(
            .answer(status: 200, body: #"{"result":7,"error":null,"id":{id}}"#))
        let client = try client(peer.port)
        for _ in 0..<3 { #expect(try await client.blockCount() == 7) }
        #expect(peer.requests.count == 3 && peer.connections == 1)
    }

    @Test func `sending a transaction has a connection of its own`() async throws {
        let txid = someTransaction().txid
        let peer = try await FaultyPeer(
            .answer(status: 200, body: #"{"result":7,"id":{id}}"#),
            .answer(status: 200, body: #"{"result":"\#(txid.reversedHex)","id":{id}}"#),
            .answer(status: 200, body: #"{"result":"\#(txid.hex)","id":{id}}"#))
        let client = try client(peer.port)
        _ = try await client.blockCount()
        #expect(try await client.sendRawTransaction(someTransaction()) == .accepted(txid: txid))
        #expect(peer.connections == 2)
        await #expect(throws: ChainError.self, "another transaction's id") {
            _ = try await client.sendRawTransaction(someTransaction())
        }
    }

    @Test func `calls at the same time do not disturb each other`() async throws {
        let peer = try await FaultyPeer(.answer(status: 200, body: #"{"result":{id},"id":{id}}"#))
        let client = try client(peer.port)
        let counts = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 { group.addTask { try await client.blockCount() } }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(counts == Set(0..<50))
    }

    @Test func `what was cut off is asked again`() async throws {
        let good = FaultyPeer.Action.answer(status: 200, body: #"{"result":7,"id":{id}}"#)
        let cut = FaultyPeer.Action.bytes(
            "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"result\"")
        let peer = try await FaultyPeer(.bytes(""), cut, good)
        #expect(try await client(peer.port).blockCount() == 7)
        #expect(peer.requests.count == 3)
    }

    @Test func `what stays cut off is an error`() async throws {
        let peer = try await FaultyPeer(.bytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{"))
        let error = await failure(try client(peer.port))
        guard case .interrupted("getblockcount", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(peer.requests.count == 3)
    }

    @Test func `a busy node is asked again, and then named`() async throws {
        let busy = FaultyPeer.Action.answer(status: 503, body: "Work queue depth exceeded")
        let good = FaultyPeer.Action.answer(status: 200, body: #"{"result":7,"id":{id}}"#)
        let patient = try await FaultyPeer(busy, busy, good)
        #expect(try await client(patient.port).blockCount() == 7)
        let peer = try await FaultyPeer(busy)
        #expect(await failure(try client(peer.port)) == .busy(method: "getblockcount", attempts: 3))
    }

    @Test func `sending a transaction is tried once`() async throws {
        for action in [FaultyPeer.Action.bytes(""), .answer(status: 503, body: "busy")] {
            let peer = try await FaultyPeer(action)
            let client = try client(peer.port)
            await #expect(throws: ChainError.self) {
                _ = try await client.sendRawTransaction(someTransaction())
            }
            #expect(peer.requests.count == 1)
        }
    }

    @Test func `silence ends at the timeout`() async throws {
        let peer = try await FaultyPeer(.silence)
        var limits = Self.quick
        limits.answerMillisecondsMax = 100
        let error = await failure(try client(peer.port, limits: limits))
        #expect(error == .timedOut(method: "getblockcount", seconds: 1))
        #expect(peer.requests.count == 1)
    }

    @Test func `an answer over the limit is not taken in`() async throws {
        let announced = FaultyPeer.Action.bytes(
            "HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n")
        for action in [FaultyPeer.Action.flood(parts: 17), announced] {
            let peer = try await FaultyPeer(action)
            let error = await failure(try client(peer.port))
            #expect(error == .oversize(method: "getblockcount", bytesMax: 1_048_576))
        }
    }

    @Test func `an answer at the limit is taken`() async throws {
        let frame = #"{"result":7,"id":0}"#
        let padding = String(repeating: " ", count: 1_048_576 - frame.utf8.count)
        let peer = try await FaultyPeer(.answer(status: 200, body: frame + padding))
        #expect(try await client(peer.port).blockCount() == 7)
    }

    @Test(arguments: [
        "", "garbage", "[]", "{}", "null", #"{"result":"7","id":{id}}"#,
        #"{"result":7.5,"id":{id}}"#,
        #"{"result":7,"id":99}"#, #"{"result":-1,"id":{id}}"#, #"{"result":1e30,"id":{id}}"#,
        #"{"result":null,"error":null,"id":{id}}"#, #"{"result":4294967296,"id":{id}}"#,
        String(repeating: "[", count: 100_000), #"{"result":7,"error":"no","id":{id}}"#,
    ])
    func `an answer in another form is malformed`(body: String) async throws {
        let peer = try await FaultyPeer(.answer(status: 200, body: body))
        let error = await failure(try client(peer.port))
        guard case .malformed("getblockcount", _) = error else {
            Issue.record("\(body.prefix(60)): \(String(describing: error))")
            return
        }
    }

    @Test func `bytes that are not HTTP are an error`() async throws {
        let peer = try await FaultyPeer(.bytes("SSH-2.0-OpenSSH_9.2\r\n\r\n"))
        guard case .interrupted = await failure(try client(peer.port)) else {
            Issue.record("garbage was taken for an answer")
            return
        }
    }

    @Test func `other statuses are malformed`() async throws {
        for status in [301, 403, 502] {
            let peer = try await FaultyPeer(.answer(status: status, body: "no"))
            let error = await failure(try client(peer.port))
            #expect(
                error == .malformed(method: "getblockcount", reason: "HTTP status \(status)"))
        }
    }

    @Test func `Core's errors keep their code and words`() async throws {
        let body = #"{"result":null,"error":{"code":-5,"message":"Block not found"},"id":{id}}"#
        let peer = try await FaultyPeer(.answer(status: 500, body: body))
        #expect(
            await failure(try client(peer.port))
                == .refused(method: "getblockcount", code: -5, message: "Block not found"))
        let warming = #"{"result":null,"error":{"code":-28,"message":"Loading"},"id":{id}}"#
        let starting = try await FaultyPeer(.answer(status: 500, body: warming))
        #expect(await failure(try client(starting.port)) == .warmingUp(message: "Loading"))
    }

    @Test func `wrong credentials are named and never shown`() async throws {
        let peer = try await FaultyPeer(.answer(status: 401, body: ""))
        let client = try client(peer.port)
        let error = await failure(client)
        #expect(error == .unauthorized(host: "127.0.0.1", port: peer.port))
        #expect(peer.requests.count == 2)
        for text in [
            "\(client.address)", String(reflecting: client.address),
            "\(String(describing: error))",
            "\(Mirror(reflecting: client.address).children.map(\.value))",
        ] {
            #expect(!text.contains("secret") && !text.contains("alice"), "\(text)")
        }
    }

    @Test func `a new cookie is read when the old one is refused`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data("__cookie__:old\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let good = FaultyPeer.Action.answer(status: 200, body: #"{"result":7,"id":{id}}"#)
        let peer = try await FaultyPeer(good, .answer(status: 401, body: ""), good)
        let client = NodeClient(
            try NodeAddress(url: "http://127.0.0.1:\(peer.port)", cookieFile: file.path),
            limits: Self.quick)
        _ = try await client.blockCount()
        try Data("__cookie__:new\n".utf8).write(to: file)
        _ = try await client.blockCount()
        let sent = peer.requests.map { request in
            ["old", "new"].first {
                request.contains(Data("__cookie__:\($0)".utf8).base64EncodedString())
            }
        }
        #expect(sent == ["old", "old", "new"])
    }

    @Test func `a cookie file that is missing, long or no cookie is named`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        let address = try NodeAddress(url: "http://127.0.0.1:1", cookieFile: file.path)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(throws: ChainError.self) { try address.authorization() }
        let most = "a:" + String(repeating: "b", count: NodeAddress.cookieBytesMax - 2)
        for (content, isCookie) in [
            ("", false), ("word", false), ("a:b\nc:d", false), ("a:b\n", true), (most, true),
            (most + "b", false),
        ] {
            try Data(content.utf8).write(to: file)
            if isCookie {
                #expect(try address.authorization().hasPrefix("Basic "))
            } else {
                #expect(throws: ChainError.self) { try address.authorization() }
            }
        }
    }

    @Test func `addresses are host, port and credentials of one kind`() throws {
        let address = try NodeAddress(url: "http://alice:p%40ss%3Aword@node.example:8332")
        #expect(address.host == "node.example" && address.port == 8_332)
        #expect(address.credentials == .password(user: "alice", password: "p@ss:word"))
        #expect(try NodeAddress(url: "http://a:b@[::1]:8332/").host == "::1")
        for (url, cookie) in [
            ("", nil), ("node:8332", nil), ("https://a:b@node:8332", nil), ("http://a:b@node", nil),
            ("http://node:8332", nil), ("http://a@node:8332", nil), ("http://a:b@node:0", nil),
            ("http://a:b@node:65536", nil), ("http://a:b@:8332", nil),
            ("http://a:b@node:8332/wallet", nil), ("http://a:b@node:8332?x=1", nil),
            ("http://a:b@node:8332", "/cookie"), ("http://a%3Ab:c@node:8332", nil),
            ("http://a:b@" + String(repeating: "n", count: 1_024) + ":8332", nil),
        ] as [(String, String?)] {
            #expect(throws: ChainError.self, "\(url)") {
                try NodeAddress(url: url, cookieFile: cookie)
            }
        }
    }

    @Test func `a refused address is named, without its credentials`() {
        for (url, shown) in [
            ("ftp://127.0.0.1", "ftp://127.0.0.1"), ("localhost", "localhost"),
            ("ftp://alice:secret@node:1", "ftp://...@node:1"),
            ("https://a:se@cret@node:1", "https://...@node:1"),
            ("a:secret@\u{1b}node", "...@\\u{1b}node"),
        ] {
            let error = #expect(throws: ChainError.self) { try NodeAddress(url: url) }
            guard case .address(shown, let reason)? = error else {
                Issue.record("\(url): \(error.map { "\($0)" } ?? "accepted")")
                continue
            }
            #expect(
                error?.description == "the node's address \(shown) is not usable: \(reason)")
        }
    }

    @Test func `nobody listens, and the sentence says so plainly`() async throws {
        let client = NodeClient(
            try NodeAddress(url: "http://a:b@127.0.0.1:1"),
            limits: NodeLimits(attemptsMax: 2, pauseMilliseconds: 0))
        let error = await #expect(throws: ChainError.self) { try await client.blockCount() }
        #expect(
            error?.description
                == "no Bitcoin node answers at 127.0.0.1:1 (connection refused, tried 2 times): "
                + "start it, or correct the address")
    }

    @Test func `batches are matched by id, in any order`() async throws {
        func hash(_ digit: String) -> String { String(repeating: digit, count: 64) }
        let swapped = #"[{"result":"\#(hash("b"))","id":1},{"result":"\#(hash("a"))","id":0}]"#
        let peer = try await FaultyPeer(.answer(status: 200, body: swapped))
        let hashes = try await client(peer.port).blockHashes(heights: 0..<2)
        #expect(hashes.map(\.reversedHex) == [hash("a"), hash("b")])
        for body in [
            "[]", #"[{"result":"\#(hash("a"))","id":0}]"#,
            #"[{"result":"\#(hash("a"))","id":0},{"result":"\#(hash("b"))","id":0}]"#,
            #"[{"result":"\#(hash("a"))","id":0},{"result":"\#(hash("b"))","id":2}]"#,
            #"[{"result":"\#(hash("a"))","id":0},{"result":"abc","id":1}]"#,
        ] {
            let peer = try await FaultyPeer(.answer(status: 200, body: body))
            let client = try client(peer.port)
            await #expect(throws: ChainError.self, "\(body)") {
                _ = try await client.blockHashes(heights: 0..<2)
            }
        }
    }

    @Test func `the chain's name is checked`() async throws {
        let body = """
            {"result":{"chain":"main","blocks":1,"headers":1,"bestblockhash":"00","mediantime":1,\
            "initialblockdownload":false,"pruned":false},"id":{id}}
            """
        let peer = try await FaultyPeer(.answer(status: 200, body: body))
        let client = try client(peer.port)
        try await client.check(.main)
        await #expect(throws: ChainError.wrongChain(expected: "regtest", found: "main")) {
            try await client.check(.regtest)
        }
    }

    @Test func `fee estimates carry their source`() async throws {
        let cases: [(String, FeeEstimate)] = [
            (
                #"{"feerate":0.00001234,"blocks":2}"#,
                FeeEstimate(
                    rate: FeeRate(satoshisPerKilovbyte: 1_234), blocks: 2, source: .estimator)
            ),
            (
                #"{"feerate":0.00000001,"errors":["thin"],"blocks":6}"#,
                FeeEstimate(
                    rate: FeeRate(satoshisPerKilovbyte: 1), blocks: 6,
                    source: .fallback(reason: "thin"))
            ),
            (
                #"{"errors":["no data"],"blocks":6}"#,
                FeeEstimate(rate: nil, blocks: 6, source: .none(reason: "no data"))
            ),
        ]
        for (body, expected) in cases {
            let peer = try await FaultyPeer(
                .answer(status: 200, body: #"{"result":\#(body),"id":{id}}"#))
            #expect(try await client(peer.port).estimateSmartFee(blocks: 6) == expected)
        }
        for rate in ["-0.00001", "0.000000001", "1e99", #""x""#] {
            let peer = try await FaultyPeer(
                .answer(status: 200, body: #"{"result":{"feerate":\#(rate),"blocks":1},"id":{id}}"#)
            )
            let client = try client(peer.port)
            await #expect(throws: ChainError.self, "\(rate)") {
                _ = try await client.estimateSmartFee(blocks: 1)
            }
        }
    }
}
