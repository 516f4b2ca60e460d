import Acting
import ArgumentParser
import Auditing
import Bitcoin
import Bytes
import Events
import Reading
import State
import Terminal

extension WalletCommand {
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the wallets: balance, rule, holders.",
            discussion: """
                Examples:
                  strongroom wallet list
                  strongroom wallet list --at 2026-11-01
                """)
        @OptionGroup var ledger: EvidenceOptions
        @OptionGroup var moment: MomentOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let reading = try LedgerReading(ledger, at: moment.moment)
            let wallets = try reading.wallets(nil)
            if output.isJSON {
                return try reading.answer(wallets.map { JSONWallet($0, reading.state) })
            }
            reading.printMoment()
            var table = Table(
                .text("WALLET"), .text("STATE"), .number("CONFIRMED"), .text("HOLDERS"),
                .text("RULE"))
            for wallet in wallets {
                table.add(
                    wallet.name.text, wallet.standing,
                    reading.state.balance(of: wallet.name).confirmed.bitcoin,
                    wallet.holders.map(\.text).joined(separator: ", "),
                    wallet.quorum.description)
            }
            table.show(orElse: "There is no wallet yet.")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a wallet: descriptor, holders, rule, ceilings, balance, requests.",
            discussion: """
                Examples:
                  strongroom wallet show main
                  strongroom wallet show main --at 41 --json
                """)
        @Argument(help: "The wallet's name.")
        var wallet: String
        @OptionGroup var ledger: EvidenceOptions
        @OptionGroup var moment: MomentOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let reading = try LedgerReading(ledger, at: moment.moment)
            guard let wallet = try reading.wallets(wallet).first else { return }
            let shown = JSONWallet(wallet, reading.state)
            if output.isJSON { return try reading.answer(shown) }
            reading.printMoment()
            for line in WalletScreen.lines(wallet) { print(line) }
            print("State:       \(wallet.standing), since position \(wallet.since)")
            print(
                "Depth:       \(count(wallet.minimumDepth, "confirmation")) before a coin is spent")
            print(
                "Addresses:   \(wallet.nextReceive) to receive and \(wallet.nextChange) for change "
                    + "used; a gap of \(wallet.gap) watched")
            print(
                "Balance:     \(shown.balance.confirmed.btc) confirmed, "
                    + "\(shown.balance.pending.btc) pending, \(shown.balance.reserved.btc) reserved"
                    + " (\(count(shown.coins, "coin")))")
            let requests = shown.requests.map(String.init).joined(separator: ", ")
            print("Requests:    \(requests.isEmpty ? "none is alive" : requests)")
        }
    }
}

/// A wallet at one moment.
struct JSONWallet: Encodable {
    struct Ceilings: Encodable {
        let fee: JSONAmount
        let satoshisPerVirtualByte: UInt64
        let percentOfAmount: UInt64
    }

    let wallet: String
    let standing: String
    let since: UInt64
    let descriptor: String
    let internalKeyOffset: String?
    let holders: [String]
    let awaiting: [String]
    let threshold: Int
    let quorum: String
    let ceilings: Ceilings
    let depth: UInt32
    let gap: UInt32
    let nextReceive: UInt32
    let nextChange: UInt32
    let declaresShortcut: Bool
    let balance: JSONBalance
    let coins: Int
    /// The live requests about it.
    let requests: [UInt64]

    init(_ wallet: Wallet, _ state: LedgerState) {
        self.wallet = wallet.name.text
        standing = wallet.standing
        since = wallet.since
        descriptor = wallet.descriptor.text
        internalKeyOffset = wallet.descriptor.internalKeyOffset?.hex
        holders = wallet.holders.map(\.text)
        awaiting = wallet.awaiting.sorted().map(\.text)
        threshold = wallet.descriptor.threshold
        quorum = wallet.quorum.description
        ceilings = Ceilings(
            fee: JSONAmount(wallet.ceilings.fee),
            satoshisPerVirtualByte: wallet.ceilings.satoshisPerVirtualByte,
            percentOfAmount: wallet.ceilings.percentOfAmount)
        depth = wallet.minimumDepth
        gap = wallet.gap
        nextReceive = wallet.nextReceive
        nextChange = wallet.nextChange
        declaresShortcut = wallet.declaresShortcut
        balance = JSONBalance(wallet, state)
        coins = state.coins.values.count { $0.owner.wallet == wallet.name && $0.spent == nil }
        requests = state.requests.values.filter { $0.initiated.request.wallet == wallet.name }
            .map(\.number).sorted()
    }
}

extension Request {
    /// The wallet that a request is about.
    var wallet: WalletName? {
        switch self {
        case .transfer(let transfer): transfer.wallet
        case .createWallet(let proposal): proposal.wallet
        case .retireWallet(let name), .replacePolicy(.wallet(let name), _): name
        case .enrolMember, .suspendMember, .rotateKey, .replacePolicy(.ledger, _), .cancel: nil
        }
    }
}
