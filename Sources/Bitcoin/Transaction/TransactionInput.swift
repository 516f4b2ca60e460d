/// What a transaction spends, and with what satisfaction.
public struct TransactionInput: Sendable, Hashable {
    /// The output that is spent.
    public var previousOutput: OutPoint
    /// The satisfaction of scripts from before segwit; empty for native segwit.
    public var scriptSig: Script
    /// Relative lock time and replaceability (BIP-68, BIP-125).
    public var sequence: UInt32
    /// The stack that satisfies a witness program (BIP-141), bottom first.
    public var witness: [[UInt8]]

    /// Creates an input; by default without any satisfaction.
    public init(
        previousOutput: OutPoint, scriptSig: Script = Script([]), sequence: UInt32,
        witness: [[UInt8]] = []
    ) {
        self.previousOutput = previousOutput
        self.scriptSig = scriptSig
        self.sequence = sequence
        self.witness = witness
    }
}
