public import Bytes

/// A tree head up to which an owner has replayed a ledger, with what came out of it.
public struct ReplayedHead: Sendable, Hashable {
    /// How many entries the tree has; at least 1, since position 0 founds the ledger.
    public let size: UInt64
    /// The tree's root hash.
    public let root: Digest32
    /// The digest of the state after the last entry.
    public let stateDigest: Digest32

    /// Names a head.
    public init(size: UInt64, root: Digest32, stateDigest: Digest32) {
        self.size = size
        self.root = root
        self.stateDigest = stateDigest
    }
}

extension ReplayedHead: CustomStringConvertible {
    public var description: String { "\(size) (root \(root), state \(stateDigest))" }
}

/// An event that was signed and is not yet known to be recorded or refused.
public struct HeldEvent: Sendable, Hashable {
    /// The event's number among the key's events in its ledger.
    public let sequence: UInt64
    /// The signed bytes, which are sent again as they are.
    public let event: [UInt8]
    /// The blobs that must be sent with it, in order.
    public let blobs: [[UInt8]]
    /// Whether it may have left this machine, in a file: then somebody else may send it at any
    /// time, and its number is not free for another event.
    public let mayHaveLeft: Bool

    /// The longest event, in bytes: what fits into a log entry.
    public static let maximumEventBytes = FormatLimit.entryBytes
    /// The longest blob, in bytes.
    public static let maximumBlobBytes = FormatLimit.blobBytes
    /// The most blobs.
    public static let maximumBlobs = 1024
    /// The most bytes of all blobs together.
    public static let maximumBytes = 64 << 20

    /// Takes an event; throws ``SecretsError/memoryLimit(field:found:maximum:)``.
    public init(
        sequence: UInt64, event: [UInt8], blobs: [[UInt8]], mayHaveLeft: Bool = true
    ) throws(SecretsError) {
        func check(_ field: String, _ found: Int, _ maximum: Int) throws(SecretsError) {
            guard found <= maximum else {
                throw .memoryLimit(field: field, found: found, maximum: maximum)
            }
        }
        try check("bytes of an event", event.count, Self.maximumEventBytes)
        try check("blobs of an event", blobs.count, Self.maximumBlobs)
        for blob in blobs { try check("bytes of a blob", blob.count, Self.maximumBlobBytes) }
        try check(
            "bytes of all blobs", blobs.reduce(0) { $0 + $1.count }, Self.maximumBytes)
        self.sequence = sequence
        self.event = event
        self.blobs = blobs
        self.mayHaveLeft = mayHaveLeft
    }
}
