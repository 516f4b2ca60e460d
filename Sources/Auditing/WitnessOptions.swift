internal import ArgumentParser
internal import Audit
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
            guard let span = TimeSpan(text) else {
                throw ValidationError("--max-age takes a duration such as 90s, 30m, 12h or 7d.")
            }
            terms.maximumAgeSeconds = span.seconds
        }
        terms.nowSeconds = UInt64(max(Date().timeIntervalSince1970, 0))
    }
}
