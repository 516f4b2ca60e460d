internal import Bitcoin
internal import Bytes
internal import Events

extension LedgerState {
    // rules.md 12.3
    mutating func apply(_ update: ChainUpdate, at position: UInt64) {
        for block in update.blocks { blocks.blocks[block.chain.hash] = block }
        for (hash, transaction) in update.transactions {
            blocks.blocks[hash]?.add(transaction)
            // A block that is active already gains a transaction; others are connected whole.
            if blocks.isActive(hash), let height = blocks.blocks[hash]?.chain.height {
                connect([transaction], at: UInt64(height), position)
            }
        }
        if let last = update.blocks.last?.chain, last.chainWork > blocks.tip.chainWork {
            reorganise(to: last.hash, at: position)
        }
        settle(at: position)
        // A request that a reorganisation has brought back can expire again.
        updateNextExpiry()
        updateWatchedScripts()
    }

    /// Makes the branch that ends in `tip` the active one: undoes the blocks that it leaves, newest
    /// first, and connects its own, oldest first.
    private mutating func reorganise(to tip: Digest32, at position: UInt64) {
        var branch: [Digest32] = []
        var hash = tip
        while !blocks.isActive(hash), let block = blocks.blocks[hash] {
            branch.append(hash)
            hash = block.header.previousHash
        }
        while let last = blocks.active.last, last != hash {
            blocks.active.removeLast()
            for transaction in (blocks.blocks[last]?.transactions ?? []).reversed() {
                disconnect(transaction)
            }
        }
        for hash in branch.reversed() {
            blocks.active.append(hash)
            guard let block = blocks.blocks[hash] else { continue }
            connect(block.transactions, at: UInt64(block.chain.height), position)
        }
    }

    /// Connects transactions of a block. What was observed late stands behind what spends it: so
    /// all coins are made before any is spent.
    private mutating func connect(
        _ transactions: [SeenTransaction], at height: UInt64, _ position: UInt64
    ) {
        for transaction in transactions { makeCoins(of: transaction, at: height) }
        for transaction in transactions { spendCoins(of: transaction, at: height, position) }
    }

    private mutating func makeCoins(of transaction: SeenTransaction, at height: UInt64) {
        for made in transaction.makes {
            let outPoint = OutPoint(txid: transaction.txid, index: made.output)
            if coins[outPoint] == nil {
                coins[outPoint] = Coin(
                    outPoint: outPoint, owner: made.owner, amount: made.amount,
                    script: made.script, isCoinbase: transaction.isCoinbase,
                    observedAt: transaction.observedAt)
            }
            coins[outPoint]?.height = height
            use(made.owner.chain, made.owner.index, of: made.owner.wallet)
        }
    }

    private mutating func spendCoins(
        of transaction: SeenTransaction, at height: UInt64, _ position: UInt64
    ) {
        var spent: [OutPoint] = []
        var touched: Set<Digest32> = []
        for outPoint in transaction.spends where coins[outPoint] != nil {
            spent.append(outPoint)
            coins[outPoint]?.spent = Coin.Spend(txid: transaction.txid, height: height)
            touched.formUnion(reservations[outPoint] ?? [])
        }
        for id in touched { updateMined(id) }
        // An ended request and a later one of its chain may have the very same transaction.
        let causes = touched.compactMap { requests[$0] }
            .filter { $0.transfer?.txid == transaction.txid }.sorted { $0.number < $1.number }
        let cause = causes.first { $0.isAuthorised } ?? causes.first
        if !spent.isEmpty, cause?.isAuthorised != true {
            let explanation =
                cause.map { "request \($0.number), whose it is, was \($0.standing)" }
                ?? "no request explains it"
            record(
                .unexplainedSpend, at: position,
                "the transaction \(transaction.txid.reversedHex) at height \(height) spends "
                    + spent.map(\.description).joined(separator: ", ") + ", and " + explanation)
        }
    }

    private mutating func disconnect(_ transaction: SeenTransaction) {
        for outPoint in transaction.madeOutPoints { coins[outPoint]?.height = nil }
        var touched: Set<Digest32> = []
        for outPoint in transaction.spends where coins[outPoint]?.spent?.txid == transaction.txid {
            coins[outPoint]?.spent = nil
            touched.formUnion(reservations[outPoint] ?? [])
        }
        for id in touched { updateMined(id) }
    }

    /// Derives what the chain shows of a transfer from its coins: its own transaction, or else the
    /// first that conflicts with it.
    private mutating func updateMined(_ id: Digest32) {
        guard let transfer = requests[id]?.transfer else { return }
        var mined: OpenRequest.Mined?
        for spend in transfer.outPoints.compactMap({ coins[$0]?.spent }) {
            guard spend.txid != transfer.txid else {
                mined = .confirmed(height: spend.height)
                break
            }
            if case .conflicted(let height, _) = mined, height <= spend.height { continue }
            mined = .conflicted(height: spend.height, by: spend.txid)
        }
        requests[id]?.mined = mined
    }

    /// Forgets what can no longer be undone: blocks below the limit, coins that they spend, and
    /// requests that they decide.
    // rules.md 12.4
    private mutating func settle(at position: UInt64) {
        let height = UInt64(blocks.tip.height)
        guard height > UInt64(BlockTree.reorganisationLimit) else { return }
        let lowest = height - UInt64(BlockTree.reorganisationLimit)
        let decided = requests.values.filter { $0.minedHeight.map { $0 < lowest } ?? false }
        for request in decided.sorted(by: { $0.number < $1.number }) {
            remove(request, as: request.status, at: position)
        }
        while let hash = blocks.active.first, let block = blocks.blocks[hash],
            UInt64(block.chain.height) < lowest
        {
            for outPoint in block.transactions.flatMap(\.spends) where coins[outPoint]?.spent != nil
            { coins[outPoint] = nil }
            blocks.active.removeFirst()
            blocks.blocks[hash] = nil
        }
        forgetStaleBranches()
    }

    /// Forgets branches that leave the chain below its settled part, and coins that only they made.
    private mutating func forgetStaleBranches() {
        let inactive = blocks.blocks.values.filter { !blocks.isActive($0.chain.hash) }
        for block in inactive.sorted(by: { $0.chain.height < $1.chain.height })
        where blocks.blocks[block.header.previousHash] == nil {
            blocks.blocks[block.chain.hash] = nil
            for outPoint in block.transactions.flatMap(\.madeOutPoints) { forgetUnmade(outPoint) }
        }
    }

    /// Forgets a coin that no block makes any more, unless a living transfer spends it.
    mutating func forgetUnmade(_ outPoint: OutPoint) {
        guard let coin = coins[outPoint], coin.height == nil, reservations[outPoint] == nil,
            !blocks.makes(outPoint)
        else { return }
        coins[outPoint] = nil
    }
}

extension OpenRequest {
    /// Why it does not, for an incident's description.
    fileprivate var standing: String { ending?.rawValue ?? "never authorised" }

    fileprivate var minedHeight: UInt64? {
        switch mined {
        case .confirmed(let height), .conflicted(let height, _): height
        case nil: nil
        }
    }
}
