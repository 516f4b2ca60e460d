internal import Bitcoin
package import Bytes
internal import Events
public import Keys

/// What `decide` needs beyond the state: the entry's place and time, and bytes that it may not
/// fetch.
package struct Context: Sendable {
    /// The position that the entry has or would have.
    package let position: UInt64
    /// The entry's recorded time, in milliseconds since 1970.
    package let recorded: UInt64
    /// The log's own root at the size that the event has `seen`; nil when it is not known.
    package let seenRoot: Digest32?
    /// The blobs of `Fact.evidence` and of the archived request, by SHA-256.
    package let blobs: [Digest32: [UInt8]]
    /// The request that the event names, when it has left the live state.
    package let archived: ArchivedRequest?

    /// Creates a context.
    package init(
        position: UInt64, recorded: UInt64, seenRoot: Digest32?,
        blobs: [Digest32: [UInt8]] = [:], archived: ArchivedRequest? = nil
    ) {
        self.position = position
        self.recorded = recorded
        self.seenRoot = seenRoot
        self.blobs = blobs
        self.archived = archived
    }
}

/// A request that has ended and left the live state, read again from the log.
package struct ArchivedRequest: Sendable {
    let id: Digest32
    let position: UInt64
    let initiated: Initiated

    /// Reads the request `id` from the entry that is said to have initiated it.
    ///
    /// Nil unless the entry stands behind the founding event and before `position`, that of the
    /// event which names the request, and holds the very event with this id.
    init?(
        _ id: Digest32, in entry: Span<UInt8>, at place: UInt64, before position: UInt64,
        ledger: Digest32
    ) {
        guard place > 0, place < position, let entry = try? Entry(decoding: entry),
            let event = try? SignedEvent(decoding: entry.event, ledger: ledger), event.id == id,
            case .initiated(let initiated) = event.event.fact
        else { return nil }
        self.id = id
        self.position = place
        self.initiated = initiated
    }
}

/// An admitted event: the signatures that must still verify, and what was worked out while judging,
/// so that `apply` need not work it out again.
public struct Admission: Sendable {
    /// The check of the event's own signature.
    public let envelope: SignatureCheck
    let finding: Finding

    /// The checks of signatures inside the event.
    public var checks: [SignatureCheck] {
        if case .signatures(_, let checks, _) = finding { checks } else { [] }
    }

    /// Verifies the signatures of one event, some 50 µs each; who admits many verifies all their
    /// checks in parallel instead.
    ///
    /// - Throws: the refusal that names the first signature that does not hold.
    public func verify() throws(Refusal) {
        guard envelope.isValid() else {
            throw Refusal(
                .signature,
                "the event's signature does not verify with its author's key; only "
                    + "what that key has signed is accepted")
        }
        for (index, check) in checks.enumerated() where !check.isValid() {
            throw Refusal(
                .signatureOfInput,
                "signature \(index) of the event is not one of its input's "
                    + "digest by the key that it names")
        }
    }

    /// What was worked out; indirect, since for most events it is nothing.
    indirect enum Finding: Sendable {
        case nothing
        case transfer(FrozenTransfer)
        case descriptor(Descriptor)
        /// The inputs and keys whose signatures verify, and whether the request was authorised.
        case signatures([RecordedSignature], checks: [SignatureCheck], authorised: Bool)
        case broadcast(Transaction)
        case chain(ChainUpdate)
    }
}
