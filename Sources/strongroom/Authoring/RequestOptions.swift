import Acting
import ArgumentParser
import Bitcoin
import Bytes
import Events
import Foundation
import Keys
import Policy
import State

/// Options of a command that makes a request.
struct RequestOptions: ParsableArguments {
    @Option(help: "When the request ends by itself: 90m, 12h, 7d; at most 30d.")
    var expires = "7d"
    @Option(help: "What the request is known as elsewhere, at most 140 bytes, public for ever.")
    var reference: String?

    /// Refuses what can not be meant, before anything is replayed or asked of a node.
    func check() throws {
        if let reference {
            guard reference.utf8.count <= Initiated.referenceLimit, reference.isOneSafeLine else {
                throw CommandError.usage(
                    "--reference takes one line of at most \(Initiated.referenceLimit) bytes")
            }
        }
        _ = try Parse.duration(expires)
    }
}

/// Shows a request, asks, initiates it and says what it needs.
///
/// - Parameter intent: the request, its blobs, and what is shown instead of ``IntentScreen``.
func initiate(
    _ options: ActOptions, _ request: RequestOptions, at place: Workplace? = nil,
    _ intent: (Brief) throws -> (Request, blobs: [[UInt8]], screen: [String]?)
) throws {
    try request.check()
    try act(options, at: place) { brief, member in
        let (intent, blobs, screen) = try intent(brief)
        let rule =
            brief.state.ruling(on: intent, by: member.name, at: brief.state.recorded)?.quorum
            .map { "\($0)" } ?? "the wallet's quorum"
        return Act(
            intention: brief.propose(
                intent, endingIn: try Parse.duration(request.expires),
                reference: request.reference, blobs: blobs),
            screen: screen ?? IntentScreen.lines(of: intent, brief.state) + ["Rule:       \(rule)"],
            question: "Make this request?",
            done: "Request \(brief.state.nextNumber) (\(intent.kind.rawValue)) initiated; it needs "
                + "\(rule)")
    }
}
