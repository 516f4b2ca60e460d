internal import Bitcoin
internal import Bytes
internal import Events
internal import Keys
internal import Policy
internal import State
internal import TestSigning

extension RandomHistory {
    // MARK: Transfers

    mutating func transfer() throws {
        let state = ledger.state
        guard let wallet = pick(state.wallets.keys.sorted()) else { return }
        // Mostly coins that are there, at times ones that are spent, reserved or immature.
        let careful = chance(85)
        var coins = state.coins.values.filter {
            $0.owner.wallet == wallet && ledger.chain.transactions[$0.outPoint.txid] != nil
                && (!careful
                    || $0.spent == nil && state.isMature($0)
                        && state.holders(of: $0.outPoint).isEmpty)
        }.map(\.outPoint).sorted()
        var replaces: Digest32?
        if chance(35) {
            let live = state.requests.values.filter { $0.transfer?.wallet == wallet }
            if let old = pick(live.sorted { $0.number < $1.number }) {
                replaces = old.id
                let shared = old.transfer?.outPoints ?? []
                coins = shared + coins.filter { !shared.contains($0) }
            }
        }
        let count = Int.random(in: 1...2, using: &generator)
        if replaces == nil { coins.shuffle(using: &generator) }
        let chosen = Array(coins.prefix(count))
        let total = chosen.reduce(UInt64(0)) { $0 + (state.coins[$1]?.amount.satoshis ?? 0) }
        guard total > 20_000,
            let fee = Amount(satoshis: UInt64.random(in: 500...9_000, using: &generator)),
            let amount = Amount(satoshis: UInt64.random(in: 200...10_000, using: &generator))
        else { return }
        let transfer = try ledger.transfer(
            chosen, from: wallet, paying: amount, fee: fee, replaces: replaces)
        let days = UInt64.random(in: 1...31, using: &generator)
        let fact = Initiated(
            request: .transfer(transfer), expires: ledger.clock + days * MemoryLedger.day,
            reference: nil)
        let holders = state.wallets[wallet]?.holders ?? []
        guard
            let id = try offer(
                .initiated(fact), by: chance(80) ? pick(holders) ?? "olga" : randomMember())
        else { return }
        transfers[id] = ledger.state.requests[id]?.transfer
    }

