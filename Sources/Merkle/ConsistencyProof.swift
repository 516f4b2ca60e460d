public import Bytes

/// A file that shows that one signed checkpoint extends another (`Schemas/proofs.md`).
///
///     strongroom-consistency/v1
///     <the RFC 9162 consistency proof, one base64 hash a line>
///
///     <the older signed checkpoint>
///
///     <the newer signed checkpoint>
public struct ConsistencyProof: Sendable, Hashable {
    /// The first line.
    public static let header = "strongroom-consistency/v1"
    /// The largest file that is read, in bytes.
    public static let maximumBytes = 4_000_000
    /// The most hashes.
    public static let maximumHashes = 64

    /// The hashes, as RFC 9162 §2.1.4 orders them.
    public let hashes: [Digest32]
    /// The smaller checkpoint, its signatures not verified.
    public let older: SignedCheckpoint
    /// The larger checkpoint, its signatures not verified.
    public let newer: SignedCheckpoint

    /// Creates a proof; nothing is checked but the number of hashes.
    public init(
        hashes: [Digest32], older: SignedCheckpoint, newer: SignedCheckpoint
    ) throws(MerkleError) {
        guard hashes.count <= Self.maximumHashes else {
            throw .proof(line: 0, reason: "\(hashes.count) hashes, at most \(Self.maximumHashes)")
        }
        self.hashes = hashes
        self.older = older
        self.newer = newer
    }

    /// Parses a proof in its only form.
    public init(parsing bytes: [UInt8]) throws(MerkleError) {
        var reader = try PairReader(bytes, header: Self.header)
        let hashes = try reader.takeHashes()
        let (older, newer) = try reader.takeCheckpoints()
        try self.init(hashes: hashes, older: older, newer: newer)
    }

    /// The proof as it is stored and sent.
    public var encodedText: String {
        "\(Self.header)\n\(HashLines.encode(hashes))\n\(older.note.encodedText)\n"
            + newer.note.encodedText
    }

    /// Checks that the log's key signed both checkpoints, and that the newer extends the older.
    public func verify(with logKey: NoteVerifierKey) throws(MerkleError) {
        let old = try older.verified(with: logKey).checkpoint
        let new = try newer.verified(with: logKey).checkpoint
        try checkConsistency(
            hashes, from: old.size, oldRoot: old.root, to: new.size, newRoot: new.root)
    }
}

/// Reads the files that hold hashes and two signed checkpoints.
struct PairReader {
    private var lines: Lines
    private var pending: ArraySlice<UInt8>?

    init(_ bytes: [UInt8], header: String) throws(MerkleError) {
        guard bytes.count <= ConsistencyProof.maximumBytes else {
            throw .proof(
                line: 0, reason: "\(bytes.count) bytes, at most \(ConsistencyProof.maximumBytes)")
        }
        lines = Lines(bytes)
        guard lines.next()?.elementsEqual(header.utf8) == true else {
            throw .proof(line: 1, reason: "it does not begin with the line \(header)")
        }
        pending = lines.next()
    }

    /// Takes the line `<name> <hash>` when it is the next one.
    mutating func takeNamedHash(_ name: String) throws(MerkleError) -> Digest32? {
        guard let line = pending, line.starts(with: "\(name) ".utf8) else { return nil }
        guard let hash = HashLines.decode(line.dropFirst(name.utf8.count + 1)) else {
            throw .proof(line: lines.number, reason: "not the base64 of 32 bytes")
        }
        pending = lines.next()
        return hash
    }

    /// Takes the hashes and the empty line after them.
    mutating func takeHashes() throws(MerkleError) -> [Digest32] {
        var hashes: [Digest32] = []
        while let line = pending, !line.isEmpty {
            guard hashes.count < ConsistencyProof.maximumHashes else {
                throw .proof(
                    line: lines.number,
                    reason: "more than \(ConsistencyProof.maximumHashes) hashes")
            }
            guard let hash = HashLines.decode(line) else {
                throw .proof(line: lines.number, reason: "not the base64 of 32 bytes")
            }
            hashes.append(hash)
            pending = lines.next()
        }
        guard pending != nil else {
            throw .proof(
                line: lines.number, reason: "no empty line parts the hashes from the checkpoints")
        }
        return hashes
    }

    /// Takes both checkpoints, which must be of one log, the smaller one first.
    mutating func takeCheckpoints() throws(MerkleError) -> (SignedCheckpoint, SignedCheckpoint) {
        let first = try takeNote()
        let second = try SignedCheckpoint(parsing: Array(lines.rest))
        let (one, two) = (first.checkpoint, second.checkpoint)
        guard one.origin.utf8.elementsEqual(two.origin.utf8) else {
            throw .proof(line: 0, reason: "the checkpoints are of two logs")
        }
        guard one.size <= two.size else {
            throw .proof(line: 0, reason: "the larger checkpoint stands first")
        }
        return (first, second)
    }

    /// Takes a note and the empty line after it: text, an empty line, signatures.
    private mutating func takeNote() throws(MerkleError) -> SignedCheckpoint {
        var bytes: [UInt8] = []
        for _ in 0..<2 {
            while let line = lines.next(), !line.isEmpty {
                bytes += line + [UInt8(ascii: "\n")]
            }
            guard lines.wasEmpty else {
                throw .proof(
                    line: lines.number, reason: "no empty line follows the first checkpoint")
            }
            bytes.append(UInt8(ascii: "\n"))
        }
        return try SignedCheckpoint(parsing: Array(bytes.dropLast()))
    }
}
