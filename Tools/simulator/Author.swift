internal import Acting
internal import Bytes
internal import Events
internal import Keys
internal import Merkle
internal import TestSigning

/// A member with his key, his clock, and what his key file remembers.
struct Author {
    let name: MemberName
    let key: TestKey
    /// By how much his clock is wrong, in milliseconds.
    let skew: Int64
    /// The number of his next event.
    var next: UInt64
    /// The newest head that he has seen.
    var seen: TreeHead
    /// Signed and not yet answered, oldest first: sent again until they are.
    var pending: [Submission] = []

    /// Signs a fact with the next number, unless told another.
    func sign(
        _ fact: Fact, at time: UInt64, ledger: Digest32, number: UInt64? = nil,
        seen other: TreeHead? = nil
    ) throws -> SignedEvent {
        try SignedEvent(
            Event(time: time, sequence: number ?? next, seen: other ?? seen, fact: fact),
            by: key.publicKey.key.id, ledger: ledger
        ) { try key.ecdsa($0) }
    }
}
