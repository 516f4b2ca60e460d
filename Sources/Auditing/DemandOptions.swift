internal import ArgumentParser
internal import Audit
internal import Chain
internal import Foundation
internal import Merkle
internal import Terminal

/// Whose cosignatures are demanded, and how new.
struct WitnessOptions: ParsableArguments {
    @Option(
        help: "A tlog-policy: the witnesses that must have cosigned the newest checkpoint.",
        completion: .file())
    var policy: String?
    @Option(
        help: """
            How old the newest cosignatures, or without a policy the newest entry, may be: 30m, \
            12h, 7d.
            """)
    var maxAge: String?

    /// Demands it of a verification.
    func apply(to terms: inout AuditTerms) throws {
        if let path = policy { terms.policy = try InputFile.policy(path) }
        if let text = maxAge {
            guard let seconds = Self.seconds(text) else {
                throw ValidationError("--max-age takes a duration such as 90s, 30m, 12h or 7d.")
            }
            terms.maximumAgeSeconds = seconds
        }
        terms.nowSeconds = UInt64(max(Date().timeIntervalSince1970, 0))
    }

    private static func seconds(_ text: String) -> UInt64? {
        let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = UInt64(text.dropLast()),
            count < 1 << 32
        else { return nil }
        return count * unit
    }
}

/// The node whose blocks a history is compared with.
struct ChainOptions: ParsableArguments {
    @Option(help: "A Bitcoin node, http://user:password@host:port, to rescan the chain with.")
    var node: String?
    @Option(
        help: "The node's cookie file, when the URL has no user. Default: $STRONGROOM_COOKIE.",
        completion: .file())
    var cookie: String?

    /// The node to rescan with; nil when none is named.
    func client() throws -> NodeClient? {
        guard let node else { return nil }
        // A user and password in the URL need no cookie.
        let known = ProcessInfo.processInfo.environment["STRONGROOM_COOKIE"]
        let file = node.contains("@") ? cookie : cookie ?? known
        return NodeClient(try NodeAddress(url: node, cookieFile: file))
    }
}
