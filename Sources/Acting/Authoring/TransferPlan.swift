internal import Audit
public import Bitcoin
internal import Bytes
public import Events
internal import Keys
public import State

/// A transfer as it will be requested: coins chosen, transaction built, evidence gathered.
public struct TransferPlan: Sendable {
    /// What the request will say.
    public let transfer: Transfer
    /// The blobs that the transfer stands for by digest.
    public let blobs: [[UInt8]]

    /// The most recipients of a transfer.
    public static let recipientLimit = 200

    /// Plans a transfer from a wallet's free coins.
    ///
    /// With a script for the `rest`, all of them are spent, and what the recipients and the fee
    /// leave goes there; a wallet that is retired pays in this way alone. Otherwise an exact match
    /// without change is preferred; else the fewest coins, what is over returning to the wallet's
    /// next change address. A replacement spends the coins of the request that it replaces.
    public init(
        from name: WalletName, to recipients: [TransactionOutput], rest: Script? = nil,
        at rate: FeeRate, replacing replaced: OpenRequest? = nil, in brief: Brief
    ) throws {
        let state = brief.state
        let wallet: Wallet
        do { wallet = try state.requireWallet(name) } catch {
            throw ActingError.refused(error)
        }
        guard wallet.awaiting.isEmpty else {
            throw ActingError.transfer(
                .walletAwaits(name, holders: wallet.awaiting.sorted()))
        }
        guard !wallet.isRetired || rest != nil else {
            throw ActingError.transfer(.walletRetired(name))
        }
        let count = recipients.count + (rest == nil ? 0 : 1)
        guard (1...Self.recipientLimit).contains(count) else {
            throw ActingError.transfer(.recipients(count))
        }
        // First of all: at such a rate no coin may be worth its own input, and the wallet seem
        // empty.
        let ceiling = wallet.ceilings.satoshisPerVirtualByte
        guard rate.satoshisPerKilovbyte <= ceiling * 1_000 else {
            throw ActingError.transfer(.feeRate(rate, name, ceiling: ceiling))
        }
        let coins = Self.free(wallet, replacing: replaced, state)
        let changeScript = try wallet.descriptor.derive(.change, wallet.nextChange).scriptPubKey
        let weight = wallet.descriptor.maximumInputWeight
        let candidates = coins.map {
            SelectableCoin(outPoint: $0.outPoint, amount: $0.amount, inputWeight: weight)
        }
        var outputs = recipients
        let selection: CoinSelection
        do {
            if let rest {
                let sweep = try Sweep(of: candidates, paying: recipients, rest: rest, at: rate)
                outputs.append(TransactionOutput(amount: sweep.rest, scriptPubKey: rest))
                selection = sweep.selection
            } else {
                selection = try CoinSelection(
                    from: candidates, paying: recipients,
                    change: ChangeTemplate(scriptPubKey: changeScript, inputWeight: weight),
                    at: rate)
            }
        } catch {
            throw Self.explain(error, wallet, state, paying: recipients)
        }
        let change = selection.change.map {
            TransactionOutput(amount: $0, scriptPubKey: changeScript)
        }
        try self.init(
            wallet, selection, outputs, change, replacing: replaced?.id, coins: coins, brief)
    }

    private init(
        _ wallet: Wallet, _ selection: CoinSelection, _ recipients: [TransactionOutput],
        _ change: TransactionOutput?, replacing: Digest32?, coins: [Coin], _ brief: Brief
    ) throws {
        // Sorted by amount and script (BIP-69), so that the change does not show by its place.
        let outputs = (recipients + [change].compactMap(\.self)).sorted {
            $0.amount != $1.amount
                ? $0.amount < $1.amount
                : $0.scriptPubKey.bytes.lexicographicallyPrecedes($1.scriptPubKey.bytes)
        }
        let transaction = Transaction(
            version: 2,
            inputs: selection.coins.map {
                TransactionInput(
                    previousOutput: $0.outPoint, scriptSig: Script([]),
                    sequence: LedgerState.inputSequence)
            }, outputs: outputs, lockTime: 0)
        var blobs: [[UInt8]] = []
        func hold(_ bytes: [UInt8]) -> ByteString {
            let (value, blob) = ByteString.holding(bytes)
            if let blob, !blobs.contains(blob) { blobs.append(blob) }
            return value
        }
        let known = Dictionary(uniqueKeysWithValues: coins.map { ($0.outPoint, $0) })
        var spent: [SpentCoin] = []
        for selected in selection.coins {
            guard let coin = known[selected.outPoint] else { continue }
            let previous =
                wallet.descriptor.isTaproot
                ? nil : hold(try brief.transaction(of: coin).encoded())
            spent.append(
                SpentCoin(amount: coin.amount, script: coin.script.bytes, previous: previous))
        }
        let changePlace = change.flatMap { outputs.firstIndex(of: $0) }
        transfer = Transfer(
            wallet: wallet.name, transaction: hold(transaction.encoded(.stripped)), coins: spent,
            change: changePlace.map {
                ChangeOutput(output: UInt32($0), index: wallet.nextChange)
            }, fee: selection.fee, replaces: replacing)
        self.blobs = blobs
    }

    private static func free(
        _ wallet: Wallet, replacing replaced: OpenRequest?, _ state: LedgerState
    ) -> [Coin] {
        if let replaced = replaced?.transfer {
            return replaced.outPoints.compactMap { state.coins[$0] }.filter { $0.spent == nil }
        }
        return state.coins.values.filter {
            $0.owner.wallet == wallet.name && $0.spent == nil && state.isMature($0)
                && state.holders(of: $0.outPoint).isEmpty
        }
    }

    private static func explain(
        _ refusal: SelectionRefusal, _ wallet: Wallet, _ state: LedgerState,
        paying recipients: [TransactionOutput]
    ) -> ActingError {
        guard case .insufficientFunds(let needed, let available) = refusal else {
            return .transfer(.noCoins(reason: "\(refusal)"))
        }
        let balance = state.balance(of: wallet.name)
        return .transfer(
            .funds(
                WalletFunds(
                    wallet: wallet.name, sent: Amount.sum(recipients.map(\.amount)) ?? .maximum,
                    needed: needed, available: available, reserved: balance.reserved,
                    pending: balance.pending)))
    }
}

extension Brief {
    /// Reads the transaction that made a coin from the event that observed it.
    func transaction(of coin: Coin) throws -> Transaction {
        guard let bytes = try source.entries(coin.observedAt..<coin.observedAt + 1).first,
            let event = try? SignedEvent(
                decoding: Entry(decoding: bytes.span).event, ledger: state.ledger),
            case .observed(let observed) = event.event.fact
        else {
            throw ActingError.missing(
                .previousTransaction(outPoint: "\(coin.outPoint)", position: coin.observedAt))
        }
        for candidate in observed.transactions {
            let blob = try candidate.bytes.reference.flatMap { try source.blob($0.digest) }
            guard let raw = blob ?? candidate.bytes.bytes(from: [:]),
                let transaction = try? Transaction.decode(raw),
                transaction.txid == coin.outPoint.txid
            else { continue }
            return transaction
        }
        throw ActingError.missing(
            .carriedTransaction(outPoint: "\(coin.outPoint)", position: coin.observedAt))
    }
}

extension TransferPlan {
    /// The plan as it will be judged and shown.
    ///
    /// - Throws: the refusal of the rules.
    public func frozen(in state: LedgerState) throws -> FrozenTransfer {
        var known: [Digest32: [UInt8]] = [:]
        for blob in blobs { known[sha256(blob)] = blob }
        return try state.freeze(transfer, blobs: known)
    }
}
