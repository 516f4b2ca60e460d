public import Bytes

/// A proof in one file that an entry stands in a log (C2SP tlog-proof): the entry's index, the way
/// from its leaf to the root, and the signed checkpoint that holds the root.
///
///     c2sp.org/tlog-proof@v1
///     extra <base64, when there is any>
///     index <decimal>
///     <the inclusion proof, one base64 hash a line, from the leaf's sibling up>
///
///     <the signed checkpoint as it was issued>
///
/// Nothing in it is verified by reading it, and ``extra`` is never authenticated by it.
public struct LogProof: Sendable, Hashable {
    /// The largest file that is read, in bytes.
    public static let maximumBytes = 4_000_000
    /// The most bytes of ``extra``.
    public static let maximumExtraBytes = 1 << 20
    /// The most hashes.
    public static let maximumHashes = 64

    private static let header = "c2sp.org/tlog-proof@v1"

    /// Bytes of the application's own choice; ours is the entry itself, so that the file can be
    /// read without the log.
    public let extra: [UInt8]?
    /// The entry's place in the log, from 0.
    public let index: UInt64
    /// The inclusion proof, from the leaf's sibling up.
    public let hashes: [Digest32]
    /// The checkpoint, its signatures not verified.
    public let checkpoint: SignedCheckpoint

    /// Creates a proof; throws when a limit is exceeded, or ``extra`` is there and empty.
    public init(
        index: UInt64, hashes: [Digest32], checkpoint: SignedCheckpoint, extra: [UInt8]? = nil
    ) throws(MerkleError) {
        guard index < maximumTreeSize else {
            throw .range(value: index, limit: maximumTreeSize)
        }
        guard hashes.count <= Self.maximumHashes else {
            throw .proof(
                line: 0, reason: "\(hashes.count) hashes, at most \(Self.maximumHashes)")
        }
        if let extra, !(1...Self.maximumExtraBytes).contains(extra.count) {
            throw .proof(
                line: 2,
                reason: "\(extra.count) extra bytes, 1 to \(Self.maximumExtraBytes) are possible")
        }
        self.index = index
        self.hashes = hashes
        self.checkpoint = checkpoint
        self.extra = extra
    }

    /// Parses a proof in its only form; throws ``MerkleError/proof(line:reason:)``, or what is
    /// wrong with the checkpoint.
    public init(parsing bytes: [UInt8]) throws(MerkleError) {
        guard bytes.count <= Self.maximumBytes else {
            throw .proof(line: 0, reason: "\(bytes.count) bytes, at most \(Self.maximumBytes)")
        }
        var lines = Lines(bytes)
        guard lines.next()?.elementsEqual(Self.header.utf8) == true else {
            throw .proof(line: 1, reason: "it does not begin with the line \(Self.header)")
        }
        var line = lines.next()
        var extra: [UInt8]?
        if let text = line, text.starts(with: "extra ".utf8) {
            extra = try Self.parsedExtra(text.dropFirst(6))
            line = lines.next()
        }
        guard let line, line.starts(with: "index ".utf8),
            let index = parsedDecimal(line.dropFirst(6), maximum: maximumTreeSize - 1)
        else {
            throw .proof(
                line: lines.number, reason: "expected is index and a decimal number below 2^53")
        }
        var hashes: [Digest32] = []
        while let line = lines.next(), !line.isEmpty {
            guard hashes.count < Self.maximumHashes else {
                throw .proof(
                    line: lines.number, reason: "more than \(Self.maximumHashes) hashes")
            }
            guard let hash = HashLines.decode(line) else {
                throw .proof(line: lines.number, reason: "not the base64 of 32 bytes")
            }
            hashes.append(hash)
        }
        guard lines.wasEmpty else {
            throw .proof(
                line: lines.number, reason: "no empty line parts the hashes from the checkpoint")
        }
        let checkpoint = try SignedCheckpoint(parsing: Array(lines.rest))
        try self.init(index: index, hashes: hashes, checkpoint: checkpoint, extra: extra)
    }

    private static func parsedExtra(_ text: ArraySlice<UInt8>) throws(MerkleError) -> [UInt8] {
        guard text.count <= (maximumExtraBytes + 2) / 3 * 4 else {
            throw .proof(line: 2, reason: "more than \(maximumExtraBytes) extra bytes")
        }
        guard let extra = decodeBase64(String(decoding: text, as: UTF8.self)), !extra.isEmpty else {
            throw .proof(line: 2, reason: "the extra data is not the base64 of any byte")
        }
        return extra
    }

    /// The proof as it is stored and sent.
    public var encodedText: String {
        var text = Self.header + "\n"
        if let extra { text += "extra \(encodeBase64(extra))\n" }
        text += "index \(index)\n" + HashLines.encode(hashes)
        return text + "\n" + checkpoint.note.encodedText
    }

    /// Checks that the entry with this leaf hash stands at ``index`` in the tree of the checkpoint;
    /// says nothing about who signed that.
    public func check(leaf: Digest32) throws(MerkleError) {
        let head = checkpoint.checkpoint
        try checkInclusion(hashes, index: index, size: head.size, leaf: leaf, root: head.root)
    }

    /// Checks the place of the entry with this leaf hash, and that the log's key signed the
    /// checkpoint.
    public func verified(
        leaf: Digest32, with logKey: NoteVerifierKey
    ) throws(MerkleError) -> VerifiedCheckpoint {
        try check(leaf: leaf)
        return try checkpoint.verified(with: logKey)
    }
}

/// The lines of a file that ends each of them, taken one by one.
struct Lines {
    /// What has not been taken yet.
    private(set) var rest: ArraySlice<UInt8>
    /// The number of the line taken last, from 1.
    private(set) var number = 0
    /// Whether the line taken last was there, and empty.
    private(set) var wasEmpty = false

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    /// The next line without its newline; nil at the end, and for a last line that does not end.
    mutating func next() -> ArraySlice<UInt8>? {
        number += 1
        wasEmpty = false
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let line = rest[..<end]
        rest = rest[(end + 1)...]
        wasEmpty = line.isEmpty
        return line
    }
}
