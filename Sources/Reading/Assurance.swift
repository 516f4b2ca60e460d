/// How far a ledger's entries are secured: appended, checkpointed, witnessed.
public struct Assurance: Sendable, Hashable {
    /// How many entries are durable.
    public let appended: UInt64
    /// How many of them a signed checkpoint covers.
    public let checkpointed: UInt64
    /// How many of them a checkpoint covers that enough witnesses have cosigned; nil when the
    /// ledger names no witnesses.
    public let witnessed: UInt64?
    /// How many witnesses it takes; 0 when the ledger names none.
    public let needed: Int
    /// How many witnesses the policy names.
    public let of: Int

    /// Describes how far a log is secured.
    public init(
        appended: UInt64, checkpointed: UInt64, witnessed: UInt64?, needed: Int, of: Int
    ) {
        self.appended = appended
        self.checkpointed = checkpointed
        self.witnessed = witnessed
        self.needed = needed
        self.of = of
    }

    /// What can be said of the entry at `position`: the strongest of the three words.
    public func word(at position: UInt64) -> String {
        if let witnessed, position < witnessed { return "witnessed" }
        return position < checkpointed ? "checkpointed" : "appended"
    }

    /// What is known of the first `size` entries.
    public func limited(to size: UInt64) -> Assurance {
        Assurance(
            appended: min(appended, size), checkpointed: min(checkpointed, size),
            witnessed: witnessed.map { min($0, size) }, needed: needed, of: of)
    }

    /// The three figures in words.
    public var text: String {
        "\(appended) appended, \(checkpointed) checkpointed"
            + (witnessed.map { ", \($0) witnessed (by \(needed) of \(of))" } ?? "")
    }
}
