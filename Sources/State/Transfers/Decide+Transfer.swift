public import Bitcoin
public import Bytes
public import Events
internal import Policy

extension LedgerState {
    /// The nSequence of every input: replaceable (BIP-125), without a relative lock.
    public static let inputSequence: UInt32 = 0xffff_fffd

    // rules.md 9.1
    func checkTransfer(
        _ transfer: Transfer, by initiator: MemberName, in context: Context
    ) throws(Refusal) -> FrozenTransfer {
        let wallet = try requireAcceptedWallet(transfer.wallet)
        // What people still send to a retired wallet must be able to leave it.
        guard !wallet.isRetired || transfer.change == nil else {
            throw Refusal(
                .walletRetired,
                "the wallet \(wallet.name) is retired: its coins can be sent away "
                    + "whole, but no change returns to it")
        }
        let frozen = try freeze(transfer, in: wallet, context)
        for (input, coin) in transfer.coins.enumerated() {
            try checkCoin(coin, frozen, input: input, of: wallet, in: context)
        }
        try checkOutputs(frozen, of: wallet)
        try checkFee(frozen)
        let ruling = ruling(
            on: .transfer(transfer), frozen, by: initiator, at: context.recorded)
        if let refusal = ruling?.refusal { throw Refusal(.feeCeiling, "\(refusal)") }
        try checkReplacement(frozen)
        return frozen
    }

    /// Parses a transfer that has not been recorded, without judging whether it may be.
    public func freeze(
        _ transfer: Transfer, blobs: [Digest32: [UInt8]]
    ) throws(Refusal) -> FrozenTransfer {
        try freeze(
            transfer, in: try requireWallet(transfer.wallet),
            Context(position: size, recorded: recorded, seenRoot: nil, blobs: blobs))
    }

    /// Parses a transfer and derives what it spends, without judging whether it may.
    func freeze(
        _ transfer: Transfer, in wallet: Wallet, _ context: Context
    ) throws(Refusal) -> FrozenTransfer {
        guard let bytes = transfer.transaction.bytes(from: context.blobs) else {
            throw Refusal(.blobMissing, "the blob of the transfer's transaction is missing")
        }
        let transaction: Transaction
        do {
            // rules.md 13
            transaction = try Transaction.decode(bytes, as: .stripped)
        } catch {
            throw Refusal(.transaction, "the transaction is malformed: \(error)")
        }
        return try freeze(transfer, transaction, in: wallet)
    }

    func freeze(
        _ transfer: Transfer, _ transaction: Transaction, in wallet: Wallet
    ) throws(Refusal) -> FrozenTransfer {
        try checkForm(transaction, coins: transfer.coins.count)
        var owners: [ScriptOwner] = []
        for (input, coin) in zip(transaction.inputs, transfer.coins) {
            guard let owner = scripts[Script(coin.script)], owner.wallet == wallet.name else {
                throw Refusal(
                    .unknownCoin,
                    "the coin \(input.previousOutput) is not one of the wallet "
                        + "\(wallet.name): its script \(encodeHex(coin.script)) is not watched")
            }
            owners.append(owner)
        }
        // Two weight units for the witness marker; an unsigned input has 41 bytes of four each.
        let weight =
            transaction.strippedSize * 4 + 2
            + owners.count * (wallet.descriptor.maximumInputWeight - 41 * 4)
        return FrozenTransfer(
            wallet: wallet.name, transaction: transaction, txid: transaction.txid,
            spent: transfer.coins.map {
                TransactionOutput(amount: $0.amount, scriptPubKey: Script($0.script))
            },
            owners: owners, threshold: wallet.descriptor.threshold, change: transfer.change,
            fee: transfer.fee, vsize: (weight + 3) / 4, replaces: transfer.replaces)
    }

    func derive(
        _ chain: AddressChain, _ index: UInt32, of wallet: Wallet
    ) throws(Refusal) -> DerivedOutput {
        do {
            return try wallet.descriptor.derive(chain, index)
        } catch {
            throw Refusal(
                .addressIndex,
                "address \(index) of the wallet \(wallet.name) can not be derived: "
                    + "\(error)")
        }
    }

