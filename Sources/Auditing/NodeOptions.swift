public import ArgumentParser
public import Chain
internal import Foundation

/// Which Bitcoin node a command asks.
public struct NodeOptions: ParsableArguments {
    @Option(
        name: .customLong("node"),
        help: ArgumentHelp(
            "The node: http://HOST:PORT with a cookie, or http://USER:PASSWORD@HOST:PORT.",
            valueName: "url"))
    var url: String?
    @Option(
        help: ArgumentHelp(
            "The node's cookie file, such as ~/.bitcoin/.cookie. Default: $STRONGROOM_COOKIE.",
            valueName: "file"),
        completion: .file())
    var cookie: String?

    /// Options that name no node yet.
    public init() {}

    /// The node, or nil when none is named.
    public func client() throws -> NodeClient? {
        guard let url else { return nil }
        // A user and password in the URL need no cookie.
        let file = cookie ?? ProcessInfo.processInfo.environment["STRONGROOM_COOKIE"]
        let cookieFile = url.contains("@") ? cookie : file
        return NodeClient(try NodeAddress(url: url, cookieFile: cookieFile))
    }

    /// The node that the command can not do without.
    public func requiredClient() throws -> NodeClient {
        guard let client = try client() else { throw ValidationError("give --node URL") }
        return client
    }
}
