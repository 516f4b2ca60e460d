internal import Bitcoin
internal import Bytes
public import Events
internal import State
public import TestSigning

extension Provocation {
    static let wallets: [Refusal.Rule: Provocation] = [
        .unknownWallet: Provocation(naming: "called cold", "there are: main") {
            var (ledger, _) = try Treasury.stagedFunds(100_000)
            return try ledger.offer(.issued(Issued(wallet: "cold", index: 0)), by: "olga")
        },
        .walletNotReady: Provocation(naming: "wallet cold", "alice, bob, carol must accept") {
            var ledger = try Treasury.staged()
            try ledger.carry(.createWallet(try proposal()), by: "alice", "bob")
            return try ledger.offer(.issued(Issued(wallet: "cold", index: 0)), by: "olga")
        },
        .walletRetired: Provocation(naming: "wallet main is retired", "sent away whole") {
            var (ledger, coins) = try Treasury.stagedFunds(100_000)
            try ledger.carry(.retireWallet("main"), by: "alice", "bob")
            let transfer = try ledger.transfer(coins, from: "main", paying: 50_000)
            return try ledger.offer(of: .transfer(transfer))
        },
        .descriptor: Provocation(naming: "descriptor is refused", "the checksum is") {
            var ledger = try Treasury.staged()
            return try ledger.offer(of: .createWallet(try proposal { "sh\($0)" }))
        },
        .holders: Provocation(naming: "3 keys", "2 holders") {
            var ledger = try Treasury.staged()
            return try ledger.offer(
                of: .createWallet(try proposal(holders: ["alice", "bob"])))
        },
        .shortcut: Provocation(naming: "2 members", "needs 3", "declare the shortcut") {
            var ledger = try Treasury.staged()
            return try ledger.offer(
                of: .createWallet(try proposal(quorum: "3 of (alice, bob, carol)")))
        },
        .addressIndex: Provocation(naming: "address 3", "that is 1") {
            var (ledger, _) = try Treasury.stagedFunds(100_000)
            return try ledger.offer(.issued(Issued(wallet: "main", index: 3)), by: "olga")
        },
    ]

    /// A 2-of-3 wallet called cold.
    public static func proposal(
        holders: [MemberName] = Treasury.holders, quorum: Quorum = Treasury.quorum,
        text: (String) -> String = { $0 }
    ) throws -> WalletProposal {
        let proposal = MemoryLedger.proposal(
            "cold", try coldWallet(), holders: holders, quorum: quorum)
        return WalletProposal(
            wallet: "cold", descriptor: text(proposal.descriptor), holders: holders,
            quorum: quorum, ceilings: proposal.ceilings, declaresShortcut: false)
    }

    public static func coldWallet() throws -> TestWallet {
        try TestWallet(.witnessMultisig(.sorted), threshold: 2, of: 3, seed: "cold")
    }

    static let coins: [Refusal.Rule: Provocation] = [
        .transaction: Provocation(naming: "version 1", "version 2") {
            try altered { try $0.with(transaction: { $0.version = 1 }) }
        },
        .unknownCoin: Provocation(naming: "has no coin", ":5", "wallet main") {
            try altered {
                try $0.with(transaction: {
                    let txid = $0.inputs[0].previousOutput.txid
                    $0.inputs[0].previousOutput = OutPoint(txid: txid, index: 5)
                })
            }
        },
        .coinSpent: Provocation(naming: "spent at height 2") {
            var (ledger, coins) = try Treasury.stagedFunds(100_000)
            let (_, transaction) = try ledger.sendBroadcast(coins, paying: 50_000)
            try ledger.mine([transaction], watchedBy: "walt")
            let again = try ledger.transfer(coins, from: "main", paying: 60_000)
            return try ledger.offer(of: .transfer(again))
        },
        .coinReserved: Provocation(naming: "reserved by request 2 (initiated)") {
            var (ledger, coins) = try Treasury.stagedFunds(100_000)
            _ = try ledger.send(coins, paying: 50_000)
            let again = try ledger.transfer(coins, from: "main", paying: 60_000)
            return try ledger.offer(of: .transfer(again))
        },
        .coinImmature: Provocation(naming: "1 confirmations", "needs 3") {
            var (ledger, coins) = try Treasury.stagedFunds(100_000, minimumDepth: 3)
            let transfer = try ledger.transfer(coins, from: "main", paying: 50_000)
            return try ledger.offer(of: .transfer(transfer))
        },
        .coinMismatch: Provocation(naming: "0.00100001 BTC", "0.00100000 BTC") {
            try altered {
                let coin = $0.coins[0]
                return try $0.with(coins: [
                    SpentCoin(amount: 100_001, script: coin.script, previous: coin.previous)
                ])
            }
        },
        .previousTransaction: Provocation(naming: "needs the full transaction") {
            try altered {
                let coin = $0.coins[0]
                return try $0.with(coins: [
                    SpentCoin(amount: coin.amount, script: coin.script, previous: nil)
                ])
            }
        },
        .dust: Provocation(naming: "329 satoshis", "330 and more") {
            try altered { try $0.with(transaction: { $0.outputs[0].amount = 329 }) }
        },
        .change: Provocation(naming: "output 0 does not pay", "would be 0020") {
            try altered { try $0.with(change: ChangeOutput(output: 0, index: 0)) }
        },
        .fee: Provocation(naming: "0.00000999 BTC", "0.00001000 BTC") {
            try altered { try $0.with(fee: 999) }
        },
        .feeCeiling: Provocation(naming: "0.01000001 BTC", "0.01000000 BTC") {
            var (ledger, coins) = try Treasury.stagedFunds(10_000_000)
            let transfer = try ledger.transfer(
                coins, from: "main", paying: 5_000_000, fee: 1_000_001)
            return try ledger.offer(of: .transfer(transfer))
        },
        .replacement: Provocation(naming: "0.00001000 BTC must be higher", "request 2") {
            var (ledger, coins) = try Treasury.stagedFunds(100_000)
            let id = try ledger.send(coins, paying: 50_000)
            let again = try ledger.transfer(coins, from: "main", paying: 40_000, replaces: id)
            return try ledger.offer(of: .transfer(again))
        },
    ]

    /// Why a transfer of 50,000 of 100,000 satoshis is refused once it is altered.
    private static func altered(
        _ change: (Transfer) throws -> Transfer
    ) throws -> Offer? {
        var (ledger, coins) = try Treasury.stagedFunds(100_000)
        let transfer = try ledger.transfer(coins, from: "main", paying: 50_000)
        return try ledger.offer(of: .transfer(try change(transfer)))
    }
}
