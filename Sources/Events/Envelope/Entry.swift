internal import Bytes

/// A leaf of the log: when it was recorded and the event's envelope, as deterministic CBOR
/// `[recorded time, event]`.
public struct Entry: Sendable, Equatable {
    /// When the ledger recorded the event, in milliseconds since 1970; never falls along the log.
    public let recorded: UInt64
    /// The event's COSE envelope.
    public let event: [UInt8]

    /// The longest entry, which is that of a tlog-tiles entry bundle.
    public static let sizeLimit = FormatLimit.entryBytes

    /// Creates an entry.
    public init(recorded: UInt64, event: [UInt8]) {
        self.recorded = recorded
        self.event = event
    }

    /// Decodes an entry.
    public init(decoding span: Span<UInt8>) throws(EventError) {
        guard span.count <= Self.sizeLimit else {
            throw .tooLong(bytes: span.count, maximum: Self.sizeLimit)
        }
        do {
            var reader = CBORReader(span)
            try reader.openArray(exactly: 2)
            recorded = try reader.unsigned()
            event = try reader.bytes()
            try reader.end()
        } catch {
            throw .entry(error)
        }
    }

    /// The entry's bytes, as they stand in the log and are hashed.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(event.count + 16)
        bytes.appendCBORHead(major: 4, 2)
        bytes.appendCBORHead(major: 0, recorded)
        bytes.appendCBORHead(major: 2, UInt64(event.count))
        bytes.append(contentsOf: event)
        return bytes
    }
}
