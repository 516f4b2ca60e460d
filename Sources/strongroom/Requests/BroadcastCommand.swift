import Acting
import ArgumentParser
import Audit
import Auditing
import Bitcoin
import Bytes
import Chain
import Events
import Foundation
import Keys
import Secrets
import Signing
import State

struct BroadcastCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broadcast",
        abstract: "Give a fully signed transfer to a node; the log has it first.",
        discussion: """
            Run it where the ledger lives.

            Example: strongroom broadcast 3 --node http://127.0.0.1:18443 --as alice
            """)
    @Argument(help: "The request's number.")
    var number: UInt64
    @OptionGroup var node: NodeOptions
    @OptionGroup var author: AuthorOptions
    @OptionGroup var consent: ConsentOptions

    func run() async throws {
        let ledger = try author.open()
        let place = Workplace.ledger(ledger)
        let client = try node.requiredClient()
        try await client.check(try ledger.state().founding.network)
        var broadcasting: Broadcasting?
        try act(author, at: place, consent) { brief, member in
            let request = try brief.request(number)
            let planned = try Broadcasting(request, by: member, in: brief.state)
            broadcasting = planned
            return Act(
                intention: planned.intention,
                screen: TransferScreen.lines(of: request, brief.state),
                question: "Broadcast request \(number)?",
                done: "Recorded the broadcast of request \(number)")
        }
        guard let broadcasting else { return }
        let answer = try await broadcasting.send(to: client)
        if let relayed = broadcasting.relayed(answer) {
            try act(author, at: place, consent) { _, _ in
                Act(
                    intention: relayed,
                    done: answer.isAccepted
                        ? "The node has taken \(broadcasting.transaction.txid.reversedHex)"
                        : "Recorded the node's refusal")
            }
        }
        guard answer.isAccepted else {
            throw ActingError.transfer(.refusedByNode(message: answer.message))
        }
    }
}
