/// What a verification has not checked, and what would make it.
public enum Gap: Sendable, Equatable {
    /// The chain, which is as the watcher's key reported it; comparing it with a node closes the
    /// gap.
    case chain
    /// Anything else, as a sentence.
    case other(String)
}

extension Gap: CustomStringConvertible {
    public var description: String {
        switch self {
        case .chain:
            "the chain: its blocks are as the watcher's key reported them; give --node to rescan"
        case .other(let sentence): sentence
        }
    }
}
