public import Bitcoin
public import Bytes
public import Events
internal import Keys
public import State
internal import TestSigning

extension MemoryLedger {
    /// Somebody's address, which is none of ours.
    public static func payee(_ name: String = "payee") -> Script {
        .payToWitnessScriptHash(Script(Array(name.utf8)))
    }

    /// A transfer of coins that pays `amount` to `script` and, unless the fee takes it all, returns
    /// the rest to the wallet's next change address.
    public mutating func transfer(
        _ coins: [OutPoint], from wallet: WalletName, paying amount: Amount,
        to script: Script = payee(), fee: Amount = 1_000, replaces: Digest32? = nil
    ) throws -> Transfer {
        guard let live = state.wallets[wallet] else { preconditionFailure("\(wallet) exists") }
        let spent = try coins.map { try spentCoin($0, isTaproot: live.descriptor.isTaproot) }
        var outputs = [TransactionOutput(amount: amount, scriptPubKey: script)]
        var change: ChangeOutput?
        let rest = spent.reduce(0) { $0 + $1.amount.satoshis } - amount.satoshis - fee.satoshis
        if let rest = Amount(satoshis: rest), rest > .zero {
            outputs.append(
                TransactionOutput(
                    amount: rest,
                    scriptPubKey: try live.descriptor.derive(.change, live.nextChange)
                        .scriptPubKey))
            change = ChangeOutput(output: 1, index: live.nextChange)
        }
        let transaction = Transaction(
            inputs: coins.map {
                TransactionInput(previousOutput: $0, sequence: LedgerState.inputSequence)
            }, outputs: outputs)
        let (bytes, blob) = ByteString.holding(transaction.encoded(.stripped))
        keep(blob)
        return Transfer(
            wallet: wallet, transaction: bytes, coins: spent, change: change, fee: fee,
            replaces: replaces)
    }

    /// How a transfer describes a coin.
    public mutating func spentCoin(_ coin: OutPoint, isTaproot: Bool) throws -> SpentCoin {
        guard let previous = chain.transactions[coin.txid] else {
            preconditionFailure("\(coin) was mined")
        }
        let output = previous.outputs[Int(coin.index)]
        guard !isTaproot else {
            return SpentCoin(
                amount: output.amount, script: output.scriptPubKey.bytes, previous: nil)
        }
        let (bytes, blob) = ByteString.holding(previous.encoded())
        keep(blob)
        return SpentCoin(
            amount: output.amount, script: output.scriptPubKey.bytes, previous: bytes)
    }

    /// The live transfer of a request.
    public func transfer(of request: Digest32) -> FrozenTransfer {
        guard let transfer = state.requests[request]?.transfer else {
            preconditionFailure("\(request.hex) is a live transfer")
        }
        return transfer
    }

    /// Real signatures of every input of a transfer by one key of its wallet.
    public func signatures(
        of transfer: FrozenTransfer, key: Int
    ) throws -> [Signed.InputSignature] {
        guard let wallet = wallets[transfer.wallet] else {
            preconditionFailure("\(transfer.wallet) has keys")
        }
        let frozen = try state.frozenTransaction(of: transfer)
        return try frozen.coins.indices.map { input in
            let claim = try wallet.sign(frozen, input: input, key: key)
            let public_ = frozen.coins[input].output.keys[key].publicKey
            return Signed.InputSignature(
                input: UInt32(input),
                key: wallet.descriptor.isTaproot ? public_.xOnly.bytes : public_.bytes,
                signature: claim.bytes)
        }
    }

    /// Records the signatures of one key of a live transfer by a member.
    public mutating func sign(_ request: Digest32, key: Int, by member: MemberName) throws {
        let signatures = try signatures(of: transfer(of: request), key: key)
        try record(.signed(Signed(request: request, signatures: signatures)), by: member)
    }

    /// The final transaction, made of the signatures on record.
    public func finalTransaction(of request: Digest32) throws -> Transaction {
        let frozen = try state.frozenTransaction(of: transfer(of: request))
        let claims = state.requests[request]?.signatures.map(\.claim) ?? []
        return try frozen.finalized(with: try claims.map { try frozen.verify($0) })
    }

    /// Announces the final transaction and returns it.
    @discardableResult
    public mutating func broadcast(
        _ request: Digest32, by member: MemberName
    ) throws -> Transaction {
        let transaction = try finalTransaction(of: request)
        let (bytes, blob) = ByteString.holding(transaction.encoded())
        keep(blob)
        try record(.broadcast(Broadcast(request: request, transaction: bytes)), by: member)
        return transaction
    }

    /// Records the node's answer to a broadcast.
    public mutating func relay(
        _ request: Digest32, accepted: Bool = true, message: String = "", by watcher: MemberName
    ) throws {
        let txid = transfer(of: request).txid
        try record(
            .relayed(
                Relayed(request: request, txid: txid, accepted: accepted, message: message)),
            by: watcher)
    }
}
