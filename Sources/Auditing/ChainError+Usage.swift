public import Chain
public import Terminal

extension ChainError: UsageError {
    /// Whether the node's address is none, and no node was asked.
    public var isUsage: Bool {
        if case .address = self { true } else { false }
    }
}