    /// The transaction of a transfer with the derived script of each coin, ready to be signed or to
    /// verify signatures with. Costs a derivation for each input.
    public func frozenTransaction(
        of transfer: FrozenTransfer
    ) throws(Refusal) -> FrozenTransaction {
        let wallet = try requireWallet(transfer.wallet)
        var coins: [WalletCoin] = []
        for (owner, output) in zip(transfer.owners, transfer.spent) {
            coins.append(
                WalletCoin(
                    amount: output.amount,
                    output: try derive(owner.chain, owner.index, of: wallet)))
        }
        guard let frozen = FrozenTransaction(transfer.transaction, spending: coins) else {
            preconditionFailure("a frozen transfer describes every coin that it spends")
        }
        return frozen
    }

    private func checkForm(_ transaction: Transaction, coins: Int) throws(Refusal) {
        guard transaction.version == 2, transaction.lockTime == 0 else {
            throw Refusal(
                .transaction,
                "the transaction has version \(transaction.version) and nLockTime "
                    + "\(transaction.lockTime); version 2 and nLockTime 0 are accepted")
        }
        guard transaction.inputs.count == coins, coins > 0 else {
            throw Refusal(
                .transaction,
                "the transaction has \(transaction.inputs.count) inputs, but "
                    + "\(coins) coins are described")
        }
        for input in transaction.inputs {
            guard input.sequence == Self.inputSequence, input.scriptSig.bytes.isEmpty,
                input.witness.isEmpty
            else {
                throw Refusal(
                    .transaction,
                    "the input \(input.previousOutput) is not unsigned with "
                        + "nSequence 0xfffffffd")
            }
        }
        guard Set(transaction.inputs.map(\.previousOutput)).count == coins else {
            throw Refusal(.transaction, "the transaction spends one coin twice")
        }
        guard !transaction.outputs.isEmpty else {
            throw Refusal(.transaction, "the transaction pays nobody")
        }
    }

    // rules.md 9.2
    private func checkCoin(
        _ spent: SpentCoin, _ frozen: FrozenTransfer, input: Int, of wallet: Wallet,
        in context: Context
    ) throws(Refusal) {
        let outPoint = frozen.transaction.inputs[input].previousOutput
        guard let coin = coins[outPoint], coin.owner.wallet == wallet.name else {
            throw Refusal(
                .unknownCoin,
                "the wallet \(wallet.name) has no coin \(outPoint); one of its own coins is "
                    + "accepted")
        }
        guard coin.amount == spent.amount, coin.script.bytes == spent.script else {
            throw Refusal(
                .coinMismatch,
                "the coin \(outPoint) is described as \(spent.amount) to "
                    + "\(encodeHex(spent.script)), but the chain has \(coin.amount) to "
                    + coin.script.hex)
        }
        if let spend = coin.spent {
            throw Refusal(
                .coinSpent,
                "the coin \(outPoint) was spent at height \(spend.height) by "
                    + spend.txid.reversedHex)
        }
        guard isMature(coin) else {
            let depth = max(UInt64(wallet.minimumDepth), coin.isCoinbase ? 101 : 1)
            throw Refusal(
                .coinImmature,
                "the coin \(outPoint) has \(confirmations(of: coin)) confirmations; "
                    + "it needs \(depth)")
        }
        let root = frozen.replaces.flatMap { requests[$0]?.root }
        let others = holders(of: outPoint).compactMap { requests[$0] }
        if let request = others.first(where: { $0.root != root }) {
            throw Refusal(
                .coinReserved,
                "the coin \(outPoint) is reserved by request \(request.number) "
                    + "(\(request.status.rawValue))")
        }
        try checkPrevious(spent, outPoint, needed: !wallet.descriptor.isTaproot, context)
    }

    private func checkPrevious(
        _ spent: SpentCoin, _ outPoint: OutPoint, needed: Bool, _ context: Context
    ) throws(Refusal) {
        guard needed else {
            guard spent.previous == nil else {
                throw Refusal(
                    .previousTransaction,
                    "the taproot coin \(outPoint) carries its previous "
                        + "transaction; taproot signatures cover the amounts without it")
            }
            return
        }
        guard let bytes = spent.previous?.bytes(from: context.blobs),
            let previous = try? Transaction.decode(bytes), previous.txid == outPoint.txid,
            previous.outputs.indices.contains(Int(outPoint.index)),
            previous.outputs[Int(outPoint.index)].amount == spent.amount,
            previous.outputs[Int(outPoint.index)].scriptPubKey.bytes == spent.script
        else {
            throw Refusal(
                .previousTransaction,
                "the coin \(outPoint) needs the full transaction "
                    + "\(outPoint.txid.reversedHex) that made it, with this amount and script")
        }
    }

