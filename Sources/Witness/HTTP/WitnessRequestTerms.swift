internal import NIOHTTP1

/// What a request's head must say, so that its body is read at all (RFC 9110, RFC 9112, C2SP
/// tlog-witness).
enum WitnessRequestTerms {
    /// Why a request is answered without reading its body; nil when it is not.
    static func refusal(of head: HTTPRequestHead) -> WitnessAnswer? {
        // RFC 9112 §3.2: exactly one, also where nothing depends on it.
        let hosts = head.headers["host"].count
        guard hosts == 1 || (hosts == 0 && isOld(head)) else {
            return WitnessAnswer(status: 400, "a request has one Host field, not \(hosts)\n")
        }
        if head.uri == "/add-checkpoint" {
            guard head.method == .POST else {
                return WitnessAnswer(status: 405, "/add-checkpoint takes POST\n", allowed: "POST")
            }
        } else if originHash(head) != nil {
            guard head.method == .GET else {
                return WitnessAnswer(status: 405, "a checkpoint is there to GET\n", allowed: "GET")
            }
        } else {
            return WitnessAnswer(
                status: 404,
                "there are /add-checkpoint and /<origin hash>/checkpoint, and nothing else\n")
        }
        let expectations = head.headers[canonicalForm: "expect"].map { $0.lowercased() }
        guard expectations.allSatisfy({ $0 == "100-continue" }) else {
            return WitnessAnswer(status: 417, "the one expectation that is met is 100-continue\n")
        }
        let limit = bodyBytesMax(head)
        if let length = head.headers.first(name: "content-length") {
            // More digits than an integer holds are too many in any case.
            guard let length = Int(length), length <= limit else { return tooLarge(limit) }
        }
        return nil
    }

    /// Whether the client speaks HTTP/1.0, which knows neither 100 nor Host.
    static func isOld(_ head: HTTPRequestHead) -> Bool {
        head.version.major < 1 || (head.version.major == 1 && head.version.minor < 1)
    }

    /// Whether the client sends the body only once it is told to.
    static func awaitsContinue(_ head: HTTPRequestHead) -> Bool {
        !isOld(head) && head.headers.contains(name: "expect")
    }

    /// The largest body of such a request, in bytes.
    static func bodyBytesMax(_ head: HTTPRequestHead?) -> Int {
        head?.method == .POST ? AddCheckpoint.maximumBytes : 0
    }

    static func tooLarge(_ limit: Int) -> WitnessAnswer {
        WitnessAnswer(status: 413, "the body of this request has at most \(limit) bytes\n")
    }

    /// The hash of a log's origin whose newest cosigned checkpoint is asked for; nil when it is
    /// not.
    static func originHash(_ head: HTTPRequestHead) -> String? {
        let parts = head.uri.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isEmpty, parts[2] == "checkpoint",
            parts[1].utf8.count == 64,
            parts[1].utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) })
        else { return nil }
        return String(parts[1])
    }
}
