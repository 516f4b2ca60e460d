public import Bytes

/// A Bitcoin transaction.
public struct Transaction: Sendable, Hashable {
    /// The version; 2 permits relative lock times (BIP-68).
    public var version: UInt32
    /// What it spends, in order.
    public var inputs: [TransactionInput]
    /// What it creates, in order.
    public var outputs: [TransactionOutput]
    /// The height or time before which it is not final.
    public var lockTime: UInt32

    /// The greatest weight of a block, and so of a transaction (BIP-141).
    public static let weightMax = 4_000_000

    /// Creates a transaction.
    public init(
        version: UInt32 = 2, inputs: [TransactionInput], outputs: [TransactionOutput],
        lockTime: UInt32 = 0
    ) {
        self.version = version
        self.inputs = inputs
        self.outputs = outputs
        self.lockTime = lockTime
    }

    /// The id, which does not cover witnesses: hash256 of the stripped encoding. Costs a pass over
    /// the transaction, so whoever needs it twice keeps it.
    public var txid: Digest32 { sha256d(encoded(.stripped)) }

    /// Whether an input carries a witness.
    public var hasWitness: Bool { inputs.contains { !$0.witness.isEmpty } }

    /// Whether this creates a block's subsidy: one input, which spends nothing.
    public var isCoinbase: Bool { inputs.count == 1 && inputs[0].previousOutput == .null }

    /// The weight: three times the stripped size plus the full size (BIP-141).
    public var weight: Int { strippedSize * 3 + size }

    /// The virtual size: a quarter of the weight, rounded up.
    public var vsize: Int { (weight + 3) / 4 }

    /// The size in bytes with witnesses.
    public var size: Int {
        guard hasWitness else { return strippedSize }
        return inputs.reduce(strippedSize + 2) { total, input in
            input.witness.reduce(total + compactSizeLength(input.witness.count)) {
                $0 + compactSizeLength($1.count) + $1.count
            }
        }
    }

    /// The size in bytes without witnesses.
    public var strippedSize: Int {
        let spent = inputs.reduce(compactSizeLength(inputs.count)) {
            $0 + 40 + compactSizeLength($1.scriptSig.bytes.count) + $1.scriptSig.bytes.count
        }
        let created = outputs.reduce(compactSizeLength(outputs.count)) {
            $0 + 8 + compactSizeLength($1.scriptPubKey.bytes.count) + $1.scriptPubKey.bytes.count
        }
        return 4 + spent + created + 4
    }

    /// The sum of all outputs, or nil over ``Amount/maximum``.
    public var outputSum: Amount? { Amount.sum(outputs.lazy.map(\.amount)) }
}
