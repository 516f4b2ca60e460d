import Terminal

/// Why a command does not do what its arguments ask for: one sentence for people, and whether the
/// command was used wrongly.
struct CommandError: UsageError, Equatable, CustomStringConvertible {
    /// What was refused, the value, and what would be accepted.
    let description: String
    let isUsage: Bool

    /// What was asked for is refused.
    static func refused(_ reason: String) -> CommandError {
        CommandError(description: reason, isUsage: false)
    }

    /// The arguments ask for what can not be.
    static func usage(_ reason: String) -> CommandError {
        CommandError(description: reason, isUsage: true)
    }
}
