import Testing
import Web

@Suite struct `The web client` {
    static func answer(_ status: String, _ fields: String = "", body: String = "") -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    @Test func `every status comes with its fields and its body`() async throws {
        let peer = try await WebPeer([
            "/checkpoint": Self.answer("200 OK", "Content-Type: text/x.tlog.size\r\n", body: "7\n"),
            "/gone": Self.answer("404 Not Found", body: "no"),
        ])
        let client = WebClient()
        let found = try await client.get(peer.url("/checkpoint"))
        #expect(found.status == 200)
        #expect(found.headers["content-type"] == "text/x.tlog.size")
        #expect(found.body == Array("7\n".utf8))
        let gone = try await client.get(peer.url("/gone"))
        #expect(gone.status == 404)
        #expect(gone.body == Array("no".utf8))
    }

    @Test func `a post carries its body`() async throws {
        let peer = try await WebPeer(["/add": Self.answer("200 OK", body: "yes")])
        let answer = try await WebClient().post(peer.url("/add"), Array("old 0\n\nnote\n".utf8))
        #expect(answer.body == Array("yes".utf8))
        #expect(peer.requests.first?.hasSuffix("\r\n\r\nold 0\n\nnote\n") == true)
        #expect(peer.requests.first?.hasPrefix("POST /add HTTP/1.1\r\n") == true)
    }

    @Test func `a body is taken up to the limit and not a byte further`() async throws {
        let peer = try await WebPeer([
            "/edge": Self.answer("200 OK", body: String(repeating: "x", count: 1_000)),
            "/over": Self.answer("200 OK", body: String(repeating: "x", count: 1_001)),
            "/unannounced": "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
                + String(repeating: "x", count: 200_000),
        ])
        let client = WebClient(WebLimits(bodyBytesMax: 1_000))
        #expect(try await client.get(peer.url("/edge")).body.count == 1_000)
        for path in ["/over", "/unannounced"] {
            await #expect(throws: WebError.oversize(url: peer.url(path), bytesMax: 1_000)) {
                try await client.get(peer.url(path))
            }
        }
    }

    @Test func `an answer that does not come is given up in time`() async throws {
        let peer = try await WebPeer(["/half": "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"])
        let client = WebClient(WebLimits(secondsMax: 1))
        for path in ["/silent", "/half"] {
            await #expect(throws: WebError.timedOut(url: peer.url(path), seconds: 1)) {
                try await client.get(peer.url(path))
            }
        }
    }

    @Test func `an answer that is cut short is none`() async throws {
        let peer = try await WebPeer([
            "/cut": "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nhalf"
        ])
        await #expect(throws: WebError.self) { try await WebClient().get(peer.url("/cut")) }
    }

    @Test func `nobody listening is an error that names the address`() async throws {
        let port = try await WebPeer([:]).port
        let url = "http://127.0.0.1:\(port)/"
        do {
            _ = try await WebClient(WebLimits(secondsMax: 5)).get(url)
            Issue.record("an answer from nobody")
        } catch { #expect("\(error)".contains(url)) }
    }

    @Test func `redirections are followed on the same host alone, and no post is`() async throws {
        let other = try await WebPeer(["/there": Self.answer("200 OK", body: "elsewhere")])
        let peer = try await WebPeer([
            "/here": Self.answer("302 Found", "Location: /there\r\n"),
            "/there": Self.answer("200 OK", body: "there"),
            "/away": Self.answer("302 Found", "Location: \(other.url("/there"))\r\n"),
            "/loop": Self.answer("302 Found", "Location: /loop\r\n"),
        ])
        let client = WebClient(WebLimits(secondsMax: 10))
        #expect(try await client.get(peer.url("/here")).body == Array("there".utf8))
        for path in ["/away", "/loop"] {
            await #expect(throws: WebError.self) { try await client.get(peer.url(path)) }
        }
        #expect(other.requests.isEmpty)
        #expect(peer.requests.filter { $0.hasPrefix("GET /loop") }.count == 4)
        await #expect(throws: WebError.self) { try await client.post(peer.url("/here"), [1]) }
    }

    @Test(arguments: [
        "", "checkpoint", "ftp://example.com/", "file:///etc/passwd", "http://", "http:///x",
        "http://user@example.com/", "http://user:pw@example.com/", "http://example.com/#x",
        "http://example.com/a b", "http://exämple.com/",
        "http://example.com/" + String(repeating: "x", count: 2_048),
    ])
    func `what is no URL to ask is refused before anything is sent`(_ url: String) async {
        do {
            _ = try await WebClient().get(url)
            Issue.record("asked")
        } catch {
            guard case .address = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test func `many requests run at once, each with its own answer`() async throws {
        let paths = (0..<64).map { "/\($0)" }
        let answers = paths.map { ($0, Self.answer("200 OK", body: $0)) }
        let peer = try await WebPeer(Dictionary(uniqueKeysWithValues: answers))
        let client = WebClient()
        await withTaskGroup(of: (String, [UInt8]?).self) { group in
            for path in paths {
                group.addTask { (path, try? await client.get(peer.url(path)).body) }
            }
            for await (path, body) in group { #expect(body == Array(path.utf8)) }
        }
    }
}
