internal import Bitcoin
internal import Bytes
internal import Events
internal import State

extension Provocation {
    static let execution: [Refusal.Rule: Provocation] = [
        .signatureOfInput: Provocation(naming: "signature 0 of the event") {
            var (ledger, coins) = try Treasury.stagedFunds(100_000, 100_000)
            let id = try ledger.sendAuthorised([coins[0]], paying: 50_000)
            let other = try ledger.sendAuthorised([coins[1]], paying: 50_000)
            let signatures = try ledger.signatures(of: ledger.transfer(of: other), key: 0)
            let mixed = Signed.InputSignature(
                input: 0,
                key: try ledger.signatures(of: ledger.transfer(of: id), key: 0)[0].key,
                signature: signatures[0].signature)
            return try ledger.offer(
                .signed(Signed(request: id, signatures: [mixed])), by: "alice")
        },
        .finalTransaction: Provocation(naming: "1 signatures that are on record", "needs 2") {
            var (ledger, coins) = try Treasury.stagedFunds(100_000)
            let id = try ledger.sendAuthorised(coins, paying: 50_000)
            try ledger.sign(id, key: 0, by: "alice")
            var signed = ledger
            try signed.sign(id, key: 1, by: "bob")
            let transaction = ByteString.inline(try signed.finalTransaction(of: id).encoded())
            return try ledger.offer(
                .broadcast(Broadcast(request: id, transaction: transaction)), by: "olga")
        },
        .notBroadcast: Provocation(naming: "request 2 has not been broadcast") {
            var (ledger, coins) = try Treasury.stagedFunds(100_000)
            let id = try ledger.sendAuthorised(coins, paying: 50_000)
            let txid = ledger.transfer(of: id).txid
            return try ledger.offer(
                .relayed(Relayed(request: id, txid: txid, accepted: true, message: "")),
                by: "walt")
        },
        .header: Provocation(naming: "goes on from", "not one of the last 288 known blocks") {
            var ledger = try Treasury.staged()
            ledger.chain.mine()
            ledger.chain.mine()
            let observed = try ledger.observation()
            return try ledger.offer(
                .observed(
                    Observed(
                        headers: [observed.headers[1]], scripts: observed.scripts,
                        transactions: [])), by: "walt")
        },
        .watchedScripts: Provocation(naming: "00000000", "now watched") {
            var ledger = try Treasury.staged()
            ledger.chain.mine()
            let observed = try ledger.observation()
            return try ledger.offer(
                .observed(
                    Observed(headers: observed.headers, scripts: .zero, transactions: [])),
                by: "walt")
        },
        .branch: Provocation(naming: "not proven to be in the block") {
            var (ledger, _) = try Treasury.stagedFunds(100_000)
            ledger.chain.mine([try ledger.funding("main", [70_000], from: 1)])
            let observed = try ledger.observation()
            let real = observed.transactions[0]
            let moved = ObservedTransaction(
                block: real.block, index: 0, branch: real.branch, bytes: real.bytes)
            return try ledger.offer(
                .observed(
                    Observed(
                        headers: observed.headers, scripts: observed.scripts,
                        transactions: [moved])), by: "walt")
        },
        .attestation: Provocation(naming: "attested head 3", "seen, 7") {
            var ledger = try Treasury.staged()
            guard let old = ledger.head(at: 3) else { return nil }
            return try ledger.offer(
                .attested(Attested(head: old, state: .zero, findings: 0)), by: "audrey")
        },
    ]
}
