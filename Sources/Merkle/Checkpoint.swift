public import Bytes

/// The head of a log: whose it is, how many entries it has, and the root over them
/// (C2SP tlog-checkpoint, without extension lines).
public struct Checkpoint: Sendable, Hashable {
    /// The log's identity; ours are `<name>/<ledger id in hexadecimal>`.
    public let origin: String
    /// How many entries the log has.
    public let size: UInt64
    /// The root of the tree over them.
    public let root: Digest32

    /// Creates a checkpoint; the origin must be a key name and the size within the limit.
    public init(origin: String, size: UInt64, root: Digest32) throws(MerkleError) {
        guard isKeyName(origin) else {
            throw .checkpoint(line: 1, reason: "\(origin) is no origin")
        }
        guard size <= maximumTreeSize else { throw .treeSize(size) }
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// Parses a note's text: exactly three lines, the size without leading zeros, the root in
    /// strict base64. Throws ``MerkleError/checkpoint(line:reason:)``.
    public init(parsing text: String) throws(MerkleError) {
        let lines = Array(text.utf8).split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count == 4, lines[3].isEmpty else {
            throw .checkpoint(line: 4, reason: "exactly three lines are accepted")
        }
        guard let size = parsedDecimal(lines[1], maximum: maximumTreeSize) else {
            throw .checkpoint(line: 2, reason: "the size is no decimal number up to 2^53")
        }
        guard
            let root = decodeBase64(String(decoding: lines[2], as: UTF8.self)).flatMap({
                Digest32($0)
            })
        else {
            throw .checkpoint(line: 3, reason: "the root is not the base64 of 32 bytes")
        }
        try self.init(origin: String(decoding: lines[0], as: UTF8.self), size: size, root: root)
    }

    /// The text that is signed.
    public var text: String { "\(origin)\n\(size)\n\(encodeBase64(root.array))\n" }
}

extension Checkpoint: CustomStringConvertible {
    public var description: String { "size \(size), root \(root)" }
}

/// Parses digits without a sign or leading zeros; nil past `maximum`, which must be below 2^59.
func parsedDecimal(_ digits: some Collection<UInt8>, maximum: UInt64) -> UInt64? {
    guard let first = digits.first, digits.count <= 19 else { return nil }
    guard first != UInt8(ascii: "0") || digits.count == 1 else { return nil }
    var value: UInt64 = 0
    for digit in digits {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
        value = value * 10 + UInt64(digit - UInt8(ascii: "0"))
        guard value <= maximum else { return nil }
    }
    return value
}
