import Acting
import ArgumentParser
import Bitcoin
import Chain
import Events
import Foundation
import Policy
import State

struct AddressCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "address",
        abstract: "Hand out a wallet's next receiving address; no index is used twice.",
        discussion: """
            It decides nothing and asks nothing. Away from the ledger, give the address to others \
            once its event is submitted; `submit` prints it again.

            Examples:
              strongroom address treasury --as alice --ledger /srv/treasury
              strongroom address treasury --as bob --request treasury.request \\
                --out address.event
            """)
    @Argument(help: "The wallet's name.")
    var wallet: String
    @OptionGroup var place: PlaceOptions

    func run() throws {
        let workplace = try place.workplace()
        try act(place.author, at: workplace, out: place.out, ConsentOptions()) { brief, _ in
            let wallet = try brief.wallet(wallet)
            let fact = Issued(wallet: wallet.name, index: wallet.nextReceive)
            let address = try brief.state.address(fact)
            var screen: [String] = []
            if case .file = workplace {
                screen = [
                    address, "It counts once its event is submitted; somebody may be quicker.",
                ]
            }
            return Intention(fact: .issued(fact), screen: screen, done: address)
        }
    }
}

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
            throw ActingError.usage("give --fee-rate, or --node for its estimate")
        }
        guard (1...1_008).contains(blocks) else {
            throw ActingError.usage("--blocks \(blocks): 1 to 1008 is accepted")
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
            throw ActingError.refused("the node has no estimate (\(reason)); give --fee-rate")
        }
        throw ActingError.refused("the node gave no fee rate; give --fee-rate")
    }
}

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
            return Intention(
                fact: .approved(Approved(request: request.id)),
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
            throw ActingError.usage(
                "--reason takes one line of at most \(Aborted.reasonLimit) bytes")
        }
        try act(options) { brief, member in
            let request = try brief.request(number)
            return Intention(
                fact: .aborted(Aborted(request: request.id, reason: reason)),
                screen: TransferScreen.lines(of: request, brief.state),
                question: "Abort request \(request.number)?",
                done: "\(member.name) has aborted request \(request.number)")
        }
    }
}

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
