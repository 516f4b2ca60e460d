internal import Foundation

/// Where a Bitcoin node listens, and how to prove to it who asks.
///
/// Printing an address never shows a password.
public struct NodeAddress: Sendable, Equatable {
    /// The name or IP address of the node's computer; an IPv6 address without its brackets.
    public let host: String
    /// The RPC port.
    public let port: Int
    /// What the node accepts us by.
    let credentials: Credentials

    /// How a request proves who sends it.
    enum Credentials: Sendable, Equatable {
        /// The file that the node writes anew at each start (Core's `.cookie`).
        case cookieFile(path: String)
        case password(user: String, password: String)
    }

    /// Parses `http://user:password@host:port`, or `http://host:port` with a cookie file.
    ///
    /// User and password may be percent-encoded. Anything but plain HTTP, a path, a query, a
    /// missing port, or credentials of both kinds or none is refused: a node speaks plain HTTP,
    /// so a distant one belongs behind a tunnel.
    public init(url: String, cookieFile: String? = nil) throws(ChainError) {
        func refused(_ reason: String) -> ChainError {
            .address(url: Self.withoutCredentials(url), reason: reason)
        }
        guard url.utf8.count <= 1_024, let parts = URLComponents(string: url) else {
            throw refused("it is not a URL")
        }
        guard parts.scheme == "http" else {
            throw refused("only http:// is accepted, since a node speaks plain HTTP")
        }
        guard parts.path.isEmpty || parts.path == "/", parts.query == nil, parts.fragment == nil
        else { throw refused("nothing may follow the port") }
        guard var host = parts.host, !host.isEmpty else {
            throw refused("the host is missing")
        }
        guard let port = parts.port, (1...65_535).contains(port) else {
            throw refused("the port is missing or not within 1 to 65535")
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        self.host = host
        self.port = port
        switch (parts.user, parts.password, cookieFile) {
        case (nil, nil, let path?):
            credentials = .cookieFile(path: path)
        case (let user?, let password?, nil):
            guard !user.contains(":") else {
                throw refused("the user name must not contain a colon")
            }
            credentials = .password(user: user, password: password)
        case (nil, nil, nil):
            throw refused("it needs user:password@ before the host, or a cookie file")
        case (_, _, nil):
            throw refused("user and password belong together")
        default:
            throw refused("give either a user and password, or a cookie file")
        }
    }

    /// A URL as it may be shown: what stands before its last `@` can hold a password.
    private static func withoutCredentials(_ url: String) -> String {
        guard let at = url.lastIndex(of: "@") else { return nodeText(url) }
        let scheme = url[..<at].range(of: "://").map { url[..<$0.upperBound] } ?? ""
        return nodeText("\(scheme)...\(url[at...])")
    }

    /// The value of the `Authorization` header. Reads the cookie file afresh.
    func authorization() throws(ChainError) -> String {
        switch credentials {
        case .password(let user, let password):
            return Self.basic("\(user):\(password)")
        case .cookieFile(let path):
            let content: Data
            do {
                let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
                defer { try? file.close() }
                content = try file.read(upToCount: Self.cookieBytesMax + 1) ?? Data()
            } catch {
                throw .cookie(
                    path: path,
                    reason: (error as NSError).localizedFailureReason
                        ?? error.localizedDescription)
            }
            let text = String(decoding: content, as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            guard content.count <= Self.cookieBytesMax, text.contains(":"),
                !text.contains(where: \.isNewline)
            else { throw .cookie(path: path, reason: "it does not hold one line user:password") }
            return Self.basic(text)
        }
    }

    /// The longest cookie file that is read, in bytes; Core's has 75.
    static let cookieBytesMax = 1_024

    private static func basic(_ pair: String) -> String {
        "Basic " + Data(pair.utf8).base64EncodedString()
    }
}

extension NodeAddress: CustomStringConvertible, CustomReflectable {
    /// Host and port.
    public var description: String { "\(host):\(port)" }

    /// Host and port, for `dump` and mirrors too.
    public var customMirror: Mirror {
        Mirror(self, children: ["host": host, "port": port], displayStyle: .struct)
    }
}
