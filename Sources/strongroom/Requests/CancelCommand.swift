import Acting
import ArgumentParser
import Auditing
import Bitcoin
import Chain
import Events
import Foundation
import Policy
import State

struct CancelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Request that an authorised transfer be cancelled, under its own rule.",
        discussion: "Example: strongroom cancel 3 --as alice")
    @Argument(help: "The number of the transfer.")
    var number: UInt64
    @OptionGroup var request: RequestOptions
    @OptionGroup var options: ActOptions

    func run() throws {
        try initiate(options, request) { brief in
            (.cancel(request: try brief.request(number).id), [], nil)
        }
    }
}
