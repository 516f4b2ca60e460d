import Acting
import ArgumentParser
import Auditing
import Bitcoin
import Bytes
import Events
import Foundation
import Keys
import Policy
import State
import Terminal

struct WalletCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wallet", abstract: "Create, accept, export, retire, list and show wallets.",
        subcommands: [
            Create.self, Accept.self, Export.self, Retire.self, List.self, Show.self,
        ])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Request a new wallet.",
            discussion: """
                The descriptor is given whole, or made from --kind, --threshold and one --key for \
                each holder. Each holder then accepts it (`strongroom wallet accept`) before any \
                address is shown.

                Kinds: wpkh, wsh (sortedmulti), tr (one key), tr-multi (sortedmulti_a under an \
                internal key that nobody can sign with: BIP-341's H, or with \
                --internal-key-offset H + rG, which observers of a spend can not tell from other \
                keys; r stands on record).

                Example:
                  strongroom wallet create treasury --kind wsh --threshold 2 \\
                    --key "alice=[…]tpub…/<0;1>/*" --key "bob=[…]tpub…/<0;1>/*" \\
                    --key "carol=[…]tpub…/<0;1>/*" \\
                    --quorum "2 of (alice, bob, carol)" --as alice
                """)
        @Argument(help: "The wallet's name.")
        var name: String
        @Option(help: "wpkh, wsh, tr or tr-multi.")
        var kind: String?
        @Option(
            help: ArgumentHelp("How many keys must sign: of wsh and tr-multi.", valueName: "count"))
        var threshold: Int?
        @Option(name: .customLong("key"), help: "HOLDER=KEY EXPRESSION; repeated.")
        var keys: [String] = []
        @Option(
            help: ArgumentHelp(
                "The r of an internal key H + rG: 64 hexadecimal digits or, with --kind tr-multi, "
                    + "random. Default: the key is H.", valueName: "r"))
        var internalKeyOffset: String?
        @Option(help: "A whole descriptor, instead of --kind and --key.")
        var descriptor: String?
        @Option(help: "The holders of the descriptor's keys, in order, with commas.")
        var holders: String?
        @Option(help: "Who must approve transfers.")
        var quorum: String
        @Option(help: "The highest fee of a transfer, in BTC.")
        var maxFee = "0.01"
        @Option(help: "The highest fee rate, in sat/vB.")
        var maxFeeRate: UInt64 = 500
        @Option(help: "The highest fee in percent of the amount sent; 100 does not bind.")
        var maxFeePercent: UInt64 = 10
        @Option(help: "Confirmations that a coin needs before it can be spent.")
        var depth: UInt32 = 1
        @Option(help: "Addresses that are watched beyond the highest used one.")
        var gap: UInt32 = 20
        @Flag(help: "Declare that the keys of fewer members than the quorum can spend.")
        var declareShortcut = false
        @OptionGroup var options: ActOptions
        @OptionGroup var request: RequestOptions

        func run() throws {
            try initiate(options, request) { brief in
                try checkNumbers()
                let internalKey = try internalKey()
                let (text, holders) = try spelled(internalKey)
                let parsed = try brief.descriptor(
                    text, internalKeyOffset: internalKey, holders: holders)
                let proposal = WalletProposal(
                    wallet: try Parse.wallet(name), descriptor: parsed.text,
                    internalKeyOffset: internalKey.offset, holders: holders,
                    quorum: try Parse.quorum(quorum),
                    ceilings: FeeCeilings(
                        fee: try Parse.amount(maxFee), satoshisPerVirtualByte: maxFeeRate,
                        percentOfAmount: maxFeePercent), minimumDepth: depth, gap: gap,
                    declaresShortcut: declareShortcut)
                return (
                    .createWallet(proposal), [],
                    WalletScreen.lines(proposal, parsed, brief.state)
                )
            }
        }

        private func checkNumbers() throws {
            let ceilings = 1...FeeCeilings.limit
            _ = try Parse.number(maxFeeRate, of: "--max-fee-rate", within: ceilings)
            _ = try Parse.number(maxFeePercent, of: "--max-fee-percent", within: ceilings)
            _ = try Parse.number(depth, of: "--depth", within: 1...WalletProposal.depthLimit)
            _ = try Parse.number(gap, of: "--gap", within: 1...UInt32(WalletProposal.gapLimit))
        }

        private func internalKey() throws -> UnspendableKey {
            guard let text = internalKeyOffset else { return UnspendableKey() }
            let offset =
                text == "random" && descriptor == nil
                ? randomDigest() : Digest32(hex: text)
            guard let key = offset.flatMap(UnspendableKey.init(offset:)) else {
                throw CommandError.usage(
                    "--internal-key-offset \"\(text)\": 64 hexadecimal digits, above 0 and below "
                        + "the order of secp256k1, are accepted, or with --kind tr-multi random")
            }
            return key
        }

        private func spelled(_ internalKey: UnspendableKey) throws -> (String, [MemberName]) {
            if let descriptor {
                guard kind == nil, keys.isEmpty, let holders else {
                    throw CommandError.usage(
                        "--descriptor goes with --holders, and without --kind and --key")
                }
                let names = holders.split(separator: ",").map {
                    $0.trimmingCharacters(in: .whitespaces)
                }
                return (descriptor, try names.map { try Parse.member($0) })
            }
            var holders: [MemberName] = []
            var expressions: [String] = []
            for key in keys {
                guard let equals = key.firstIndex(of: "=") else {
                    throw CommandError.usage(
                        "--key \"\(key)\": HOLDER=[origin]xpub…/<0;1>/* is accepted")
                }
                holders.append(try Parse.member(String(key[..<equals])))
                expressions.append(String(key[key.index(after: equals)...]))
            }
            guard !expressions.isEmpty else {
                throw CommandError.usage("give --descriptor, or --kind with at least one --key")
            }
            guard let form = kind.flatMap(WalletForm.init) else {
                throw CommandError.usage(
                    "--kind \(kind ?? "is missing"): wpkh, wsh, tr or tr-multi is accepted")
            }
            let text = try form.descriptor(
                of: expressions, threshold: threshold, internalKey: internalKey)
            return (text, holders)
        }
    }

    struct Accept: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Accept the full descriptor of a wallet whose key you hold.",
            discussion: """
                Examples:
                  strongroom wallet accept treasury --as alice
                  strongroom wallet accept treasury --as bob --request founding.request \\
                    --out bob.event
                """)
        @Argument(help: "The wallet's name.")
        var name: String
        @OptionGroup var options: ActOptions

        func run() throws {
            try act(options) { brief, member in
                let wallet = try brief.wallet(try Parse.wallet(name))
                return Act(
                    intention: .accept(wallet),
                    screen: WalletScreen.lines(wallet) + WalletScreen.keys(of: member, wallet),
                    question: "Accept this descriptor?",
                    done: "\(member.name) has accepted the wallet \(wallet.name)")
            }
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a wallet's descriptor with its checksum and first addresses.",
            discussion: """
                Only addresses that are watched: up to the highest used one and the gap behind it. \
                What others are paid is seen only once the gap has moved that far. Hand out new \
                ones with `strongroom address`, which moves it.

                Example: strongroom wallet export treasury --ledger /srv/treasury
                """)
        @Argument(help: "The wallet's name.")
        var name: String
        @Option(help: "How many addresses of each chain. Default: 5, or as many as are watched.")
        var addresses: UInt32?
        @Flag(help: "Print JSON.")
        var json = false
        @OptionGroup var ledger: LedgerOptions

        private static let addressesMax: UInt32 = 1_000

        func run() throws {
            let state = try ledger.read().state()
            let key = try Parse.wallet(name)
            guard let wallet = state.wallets[key] else {
                throw CommandError.refused("no wallet is called \(key)")
            }
            guard wallet.awaiting.isEmpty else {
                throw CommandError.refused(
                    "the wallet \(key) waits for the acceptance of "
                        + wallet.awaiting.sorted().map(\.text).joined(separator: ", ")
                        + "; no address is shown before")
            }
            let watched = max(wallet.watched(.receive), wallet.watched(.change))
            let printed = min(watched, Self.addressesMax)
            let addresses = self.addresses ?? min(5, printed)
            guard addresses <= printed else {
                throw CommandError.refused(
                    "--addresses \(addresses) is more than is printed of the wallet \(key), up to "
                        + "\(printed): it watches \(watched), and payments to others are not seen "
                        + "yet")
            }
            var lists: [String: [String]] = [:]
            for (name, chain) in [("receive", AddressChain.receive), ("change", .change)] {
                lists[name] = try (0..<min(addresses, wallet.watched(chain))).map { index in
                    let script = try wallet.descriptor.derive(chain, index).scriptPubKey
                    return Address(script, state.founding.network)?.text ?? script.hex
                }
            }
            if json {
                struct Row: Encodable {
                    let wallet, descriptor, quorum: String
                    let holders, receive, change: [String]
                }
                let row = Row(
                    wallet: key.text, descriptor: wallet.descriptor.text,
                    quorum: "\(wallet.quorum)", holders: wallet.holders.map(\.text),
                    receive: lists["receive"] ?? [], change: lists["change"] ?? [])
                try printJSON(row)
                return
            }
            for line in WalletScreen.lines(wallet) { print(line) }
            for name in ["receive", "change"] {
                for (index, address) in (lists[name] ?? []).enumerated() {
                    print("\(name) \(index): \(address)")
                }
            }
        }
    }

    struct Retire: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Request that a wallet be retired; it is watched for ever.",
            discussion: """
                A retired wallet hands out no address, and no change returns to it. Its coins, \
                also those that people still send to it, leave whole: `strongroom initiate NAME \
                --to ADDRESS:all`. Its quorum stays in force, so that they can.

                Example: strongroom wallet retire old --as alice
                """)
        @Argument(help: "The wallet's name.")
        var name: String
        @OptionGroup var options: ActOptions
        @OptionGroup var request: RequestOptions

        func run() throws {
            try initiate(options, request) { _ in
                (.retireWallet(try Parse.wallet(name)), [], nil)
            }
        }
    }
}
