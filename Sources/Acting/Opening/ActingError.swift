/// Why a command could not do what it was asked: one sentence for people, and whose move is next.
public struct ActingError: Error, Equatable, CustomStringConvertible {
    /// What was refused, the value, and what would be accepted.
    public let description: String
    /// Whether the command was used wrongly, rather than refused.
    public let isUsage: Bool

    /// The ledger, a file or the node refuses.
    public static func refused(_ reason: String) -> ActingError {
        ActingError(description: reason, isUsage: false)
    }

    /// The command line asks for what can not be.
    public static func usage(_ reason: String) -> ActingError {
        ActingError(description: reason, isUsage: true)
    }
}
