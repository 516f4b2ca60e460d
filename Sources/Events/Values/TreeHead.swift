public import Bytes

/// The size and root of the log at one moment, as an author has seen it.
public struct TreeHead: Sendable, Hashable {
    /// How many entries the tree has.
    public let size: UInt64
    /// The RFC 9162 root over them.
    public let root: Digest32

    /// Creates a tree head.
    public init(size: UInt64, root: Digest32) {
        self.size = size
        self.root = root
    }

    /// The head of an empty log: SHA-256 of nothing (RFC 9162 §2.1.1).
    public static let empty = TreeHead(size: 0, root: sha256([]))

    package init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 2)
        size = try reader.unsigned()
        root = try reader.digest()
    }

    package var cbor: CBORValue { [.unsigned(size), .digest(root)] }
}

extension TreeHead: CustomStringConvertible {
    public var description: String { "\(size) (root \(root.hex.prefix(16))…)" }
}