    private func checkOutputs(
        _ frozen: FrozenTransfer, of wallet: Wallet
    ) throws(Refusal) {
        for (index, output) in frozen.transaction.outputs.enumerated() {
            guard Address(output.scriptPubKey, founding.network) != nil,
                let threshold = output.scriptPubKey.dustThreshold()
            else {
                throw Refusal(
                    .transaction,
                    "output \(index) pays the script \(output.scriptPubKey.hex), "
                        + "which has no address; one with an address is accepted")
            }
            guard output.amount >= threshold else {
                throw Refusal(
                    .dust,
                    "output \(index) of \(output.amount.satoshis) satoshis is dust: nodes "
                        + "relay \(threshold.satoshis) and more for its kind of address")
            }
        }
        guard let change = frozen.change else { return }
        guard frozen.transaction.outputs.indices.contains(Int(change.output)) else {
            throw Refusal(.change, "there is no output \(change.output) that could be the change")
        }
        guard change.index == wallet.nextChange else {
            throw Refusal(
                .addressIndex,
                "change address \(change.index) of the wallet \(wallet.name) is not "
                    + "the next one; that is \(wallet.nextChange), and no index is used twice")
        }
        let expected = try derive(.change, change.index, of: wallet).scriptPubKey
        guard frozen.transaction.outputs[Int(change.output)].scriptPubKey == expected else {
            throw Refusal(
                .change,
                "the change output \(change.output) does not pay the wallet's change "
                    + "address \(change.index): its script would be \(expected.hex)")
        }
    }

    private func checkFee(_ frozen: FrozenTransfer) throws(Refusal) {
        guard let coming = Amount.sum(frozen.spent.map(\.amount)),
            let going = frozen.transaction.outputSum,
            let fee = coming.subtracting(going)
        else {
            throw Refusal(.fee, "the outputs are worth more than the coins that are spent")
        }
        guard fee == frozen.fee else {
            throw Refusal(
                .fee, "the fee is stated as \(frozen.fee), but inputs minus outputs are \(fee)")
        }
    }

    // MARK: Replacement

    /// The live transfers of the chain of replacements that a request belongs to, oldest first.
    func replacementChain(of id: Digest32?) -> [OpenRequest] {
        guard let root = id.flatMap({ requests[$0]?.root }) else { return [] }
        return requests.values.filter { $0.root == root }.sorted { $0.number < $1.number }
    }

    /// Requires that the transfer replaces the newest of its chain, that no two of the chain can
    /// confirm, as each shares a coin with every other, and that it outbids what may be broadcast.
    // rules.md 9.3
    private func checkReplacement(_ frozen: FrozenTransfer) throws(Refusal) {
        guard let id = frozen.replaces else { return }
        guard let replaced = requests[id], replaced.transfer?.wallet == frozen.wallet,
            replaced.mined == nil
        else {
            throw Refusal(
                .replacement,
                "the request to replace, \(id.hex.prefix(16))…, is not an open "
                    + "transfer of the wallet \(frozen.wallet)")
        }
        let chain = replacementChain(of: id)
        if let newest = chain.last(where: { $0.mined == nil }), newest.id != id {
            throw Refusal(
                .replacement,
                "request \(replaced.number) is being replaced by request "
                    + "\(newest.number) already; replace that one")
        }
        for request in chain {
            guard let other = request.transfer else { continue }
            guard !Set(other.outPoints).isDisjoint(with: frozen.outPoints) else {
                throw Refusal(
                    .replacement,
                    "the transfer shares no coin with request \(request.number), so "
                        + "both could confirm; spend at least one of the same coins")
            }
            // What nobody authorised and nobody can any more is in no mempool: there is nothing to
            // outbid, and who signed it alone could have paid the highest fee that is accepted.
            guard request.ending == nil || request.authorisedAt != nil else { continue }
            guard frozen.fee > other.fee else {
                throw Refusal(
                    .replacement,
                    "the fee of \(frozen.fee) must be higher than the \(other.fee) "
                        + "of request \(request.number), or nodes keep that one")
            }
        }
    }
}
