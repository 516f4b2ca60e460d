import Acting
import ArgumentParser
import Auditing
import Bitcoin
import Events
import Reading
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
        let reading = try LedgerReading(ledger, at: moment.moment)
        let wallets = try reading.wallets(wallet)
        if output.isJSON {
            return try reading.answer(wallets.map { JSONBalance($0, reading.state) })
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
                balance.reserved.bitcoin, wallet.standing)
        }
        return table
    }
}

extension Wallet {
    /// Whether it can be used, and if not, why.
    var standing: String {
        if isRetired { return "retired" }
        guard !awaiting.isEmpty else { return "ready" }
        return "awaits " + awaiting.sorted().map(\.text).joined(separator: ", ")
    }
}

struct JSONBalance: Encodable {
    let wallet: String
    let standing: String
    let confirmed: JSONAmount
    let pending: JSONAmount
    let reserved: JSONAmount

    init(_ wallet: Wallet, _ state: LedgerState) {
        let balance = state.balance(of: wallet.name)
        self.wallet = wallet.name.text
        standing = wallet.standing
        confirmed = JSONAmount(balance.confirmed)
        pending = JSONAmount(balance.pending)
        reserved = JSONAmount(balance.reserved)
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
        let reading = try LedgerReading(ledger, at: moment.moment)
        let names = Set(try reading.wallets(wallet).map(\.name))
        let coins = reading.state.coins.values
            .filter { names.contains($0.owner.wallet) && $0.spent == nil }
            .sorted { ($0.owner.wallet, $0.outPoint) < ($1.owner.wallet, $1.outPoint) }
            .map { JSONCoin($0, reading.state) }
        if output.isJSON { return try reading.answer(coins) }
        reading.printMoment()
        // An outpoint and an address fill a line each: two lines say all without cutting any.
        for coin in coins {
            print(
                "\(coin.amount.btc) BTC  \(coin.wallet)  "
                    + count(coin.confirmations, "confirmation") + "  \(coin.standing)")
            print("  \(coin.outPoint)")
            print("  \(coin.address)")
        }
        print(
            coins.isEmpty ? "There are no coins." : "\(count(coins.count, "coin")).")
    }
}

struct JSONCoin: Encodable {
    let outPoint: String
    let wallet: String
    let amount: JSONAmount
    let address: String
    let confirmations: UInt64
    let standing: String
    let reservedBy: [UInt64]
    let observedAt: UInt64

    init(_ coin: Coin, _ state: LedgerState) {
        outPoint = coin.outPoint.description
        wallet = coin.owner.wallet.text
        amount = JSONAmount(coin.amount)
        address = Address(coin.script, state.founding.network)?.text ?? coin.script.hex
        confirmations = state.confirmations(of: coin)
        observedAt = coin.observedAt
        reservedBy = state.holders(of: coin.outPoint).compactMap { state.requests[$0]?.number }
            .sorted()
        if !reservedBy.isEmpty {
            standing = "reserved by request " + reservedBy.map(String.init).joined(separator: ", ")
        } else if state.isMature(coin) {
            standing = "free"
        } else if coin.height == nil {
            standing = "pending: in no block since a reorganisation"
        } else if coin.isCoinbase {
            standing = "immature: a coinbase needs 101 confirmations"
        } else {
            let depth = state.wallets[coin.owner.wallet]?.minimumDepth ?? 1
            standing = "pending: the wallet wants \(count(depth, "confirmation"))"
        }
    }
}
