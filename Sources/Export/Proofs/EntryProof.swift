public import Bytes
public import Events
internal import Keys
public import Merkle

/// A `tlog-proof` of ours, which can be judged by somebody who knows the ledger's id and nothing
/// else: its extra data holds the entry, and the founding entry, which names the log's key
/// (`Schemas/proofs.md`).
public struct EntryProof: Sendable {
    /// The proof as any tool of C2SP reads it.
    public let proof: LogProof
    /// The entry that it is about.
    public let entry: [UInt8]
    /// The log's first entry; nil when the proof does not carry it.
    public let founding: [UInt8]?

    /// Makes a proof; the founding entry may be the entry itself.
    public init(
        index: UInt64, hashes: [Digest32], checkpoint: SignedCheckpoint, entry: [UInt8],
        founding: [UInt8]
    ) throws(MerkleError) {
        let extra: CBORValue = ["entry": .bytes(entry), "founding": .bytes(founding)]
        proof = try LogProof(
            index: index, hashes: hashes, checkpoint: checkpoint, extra: extra.encoded)
        self.entry = entry
        self.founding = founding
    }

    /// Takes a proof that was read; `entry` comes from elsewhere when the proof carries none.
    ///
    /// Throws when the extra data is not ours and no entry is given, or when it holds another one.
    public init(_ proof: LogProof, entry given: [UInt8]? = nil) throws(ExportedProofError) {
        self.proof = proof
        let extra = proof.extra.flatMap { Self.parsed($0) }
        guard let entry = given ?? extra?.entry else { throw .noEntry }
        if let given, let carried = extra?.entry, given != carried { throw .otherEntry }
        self.entry = entry
        founding = extra?.founding
    }

    /// The extra data of ours; nil for that of others.
    private static func parsed(_ extra: [UInt8]) -> (entry: [UInt8], founding: [UInt8])? {
        do throws(CBORError) {
            var reader = CBORReader(extra.span)
            var map = try reader.openMap()
            try reader.key("entry", in: &map)
            let entry = try reader.bytes(maximum: Entry.sizeLimit)
            try reader.key("founding", in: &map)
            let founding = try reader.bytes(maximum: Entry.sizeLimit)
            try reader.close(map)
            try reader.end()
            return (entry, founding)
        } catch { return nil }
    }

    /// The log's key and founding members, as the ledger's founding event names them, when that
    /// has the id `ledger` and its author's signature verifies.
    public func founded(_ ledger: Digest32) throws(ExportedProofError) -> FoundingFacts {
        guard let founding else { throw .noFounding }
        return try FoundingFacts(entry: founding, ledger: ledger)
    }

    /// The event in the entry, decoded for the ledger, its signature verified.
    ///
    /// - Returns: the time of recording, and the event.
    public func event(
        of ledger: Digest32
    ) throws(ExportedProofError) -> (recorded: UInt64, event: SignedEvent) {
        let decoded: (UInt64, SignedEvent)
        do throws(EventError) {
            let entry = try Entry(decoding: entry.span)
            // The first entry founds the ledger, and is signed before there is a ledger's id.
            let event = try SignedEvent(
                decoding: entry.event, ledger: proof.index == 0 ? nil : ledger)
            decoded = (entry.recorded, event)
        } catch { throw .event("\(error)") }
        let event = decoded.1
        guard PublicKey(event.author)?.isValid(event.signature, for: event.id) == true else {
            throw .signature(author: event.author.hex)
        }
        return decoded
    }
}

/// What a ledger's founding event says, authenticated by the ledger's id.
public struct FoundingFacts: Sendable {
    /// The founding event.
    public let founded: Founded
    /// The key of the log's checkpoints, by the name that they have.
    public let logKey: NoteVerifierKey

    /// Reads the founding entry; its event id must be `ledger`.
    public init(entry bytes: [UInt8], ledger: Digest32) throws(ExportedProofError) {
        let event: SignedEvent
        do throws(EventError) {
            event = try SignedEvent(
                decoding: try Entry(decoding: bytes.span).event, ledger: nil)
        } catch { throw .event("\(error)") }
        guard event.id == ledger else { throw .otherLedger(expected: ledger, found: event.id) }
        guard case .founded(let founded) = event.event.fact else {
            throw .event("the first entry founds no ledger")
        }
        guard PublicKey(event.author)?.isValid(event.signature, for: event.id) == true else {
            throw .signature(author: event.author.hex)
        }
        self.founded = founded
        do throws(MerkleError) {
            logKey = try NoteVerifierKey(
                logOf: ledger, named: founded.name.text, publicKey: founded.logKey)
        } catch { throw .event("\(error)") }
    }
}

/// Why a proof of ours shows nothing.
public enum ExportedProofError: Error, Equatable {
    /// The proof carries no entry of ours.
    case noEntry
    /// The proof carries another entry than the one given.
    case otherEntry
    /// The proof does not carry the founding entry.
    case noFounding
    /// The entry is none, or its event.
    case event(String)
    /// The founding event is another ledger's.
    case otherLedger(expected: Digest32, found: Digest32)
    /// The event's signature does not verify.
    case signature(author: String)
}

extension ExportedProofError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noEntry: "the proof carries no entry; give the entry's bytes with --entry"
        case .otherEntry: "the proof carries another entry than the one given"
        case .noFounding:
            "the proof does not carry the founding event; give the log's key with --log-key"
        case .event(let reason): "the entry can not be read: \(reason)"
        case .otherLedger(let expected, let found):
            "the founding event in the proof is of the ledger \(found.hex), not \(expected.hex)"
        case .signature(let author): "the signature of the key \(author) does not verify"
        }
    }
}
