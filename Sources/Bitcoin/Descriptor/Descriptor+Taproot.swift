extension Descriptor {
    /// Whether the outputs are P2TR: their signatures cover all amounts, so that spending them does
    /// not take the transactions that made them.
    public var isTaproot: Bool {
        switch kind {
        case .taprootKey, .taprootMultisig: true
        case .witnessPublicKeyHash, .witnessMultisig: false
        }
    }
}
