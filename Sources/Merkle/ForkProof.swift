public import Bytes

/// A file that shows that a log has signed two histories that exclude each other
/// (`Schemas/proofs.md`).
///
///     strongroom-fork/v1
///     prefix <base64 root; only when the sizes differ>
///     <a consistency proof, one base64 hash a line; only then>
///
///     <the smaller signed checkpoint>
///
///     <the larger signed checkpoint>
///
/// Of one size, two roots contradict each other as they are. Of two sizes, the proof shows that the
/// larger tree began with the root `prefix`, which is not the one that the log signed at that size.
public struct ForkProof: Sendable, Hashable {
    /// The first line.
    public static let header = "strongroom-fork/v1"

    /// The root that the larger tree had at the smaller one's size; nil when the sizes are equal.
    public let prefix: Digest32?
    /// The proof that the larger tree extends ``prefix``.
    public let hashes: [Digest32]
    /// The smaller checkpoint; of equal sizes, the one with the lower root.
    public let smaller: SignedCheckpoint
    /// The larger checkpoint.
    public let larger: SignedCheckpoint

    /// Creates the proof of two checkpoints of one size.
    public init(_ one: SignedCheckpoint, _ two: SignedCheckpoint) throws(MerkleError) {
        let isOrdered = one.checkpoint.root < two.checkpoint.root
        try self.init(
            prefix: nil, hashes: [], smaller: isOrdered ? one : two, larger: isOrdered ? two : one)
    }

    /// Creates the proof of two checkpoints of different sizes.
    public init(
        smaller: SignedCheckpoint, larger: SignedCheckpoint, prefix: Digest32, hashes: [Digest32]
    ) throws(MerkleError) {
        try self.init(prefix: prefix, hashes: hashes, smaller: smaller, larger: larger)
    }

    private init(
        prefix: Digest32?, hashes: [Digest32], smaller: SignedCheckpoint, larger: SignedCheckpoint
    ) throws(MerkleError) {
        self.prefix = prefix
        self.hashes = hashes
        self.smaller = smaller
        self.larger = larger
        try requireContradiction()
    }

    /// Parses a proof in its only form, and refuses one that shows no contradiction.
    public init(parsing bytes: [UInt8]) throws(MerkleError) {
        var reader = try PairReader(bytes, header: Self.header)
        let prefix = try reader.takeNamedHash("prefix")
        let hashes = try reader.takeHashes()
        let (smaller, larger) = try reader.takeCheckpoints()
        try self.init(prefix: prefix, hashes: hashes, smaller: smaller, larger: larger)
    }

    /// The proof as it is stored and sent.
    public var encodedText: String {
        var text = Self.header + "\n"
        if let prefix { text += "prefix \(encodeBase64(prefix.array))\n" }
        return text + HashLines.encode(hashes) + "\n" + smaller.note.encodedText + "\n"
            + larger.note.encodedText
    }

    /// Checks that the log's key signed both checkpoints; that they contradict each other was
    /// checked when the proof was made.
    public func verify(with logKey: NoteVerifierKey) throws(MerkleError) {
        _ = try smaller.verified(with: logKey)
        _ = try larger.verified(with: logKey)
    }

    private func requireContradiction() throws(MerkleError) {
        let (one, two) = (smaller.checkpoint, larger.checkpoint)
        guard one.origin.utf8.elementsEqual(two.origin.utf8) else {
            throw .proof(line: 0, reason: "the checkpoints are of two logs")
        }
        if one.size == two.size {
            guard prefix == nil, hashes.isEmpty else {
                throw .proof(line: 2, reason: "checkpoints of one size need no further proof")
            }
            guard one.root < two.root else {
                throw .proof(line: 0, reason: "the lower root does not stand first")
            }
            return
        }
        guard let prefix else {
            throw .proof(line: 2, reason: "the root of the larger tree's beginning is missing")
        }
        guard prefix != one.root else {
            throw .proof(line: 2, reason: "the larger tree began as the smaller one: no fork")
        }
        try checkConsistency(
            hashes, from: one.size, oldRoot: prefix, to: two.size, newRoot: two.root)
    }
}
