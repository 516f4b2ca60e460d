import Acting
import ArgumentParser
import Auditing
import Bitcoin
import Chain
import Events
import Foundation
import Policy
import State

struct ApproveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Approve a request, after reading what it does.",
        discussion: """
            Examples:
              strongroom approve 3 --as alice --ledger /srv/treasury
              strongroom approve --as bob --request r3.request --out r3-bob.event
            """)
    @Argument(help: "The request's number; with --request, the one that the file is about.")
    var number: UInt64?
    @OptionGroup var options: ActOptions

    func run() throws {
        let place = try options.workplace()
        try act(options, at: place) { brief, member in
            let request = try brief.request(number)
            return Act(
                intention: .approve(request),
                screen: TransferScreen.lines(of: request, brief.state)
                    + DocumentScreen.lines(
                        try place.documents(ofRequest: request.id), brief.state,
                        requestFile: options.requestFile),
                question: "Approve request \(request.number)?",
                done: "\(member.name) has approved request \(request.number)"
                    + progress(after: member, request, brief.state))
        }
    }

    private func progress(
        after member: Member, _ request: OpenRequest, _ state: LedgerState
    ) -> String {
        guard let rule = state.ruling(on: request)?.quorum else { return "" }
        let complete = rule.isComplete(
            approvedBy: request.approvers.union([member.name]),
            in: state.roster.without(request.subject))
        return complete ? "; its quorum is complete" : ""
    }
}
