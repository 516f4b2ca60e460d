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

struct BalanceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balance",
        abstract: "Show what the wallets hold: confirmed, pending, reserved.",
        discussion: """
            Confirmed coins can be spent now; pending ones are not deep enough yet, or change of a \
            broadcast transfer; reserved ones are held by requests. Of transfers that replace each \
            other the smallest change is pending, and of one that the node refused, none.

            Examples:
              strongroom balance
              strongroom balance main --json
              strongroom balance --at 2026-11-01
            """)
    @Argument(help: "A wallet. Default: all of them.")
    var wallet: String?
    @OptionGroup var ledger: EvidenceOptions
    @OptionGroup var moment: MomentOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let reading = try LedgerReading(ledger, at: moment)
        let wallets = try reading.wallets(wallet)
        if output.isJSON {
            return try reading.answer(wallets.map { BalanceSummary($0, reading.state) })
        }
        reading.printMoment()
        Self.table(wallets, reading.state).show(orElse: "There is no wallet yet.")
    }

    static func table(_ wallets: [Wallet], _ state: LedgerState) -> Table {
        var table = Table(
            .text("WALLET"), .number("CONFIRMED"), .number("PENDING"), .number("RESERVED"),
            .text("STATE"))
        for wallet in wallets {
            let balance = state.balance(of: wallet.name)
            table.add(
                wallet.name.text, balance.confirmed.bitcoin, balance.pending.bitcoin,
                balance.reserved.bitcoin, wallet.readiness)
        }
        return table
    }
}

struct CoinsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coins",
        abstract: "List the wallets' unspent coins and what can be done with each.",
        discussion: """
            Examples:
              strongroom coins
              strongroom coins main --json
              strongroom coins --at 2026-11-01T09:30
            """)
    @Argument(help: "A wallet. Default: all of them.")
    var wallet: String?
    @OptionGroup var ledger: EvidenceOptions
    @OptionGroup var moment: MomentOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let reading = try LedgerReading(ledger, at: moment)
        let names = Set(try reading.wallets(wallet).map(\.name))
        let coins = reading.state.coins.values
            .filter { names.contains($0.owner.wallet) && $0.spent == nil }
            .sorted { ($0.owner.wallet, $0.outPoint) < ($1.owner.wallet, $1.outPoint) }
            .map { CoinSummary($0, reading.state) }
        if output.isJSON { return try reading.answer(coins) }
        reading.printMoment()
        // An outpoint and an address fill a line each: two lines say all without cutting any.
        for coin in coins {
            print(
                "\(coin.amount.btc) BTC  \(coin.wallet)  "
                    + counted(coin.confirmations, "confirmation") + "  \(coin.state)")
            print("  \(coin.outPoint)")
            print("  \(coin.address)")
        }
        print(
            coins.isEmpty ? "There are no coins." : "\(counted(coins.count, "coin")).")
    }
}
