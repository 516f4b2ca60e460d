import Acting
import ArgumentParser
import Auditing
import Bitcoin
import Bytes
import Events
import Reading
import Report
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
            let reading = try LedgerReading(ledger, at: moment)
            let wallets = try reading.wallets(nil)
            if output.isJSON {
                return try reading.answer(wallets.map { WalletSummary($0, reading.state) })
            }
            reading.printMoment()
            var table = Table(
                .text("WALLET"), .text("STATE"), .number("CONFIRMED"), .text("HOLDERS"),
                .text("RULE"))
            for wallet in wallets {
                table.add(
                    wallet.name.text, wallet.readiness,
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
            let reading = try LedgerReading(ledger, at: moment)
            guard let wallet = try reading.wallets(wallet).first else { return }
            let shown = WalletSummary(wallet, reading.state)
            if output.isJSON { return try reading.answer(shown) }
            reading.printMoment()
            for line in WalletScreen.lines(wallet) { print(line) }
            print("State:       \(wallet.readiness), since position \(wallet.since)")
            print(
                "Depth:       \(counted(wallet.minimumDepth, "confirmation")) before a coin is "
                    + "spent"
            )
            print(
                "Addresses:   \(wallet.nextReceive) to receive and \(wallet.nextChange) for change "
                    + "used; a gap of \(wallet.gap) watched")
            print(
                "Balance:     \(shown.balance.confirmed.btc) confirmed, "
                    + "\(shown.balance.pending.btc) pending, \(shown.balance.reserved.btc) reserved"
                    + " (\(counted(shown.coins, "coin")))")
            let requests = shown.requests.map(String.init).joined(separator: ", ")
            print("Requests:    \(requests.isEmpty ? "none is alive" : requests)")
        }
    }
}
