public import Bitcoin
public import Events

extension DescriptorError {
    /// The error as a sentence in which equal keys are called by who holds them.
    public func sentence(holders: [MemberName]) -> String {
        guard case .duplicateKeys(let first, let second) = self,
            holders.indices.contains(first), holders.indices.contains(second)
        else { return description }
        return "key \(first), of \(holders[first]), and key \(second), of \(holders[second]), are "
            + "the same; each needs an extended key of its own"
    }
}
