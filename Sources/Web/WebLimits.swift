/// How much a ``WebClient`` takes from a server, and how long it waits.
public struct WebLimits: Sendable, Equatable {
    /// The longest body, in bytes; a longer one is given up before it is held.
    public var bodyBytesMax: Int
    /// How long a whole answer may take, in seconds.
    public var secondsMax: Int
    /// How many redirections are followed, all on the same host and port; only a GET is redirected.
    public var redirectsMax: Int

    /// Creates limits; the defaults suit a tile or a checkpoint.
    public init(bodyBytesMax: Int = 16 << 20, secondsMax: Int = 30, redirectsMax: Int = 3) {
        precondition(
            bodyBytesMax >= 0 && (1...3_600).contains(secondsMax)
                && (0...10).contains(redirectsMax),
            "limits are positive, and redirections few")
        self.bodyBytesMax = bodyBytesMax
        self.secondsMax = secondsMax
        self.redirectsMax = redirectsMax
    }
}

/// A server's whole answer, whatever its status is.
public struct WebAnswer: Sendable, Equatable {
    /// The status code, such as 200.
    public let status: Int
    /// The header fields, their names in lower case.
    public let headers: [String: String]
    /// The body, decompressed when it came compressed.
    public let body: [UInt8]
}

/// Why there is no answer. What the server says, a 404 too, is one.
public enum WebError: Error, Equatable {
    /// The text is no URL that is asked: http or https, a host, no user, no fragment.
    case address(url: String, reason: String)
    /// The server could not be reached, or ended the connection.
    case unreachable(url: String, reason: String)
    /// The whole answer did not arrive in time.
    case timedOut(url: String, seconds: Int)
    /// The body is longer than it may be.
    case oversize(url: String, bytesMax: Int)
    /// The server sends us elsewhere than we go.
    case redirected(url: String, to: String)
}

extension WebError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .address(let url, let reason): "\(url) can not be asked: \(reason)"
        case .unreachable(let url, let reason): "no answer from \(url): \(reason)"
        case .timedOut(let url, let seconds): "no whole answer from \(url) within \(seconds) s"
        case .oversize(let url, let bytesMax):
            "the answer from \(url) is longer than \(bytesMax) bytes"
        case .redirected(let url, let to):
            "\(url) redirects to \(to): only a GET is redirected, on its own host, a few times"
        }
    }
}
