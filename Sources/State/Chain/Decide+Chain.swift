public import Bitcoin
internal import Bytes
internal import Events

extension LedgerState {
    // rules.md 12.2
    func checkObservation(
        _ fact: Observed, by member: Member, in context: Context
    ) throws(Refusal) -> Admission.Finding {
        try requireRole(.watcher, of: member, to: "record what the chain shows")
        guard fact.scripts == watchedScripts else {
            throw Refusal(
                .watchedScripts,
                "the observation was made for other watched scripts "
                    + "(\(fact.scripts.hex.prefix(16))…) than those now watched "
                    + "(\(watchedScripts.hex.prefix(16))…); scan the blocks again")
        }
        guard fact.headers.count + fact.transactions.count > 0 else {
            throw Refusal(.header, "the observation holds neither a header nor a transaction")
        }
        var update = ChainUpdate()
        try judgeHeaders(fact.headers, into: &update, clockSeconds: context.recorded / 1_000)
        try judgeTransactions(fact.transactions, into: &update, in: context)
        return .chain(update)
    }

    // rules.md 12.1
    private func judgeHeaders(
        _ headers: [[UInt8]], into update: inout ChainUpdate, clockSeconds: UInt64
    ) throws(Refusal) {
        var previous: HeaderChainState?
        for bytes in headers {
            do {
                let header = try BlockHeader.decode(bytes)
                let parent = previous ?? blocks.blocks[header.previousHash]?.chain
                guard let parent else {
                    throw Refusal(
                        .header,
                        "the header \(header.hash.reversedHex) goes on from "
                            + "\(header.previousHash.reversedHex), which is not one of the last "
                            + "\(BlockTree.reorganisationLimit) known blocks")
                }
                guard blocks.blocks[header.hash] == nil else {
                    throw Refusal(
                        .header, "the header \(header.hash.reversedHex) is known already")
                }
                let next = try parent.accept(header, clockSeconds: clockSeconds)
                update.blocks.append(BlockTree.Block(chain: next, header: header))
                previous = next
            } catch let refusal as Refusal {
                throw refusal
            } catch {
                throw Refusal(.header, "a header breaks the rules of its chain: \(error)")
            }
        }
    }

    private func judgeTransactions(
        _ transactions: [ObservedTransaction], into update: inout ChainUpdate, in context: Context
    ) throws(Refusal) {
        let added = Dictionary(uniqueKeysWithValues: update.blocks.map { ($0.chain.hash, $0) })
        var made = coinsOffTheActiveBranch
        for observed in transactions {
            guard let block = added[observed.block] ?? blocks.blocks[observed.block] else {
                throw Refusal(
                    .branch,
                    "a transaction is said to be in the block "
                        + "\(observed.block.reversedHex), which is not known")
            }
            let transaction = try judgeBranch(observed, in: block, context)
            let seen = see(transaction, made: made, at: context.position)
            let isRepeated = update.transactions.contains {
                $0.block == observed.block && $0.transaction.txid == seen.txid
            }
            let before = block.transactions.first { $0.txid == seen.txid }
            // What was watched when it was observed may not have been all that is watched now.
            let news = before.map(seen.beyond) ?? seen
            guard !isRepeated, before == nil || !news.isNothing else {
                throw Refusal(
                    .branch,
                    "the transaction \(seen.txid.reversedHex) was observed in this block "
                        + "already; again is accepted what spends or makes another coin of ours")
            }
            guard !news.isNothing else {
                throw Refusal(
                    .branch,
                    "the transaction \(seen.txid.reversedHex) neither pays nor spends a "
                        + "watched script")
            }
            made.formUnion(seen.madeOutPoints)
            update.transactions.append((observed.block, news))
        }
    }

    private func judgeBranch(
        _ observed: ObservedTransaction, in block: BlockTree.Block, _ context: Context
    ) throws(Refusal) -> Transaction {
        guard let bytes = observed.bytes.bytes(from: context.blobs) else {
            throw Refusal(.blobMissing, "the blob of an observed transaction is missing")
        }
        do {
            let transaction = try Transaction.decode(bytes)
            let branch = try MerkleBranch(index: observed.index, hashes: observed.branch)
            try branch.check(transaction, in: block.header)
            return transaction
        } catch {
            throw Refusal(
                .branch,
                "a transaction is not proven to be in the block "
                    + "\(observed.block.reversedHex): \(error)")
        }
    }

    /// Coins that blocks off the active branch make: they are not in ``coins``, and yet a later
    /// block of their branch may spend them.
    public var coinsOffTheActiveBranch: Set<OutPoint> {
        var made: Set<OutPoint> = []
        for (hash, block) in blocks.blocks where !blocks.isActive(hash) {
            for transaction in block.transactions { made.formUnion(transaction.madeOutPoints) }
        }
        return made
    }

    private func see(
        _ transaction: Transaction, made: Set<OutPoint>, at position: UInt64
    ) -> SeenTransaction {
        let spends = transaction.inputs.map(\.previousOutput)
            .filter { coins[$0] != nil || made.contains($0) }
        var makes: [SeenTransaction.MadeCoin] = []
        for (index, output) in transaction.outputs.enumerated() {
            guard let owner = scripts[output.scriptPubKey] else { continue }
            makes.append(
                SeenTransaction.MadeCoin(
                    output: UInt32(index), amount: output.amount, script: output.scriptPubKey,
                    owner: owner))
        }
        return SeenTransaction(
            txid: transaction.txid, spends: spends, makes: makes,
            isCoinbase: transaction.isCoinbase, observedAt: position)
    }
}
