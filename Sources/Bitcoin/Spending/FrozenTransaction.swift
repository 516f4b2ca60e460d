public import Bytes
internal import Keys

/// An amount that one of our outputs holds.
public struct WalletCoin: Sendable, Hashable {
    /// How much it holds.
    public let amount: Amount
    /// The output's script and keys.
    public let output: DerivedOutput

    /// Creates a coin.
    public init(amount: Amount, output: DerivedOutput) {
        self.amount = amount
        self.output = output
    }
}

/// An unsigned transaction with all the coins that it spends: what people approve and keys sign.
///
/// Nothing in it can change any more, so every digest is fixed: SIGHASH_ALL for version 0 programs
/// (BIP-143), SIGHASH_DEFAULT without annex for taproot (BIP-341). No other type is ever used, as
/// its signatures would fit other transactions too.
public struct FrozenTransaction: Sendable {
    /// The transaction, without scriptSigs and witnesses.
    public let transaction: Transaction
    /// What each input spends.
    public let coins: [WalletCoin]
    /// The transaction's id, which signatures do not change.
    public let txid: Digest32
    private let midstate: SighashMidstate

    /// Freezes `transaction`; nil unless it has inputs, each without scriptSig and witness, and
    /// `coins` holds one coin for each.
    public init?(_ transaction: Transaction, spending coins: [WalletCoin]) {
        let spent = coins.map {
            TransactionOutput(amount: $0.amount, scriptPubKey: $0.output.scriptPubKey)
        }
        guard !transaction.inputs.isEmpty,
            transaction.inputs.allSatisfy({ $0.scriptSig.bytes.isEmpty && $0.witness.isEmpty }),
            let midstate = SighashMidstate(transaction, spending: spent)
        else { return nil }
        self.transaction = transaction
        self.coins = coins
        txid = transaction.txid
        self.midstate = midstate
    }

    /// The outputs that the inputs spend, in order.
    public var spentOutputs: [TransactionOutput] { midstate.spentOutputs }

    /// The digest that every signature of input `index` signs; nil when there is no such input.
    public func digest(input index: Int) -> Digest32? {
        guard coins.indices.contains(index) else { return nil }
        let output = coins[index].output
        switch output.spending {
        case .witnessPublicKeyHash:
            let code = Script.payToPublicKeyHash(output.keys[0].publicKey)
            return midstate.witnessV0(input: index, scriptCode: code, type: .all)
        case .witnessScript(let script):
            return midstate.witnessV0(input: index, scriptCode: script, type: .all)
        case .taprootKey:
            return midstate.taproot(input: index)
        case .taprootScript(_, let leaf, _):
            return midstate.taproot(input: index, leafHash: leaf.hash)
        }
    }
}
