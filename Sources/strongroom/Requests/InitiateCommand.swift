import Acting
import ArgumentParser
import Auditing
import Bitcoin
import Chain
import Events
import Foundation
import Policy
import State
import Terminal

struct InitiateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "initiate",
        abstract: "Request a transfer; the exact transaction is frozen now.",
        discussion: """
            Coins are chosen and reserved, the fee is checked against the wallet's ceilings, and \
            the change returns to the wallet's next change address. ADDRESS:all spends every free \
            coin without change: that recipient gets what the others and the fee leave. So a \
            wallet is emptied, also one that is retired.

            Examples:
              strongroom initiate treasury --to bcrt1q…:0.5 --fee-rate 2 --as alice
              strongroom initiate treasury --to bcrt1q…:0.5 --to bcrt1p…:0.1 \\
                --node http://127.0.0.1:18443 --blocks 3 --expires 12h \\
                --reference "invoice 4711" --as alice
              strongroom initiate old --to bcrt1q…:all --fee-rate 2 --as alice
            """)
    @Argument(help: "The wallet that pays.")
    var wallet: String
    @Option(name: .customLong("to"), help: "ADDRESS:AMOUNT in BTC, or ADDRESS:all; repeated.")
    var recipients: [String]
    @Option(help: "The fee rate in sat/vB. Default: the node's estimate.")
    var feeRate: String?
    @OptionGroup var node: NodeOptions
    @Option(help: "Within how many blocks the transfer should confirm.")
    var blocks = 6
    @Option(help: "The number of an open transfer that this one replaces with a higher fee.")
    var replaces: UInt64?
    @OptionGroup var request: RequestOptions
    @OptionGroup var options: ActOptions

    func run() async throws {
        try request.check()
        let (rate, source) = try await rate()
        try initiate(options, request) { brief in
            let recipients = try Parse.recipients(recipients, brief.state.founding.network)
            let plan = try TransferPlan(
                from: try Parse.wallet(wallet), to: recipients.paid, rest: recipients.rest,
                at: rate, replacing: try replaces.map { try brief.request($0) }, in: brief)
            let frozen = try plan.frozen(in: brief.state)
            var screen = TransferScreen.lines(frozen, brief.state)
            if recipients.rest != nil {
                screen += HoldingsScreen.leftBehind(by: frozen, at: rate, brief.state)
            }
            screen.append("Fee rate:   \(rate), \(source)")
            return (.transfer(plan.transfer), plan.blobs, screen)
        }
    }

    private func rate() async throws -> (FeeRate, String) {
        if let feeRate { return (try Parse.feeRate(feeRate), "as you asked") }
        guard let client = try node.client() else {
            throw CommandError.usage("give --fee-rate, or --node for its estimate")
        }
        guard (1...1_008).contains(blocks) else {
            throw CommandError.usage("--blocks \(blocks): 1 to 1008 is accepted")
        }
        let estimate = try await client.estimateSmartFee(blocks: blocks)
        switch estimate.source {
        case .estimator:
            if let rate = estimate.rate {
                return (rate, "the node's estimate for \(estimate.blocks) blocks")
            }
        case .fallback(let reason):
            if let rate = estimate.rate {
                return (rate, "the node's fallback, not an estimate (\(reason))")
            }
        case .none(let reason):
            throw CommandError.refused("the node has no estimate (\(reason)); give --fee-rate")
        }
        throw CommandError.refused("the node gave no fee rate; give --fee-rate")
    }
}
