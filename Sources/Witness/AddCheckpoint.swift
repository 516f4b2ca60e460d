public import Bytes
public import Merkle

/// The body of an `add-checkpoint` request (C2SP tlog-witness): how far the witness is said to be,
/// the proof from there, and the new signed checkpoint.
///
///     old <size>
///     <the consistency proof, at most 63 base64 hashes, one a line>
///
///     <the signed checkpoint>
public struct AddCheckpoint: Sendable, Hashable {
    /// The largest body that is read, in bytes.
    public static let maximumBytes = 1 << 20
    /// The most hashes.
    public static let maximumHashes = 63

    /// The size of the newest checkpoint that the witness has cosigned, as the client knows it.
    public let oldSize: UInt64
    /// The proof from there to the checkpoint.
    public let proof: [Digest32]
    /// The new checkpoint, its signatures not verified.
    public let checkpoint: SignedCheckpoint

    /// Creates a request.
    public init(
        oldSize: UInt64, proof: [Digest32], checkpoint: SignedCheckpoint
    ) throws(WitnessError) {
        guard proof.count <= Self.maximumHashes else {
            throw .malformed("\(proof.count) hashes, at most \(Self.maximumHashes)")
        }
        self.oldSize = oldSize
        self.proof = proof
        self.checkpoint = checkpoint
    }

    /// Parses a body in its only form; throws ``WitnessError/malformed(_:)``.
    public init(parsing bytes: [UInt8]) throws(WitnessError) {
        guard bytes.count <= Self.maximumBytes else {
            throw .malformed("\(bytes.count) bytes, at most \(Self.maximumBytes)")
        }
        var rest = bytes[...]
        func line() throws(WitnessError) -> ArraySlice<UInt8> {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
                throw .malformed("a line does not end")
            }
            defer { rest = rest[(end + 1)...] }
            return rest[..<end]
        }
        let first = try line()
        guard first.starts(with: "old ".utf8), let size = Self.size(first.dropFirst(4)) else {
            throw .malformed("the first line is old and a size in decimal, up to 2^53")
        }
        var proof: [Digest32] = []
        while case let next = try line(), !next.isEmpty {
            guard proof.count < Self.maximumHashes else {
                throw .malformed("more than \(Self.maximumHashes) hashes")
            }
            guard let hash = HashLines.decode(next) else {
                throw .malformed("line \(proof.count + 2) is not the base64 of 32 bytes")
            }
            proof.append(hash)
        }
        let checkpoint: SignedCheckpoint
        do throws(MerkleError) { checkpoint = try SignedCheckpoint(parsing: Array(rest)) } catch {
            throw .malformed("\(error)")
        }
        try self.init(oldSize: size, proof: proof, checkpoint: checkpoint)
    }

    private static func size(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard let text = String(validating: digits, as: UTF8.self), let size = UInt64(text),
            size <= maximumTreeSize, "\(size)".utf8.elementsEqual(digits)
        else { return nil }
        return size
    }

    /// The body as it is sent.
    public var encodedText: String {
        "old \(oldSize)\n\(HashLines.encode(proof))\n\(checkpoint.note.encodedText)"
    }
}
