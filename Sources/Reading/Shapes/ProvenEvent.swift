internal import Bytes
internal import Events
internal import Keys
internal import Ledger
internal import Merkle

/// An event with the proof that it is in the log.
public struct ProvenEvent: Encodable {
    /// The event.
    public let event: EventSummary
    /// The entry's bytes, in hexadecimal digits.
    public let entry: String
    /// The leaf's hash.
    public let leaf: String
    /// The signature, in hexadecimal digits.
    public let signature: String
    /// The tree's size.
    public let size: UInt64
    /// The tree's root.
    public let root: String
    /// The hashes from the leaf to the root.
    public let proof: [String]

    /// Proves an event in the log's tree.
    ///
    /// - Parameter size: the tree's size; nil for the log's.
    public init(_ recorded: RecordedEvent, _ reading: LedgerReading, size: UInt64?) throws {
        let (size, root, proof) = try reading.ledger.log.read { (view) throws(LedgerError) in
            let size = size ?? view.size
            return (
                size, try view.root(at: size),
                try view.inclusionProof(recorded.position, size: size)
            )
        }
        event = try EventSummary(
            recorded, reading, try reading.ledger.assurance(), withBody: true)
        entry = encodeHex(recorded.entry)
        leaf = leafHash(recorded.entry).hex
        signature = encodeHex(recorded.event.signature.bytes)
        self.size = size
        self.root = root.hex
        self.proof = proof.map(\.hex)
    }
}
