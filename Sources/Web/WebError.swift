/// Why there is no answer. What the server says, a 404 too, is one.
public enum WebError: Error, Equatable {
    /// The text is no URL that is asked: http or https, a host, no user, no fragment.
    case address(url: String, reason: String)
    /// The server could not be reached, or, where that can not be told apart, ended the connection.
    case unreachable(url: String, reason: String)
    /// The server ended the connection before its answer was whole.
    case interrupted(url: String, reason: String)
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
        case .interrupted(let url, let reason): "no whole answer from \(url): \(reason)"
        case .timedOut(let url, let seconds): "no whole answer from \(url) within \(seconds) s"
        case .oversize(let url, let bytesMax):
            "the answer from \(url) is longer than \(bytesMax) bytes"
        case .redirected(let url, let to):
            "\(url) redirects to \(to): only a GET is redirected, on its own host, a few times"
        }
    }
}
