public import Bytes
public import Events
public import Merkle
public import State

/// What an auditor keeps of a verification, so that the next one costs what is new
/// (`Schemas/kept.cddl`).
///
/// It is as trustworthy as the hands that it was in: the digest in it finds damage, not forgery.
/// One from other hands is good once an `attested` event of a known auditor names its head and
/// state.
public struct KeptResult: Sendable, Hashable {
    /// The ledger's id.
    public let ledger: Digest32
    /// The newest checkpoint that the entries bore out, when there was one.
    public let checkpoint: SignedCheckpoint?
    /// The tree's frontier at the head.
    public let frontier: CompactRange
    /// The state's deterministic encoding there.
    public let stateBytes: [UInt8]
    /// How many findings the verification had.
    public let findings: UInt64

    /// The largest file that is read, in bytes.
    public static let maximumBytes = 1 << 28
    private static let version: UInt64 = 1

    /// Keeps a state that was verified, with the tree's frontier at its size.
    public init(
        _ state: LedgerState, _ frontier: CompactRange, checkpoint: SignedCheckpoint?,
        findings: UInt64
    ) {
        ledger = state.ledger
        self.checkpoint = checkpoint
        self.frontier = frontier
        stateBytes = state.encoded
        self.findings = findings
    }

    /// The head that was verified.
    public var head: TreeHead { TreeHead(size: frontier.size, root: frontier.root) }

    /// SHA-256 of the state's encoding.
    public var stateDigest: Digest32 { sha256(stateBytes) }

    /// Whether bytes may be a kept result: they begin as its array does, and as no text can.
    public static func begins(_ bytes: [UInt8]) -> Bool { bytes.first == 0x87 }

    /// The bytes to keep.
    public var encoded: [UInt8] {
        var items: [CBORValue] = [
            .unsigned(Self.version), .digest(ledger),
            checkpoint.map { .text($0.note.encodedText) } ?? .null,
            [.unsigned(frontier.size), .array(frontier.hashes.map { .digest($0) })],
            .bytes(stateBytes), .unsigned(findings),
        ]
        items.append(.digest(sha256(CBORValue.array(items).encoded)))
        return CBORValue.array(items).encoded
    }

    /// Reads what was kept; throws ``AuditError/unreadable(_:)``.
    public init(decoding bytes: [UInt8]) throws(AuditError) {
        do {
            guard bytes.count <= Self.maximumBytes else {
                throw AuditError.unreadable(
                    "the kept result has \(bytes.count) bytes; at most \(Self.maximumBytes) are "
                        + "accepted")
            }
            var reader = CBORReader(bytes.span)
            try reader.openArray(exactly: 7)
            let version = try reader.unsigned()
            guard version == Self.version else {
                throw AuditError.unreadable(
                    "the kept result is of version \(version); this program reads version "
                        + "\(Self.version)")
            }
            ledger = try reader.digest()
            checkpoint =
                reader.takeNull()
                ? nil
                : try SignedCheckpoint(
                    parsing: Array(try reader.text(maximum: Note.maximumBytes).utf8))
            try reader.openArray(exactly: 2)
            let size = try reader.unsigned()
            var hashes: [Digest32] = []
            for _ in 0..<(try reader.openArray(maximum: 53)) { hashes.append(try reader.digest()) }
            frontier = try CompactRange(size: size, hashes: hashes)
            stateBytes = try reader.bytes()
            findings = try reader.unsigned()
            let digest = try reader.digest()
            try reader.end()
            guard Self.digest(of: bytes) == digest else {
                throw AuditError.unreadable(
                    "the kept result is damaged: its last item is not the digest of the others")
            }
        } catch let error as AuditError {
            throw error
        } catch {
            throw .unreadable("the kept result: \(error)")
        }
    }

    /// The digest of the array without its last item, whose encoding is 34 bytes.
    private static func digest(of bytes: [UInt8]) -> Digest32 {
        sha256([0x86] + bytes.dropFirst().dropLast(34))
    }

    /// Takes up the state; throws when it is not one, or is not at the head.
    public func state() throws(AuditError) -> LedgerState {
        let state: LedgerState
        do throws(CBORError) { state = try LedgerState(decoding: stateBytes) } catch {
            throw .unreadable("the kept result's state: \(error)")
        }
        guard state.size == frontier.size, state.ledger == ledger, state.encoded == stateBytes
        else {
            throw .unreadable("the kept result's state and head do not belong together")
        }
        return state
    }
}
