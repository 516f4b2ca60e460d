public import Bytes
public import Events
public import State

/// An event on its way into a ledger that will refuse it.
public struct Offer: Sendable {
    /// The ledger as it stands before the event.
    public var ledger: MemoryLedger
    public let event: SignedEvent
}

extension MemoryLedger {
    func offer(_ event: SignedEvent) -> Offer { Offer(ledger: self, event: event) }

    func offer(_ fact: Fact, by member: MemberName) throws -> Offer {
        offer(try sign(fact, with: key(of: member)))
    }

    /// Offers a fact with a head of its own choice.
    func offer(_ fact: Fact, by member: MemberName, seen: TreeHead) throws -> Offer {
        offer(try sign(fact, with: key(of: member), seen: seen))
    }

    /// Offers a request by alice, open for a week.
    func offer(
        of request: Request, by member: MemberName = "alice", expires: UInt64? = nil
    ) throws -> Offer {
        try offer(
            .initiated(
                Initiated(
                    request: request, expires: expires ?? clock + 7 * Self.day, reference: nil)),
            by: member)
    }

    /// Why a request by alice, open for a week, is refused.
    public mutating func refusal(
        of request: Request, by member: MemberName = "alice", expires: UInt64? = nil
    ) throws -> Refusal? {
        try refusal(try offer(of: request, by: member, expires: expires).event)
    }

    /// Why a fact with a head of its own choice is refused.
    public mutating func refusal(
        _ fact: Fact, by member: MemberName, seen: TreeHead
    ) throws -> Refusal? {
        try refusal(try sign(fact, with: key(of: member), seen: seen))
    }

    /// A document of so many bytes attached to the ledger.
    public static func attached(_ bytes: Int = 40, to request: Digest32? = nil) -> Fact {
        .attached(
            Attached(
                document: BlobReference([UInt8](repeating: 7, count: bytes)), label: nil,
                request: request))
    }
}
