public import Bitcoin
public import Bytes
public import Events

/// The parsed intent of a transfer: what approvers read and signers sign.
public struct FrozenTransfer: Sendable, Equatable {
    /// The wallet whose coins are spent.
    public let wallet: WalletName
    /// The exact unsigned transaction.
    public let transaction: Transaction
    /// The transaction's id, which signatures do not change.
    public let txid: Digest32
    /// The outputs that the inputs spend, in order.
    public let spent: [TransactionOutput]
    /// Which script of the wallet each input spends, in order.
    public let owners: [ScriptOwner]
    /// How many signatures each input needs.
    public let threshold: Int
    /// Which output returns to the wallet, if one does.
    public let change: ChangeOutput?
    /// Inputs minus outputs.
    public let fee: Amount
    /// The virtual size that the signed transaction has at most.
    public let vsize: Int
    /// The request whose transaction this one replaces (BIP-125).
    public let replaces: Digest32?

    /// The coins it spends.
    public var outPoints: [OutPoint] { transaction.inputs.map(\.previousOutput) }

    /// The outputs that go to others.
    public var payments: [TransactionOutput] {
        transaction.outputs.enumerated().filter { index, _ in
            change.map { Int($0.output) != index } ?? true
        }.map(\.element)
    }

    /// What goes to others. A sum of outputs that was checked against the inputs can not overflow.
    public var sent: Amount { Amount.sum(payments.map(\.amount)) ?? .zero }

    /// What returns to the wallet.
    public var changeAmount: Amount? {
        change.map { transaction.outputs[Int($0.output)].amount }
    }

    /// The inputs that lack signatures, and how many each lacks.
    public func missingInputs(_ signatures: [RecordedSignature]) -> [Int: Int] {
        var have: [Int: Int] = [:]
        for signature in signatures { have[Int(signature.input), default: 0] += 1 }
        var missing: [Int: Int] = [:]
        for input in owners.indices {
            let lacking = threshold - have[input, default: 0]
            if lacking > 0 { missing[input] = lacking }
        }
        return missing
    }
}

/// A verified signature of one input by one key of the wallet's descriptor.
public struct RecordedSignature: Sendable, Hashable {
    /// The index of the input.
    public let input: UInt32
    /// The key's index in the descriptor.
    public let key: UInt32
    /// DER and sighash byte for version 0 scripts, 64 bytes for taproot.
    public let signature: [UInt8]

    /// The signature as Bitcoin's code names it.
    public var claim: SignatureClaim {
        SignatureClaim(input: Int(input), key: Int(key), bytes: signature)
    }
}