    mutating func approve() throws {
        let open = ledger.state.requests.values.filter { $0.authorisedAt == nil }
        let newest = open.sorted { $0.number > $1.number }.prefix(4).map(\.id)
        guard let id = chance(85) ? pick(newest) : randomRequest() else { return }
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let rule = ledger.state.requests[id].flatMap {
                ledger.state.ruling(on: $0)?.quorum
            }
            let approvers = rule?.approvers(in: ledger.state.roster).sorted() ?? []
            let member = chance(85) ? pick(approvers) : nil
            try offer(.approved(Approved(request: id)), by: member ?? randomMember())
        }
    }

    mutating func abort() throws {
        guard let id = randomRequest(), chance(50) else { return }
        try offer(.aborted(Aborted(request: id, reason: nil)), by: randomMember())
    }

    mutating func sign() throws {
        let authorised = ledger.state.requests.values.filter { $0.authorisedAt != nil }
        let wanted = chance(90) ? pick(authorised.sorted { $0.number < $1.number })?.id : nil
        guard let id = wanted ?? randomRequest(), let transfer = transfers[id] else { return }
        let count = ledger.state.wallets[transfer.wallet]?.descriptor.keys.count ?? 1
        for drawn in [
            Int.random(in: 0..<max(count, 3), using: &generator),
            Int.random(in: 0..<max(count, 3), using: &generator),
        ] {
            let key = drawn % count
            var signatures = try ledger.signatures(of: transfer, key: key)
            if chance(5) { signatures.removeLast() }
            if chance(4), let other = pick(transfers.keys.sorted()), let wrong = transfers[other] {
                let others = ledger.state.wallets[wrong.wallet]?.descriptor.keys.count ?? 1
                signatures = try ledger.signatures(of: wrong, key: drawn % others)
            }
            try offer(
                .signed(Signed(request: id, signatures: signatures)), by: randomMember())
        }
    }

    mutating func broadcast() throws {
        let signed = ledger.state.requests.values.filter {
            $0.transfer != nil && ($0.status == .signed || chance(4))
        }
        guard let request = pick(signed.sorted { $0.number < $1.number }) else {
            guard let id = randomRequest() else { return }
            try offer(.exported(Exported(request: id, psbt: .zero)), by: randomMember())
            return
        }
        let frozen = try ledger.state.frozenTransaction(of: ledger.transfer(of: request.id))
        let claims = request.signatures.compactMap { try? frozen.verify($0.claim) }
        let final = (try? frozen.finalized(with: claims)) ?? frozen.transaction
        let fact = Broadcast(request: request.id, transaction: .inline(final.encoded()))
        if try offer(.broadcast(fact), by: chance(70) ? "olga" : randomMember()) != nil {
            mempool.append(final)
        }
    }

    mutating func relay() throws {
        guard let id = randomRequest(), let txid = transfers[id]?.txid else { return }
        try offer(
            .relayed(Relayed(request: id, txid: txid, accepted: chance(80), message: "")),
            by: chance(70) ? "walt" : randomMember())
    }

    // MARK: The chain

    mutating func mine() throws {
        var spent = spentOnBranch()
        var included: [Transaction] = []
        func include(_ transaction: Transaction) {
            let coins = transaction.inputs.map(\.previousOutput)
            guard coins.allSatisfy({ !spent.contains($0) }) else { return }
            spent.formUnion(coins)
            included.append(transaction)
        }
        if chance(85) {
            for transaction in mempool.shuffled(using: &generator) { include(transaction) }
        }
        // Somebody who has enough keys spends a coin without asking.
        if chance(5), let coin = pick(ledger.state.coins.keys.sorted()) {
            include(
                Transaction(
                    inputs: [TransactionInput(previousOutput: coin, sequence: .max)],
                    outputs: [
                        TransactionOutput(
                            amount: 10_000, scriptPubKey: MemoryLedger.payee("thief"))
                    ]))
        }
        if chance(40), let wallet = pick(ledger.state.wallets.keys.sorted()) {
            let next = ledger.state.wallets[wallet]?.nextReceive ?? 0
            // Ten in a row reach beyond the gap.
            let amounts: [Amount] =
                chance(15) ? [Amount](repeating: 9_000, count: 10) : [60_000]
            include(try ledger.funding(wallet, amounts, from: next > 2 ? next - 2 : next))
        }
        ledger.chain.mine(included)
        try watch()
    }

    /// Goes back a few blocks and mines a longer branch, with some of what was undone.
    mutating func reorganise() throws {
        let depth = UInt32.random(in: 1...3, using: &generator)
        guard ledger.chain.height > depth + 1 else { return }
        let old = ledger.chain.tip
        let undone = ledger.chain.branch {
            [fork = ledger.chain.hash(at: ledger.chain.height - depth)] in
            $0 == fork
        }.flatMap { $0.transactions.dropFirst() }
        ledger.chain.rewind(to: ledger.chain.hash(at: ledger.chain.height - depth))
        let isLonger = chance(80)
        for block in 0..<depth + (isLonger ? 1 : 0) {
            let returning = block == 0 ? undone.filter { _ in chance(50) } : []
            // What spends an output that is not back can not be back itself.
            let known = Set(returning.map(\.txid)).union(idsOnBranch())
            ledger.chain.mine(
                returning.filter { transaction in
                    transaction.inputs.allSatisfy {
                        ledger.chain.transactions[$0.previousOutput.txid] == nil
                            || known.contains($0.previousOutput.txid)
                    }
                })
        }
        try watch()
        if ledger.state.blocks.tip.hash != ledger.chain.tip { ledger.chain.rewind(to: old) }
    }

    private mutating func watch() throws {
        let watchers = ledger.state.roster.holders(of: .watcher)
        guard let watcher = watchers.sorted().first else { return }
        while ledger.state.blocks.blocks[ledger.chain.tip] == nil {
            var observed = try ledger.observation()
            if chance(15) {
                let kept = observed.transactions.filter { _ in chance(50) }
                observed = Observed(
                    headers: observed.headers, scripts: observed.scripts, transactions: kept)
            }
            guard try offer(.observed(observed), by: watcher) != nil else { return }
        }
        guard chance(60) else { return }
        while let late = try ledger.omission() {
            guard try offer(.observed(late), by: watcher) != nil else { return }
        }
    }

    private func blocksOfBranch() -> [MemoryChain.Block] {
        ledger.chain.branch { $0 == MemoryChain.genesis }
    }

    private func idsOnBranch() -> Set<Digest32> {
        Set(blocksOfBranch().flatMap(\.transactions).map(\.txid))
    }

    /// What the branch spends, and what does not exist on it although it does elsewhere.
    private func spentOnBranch() -> Set<OutPoint> {
        let branch = blocksOfBranch().flatMap(\.transactions)
        var spent = Set(branch.flatMap { $0.inputs.map(\.previousOutput) })
        let ids = Set(branch.map(\.txid))
        for (txid, transaction) in ledger.chain.transactions where !ids.contains(txid) {
            for index in transaction.outputs.indices {
                spent.insert(OutPoint(txid: txid, index: UInt32(index)))
            }
        }
        return spent
    }
}
