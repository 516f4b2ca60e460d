import Acting
import ArgumentParser
import Auditing
import Bitcoin
import Chain
import Events
import Foundation
import Policy
import State

struct AbortCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abort",
        abstract: "End a request whose quorum is not complete, alone and at once.",
        discussion: "Example: strongroom abort 4 --reason \"wrong payee\" --as bob")
    @Argument(help: "The request's number.")
    var number: UInt64?
    @Option(help: "Why, in a line of at most 140 bytes, public for ever.")
    var reason: String?
    @OptionGroup var options: ActOptions

    func run() throws {
        if let reason, reason.utf8.count > Aborted.reasonLimit || !reason.isOneSafeLine {
            throw CommandError.usage(
                "--reason takes one line of at most \(Aborted.reasonLimit) bytes")
        }
        try act(options) { brief, member in
            let request = try brief.request(number)
            return Act(
                intention: .abort(request, reason: reason),
                screen: TransferScreen.lines(of: request, brief.state),
                question: "Abort request \(request.number)?",
                done: "\(member.name) has aborted request \(request.number)")
        }
    }
}
