public import Bytes

/// One fact with its author's bookkeeping: when, his how-manieth, and what he had seen.
///
/// The payload of the COSE envelope, a map of `seq`, `body`, `seen`, `time` and `type`.
public struct Event: Sendable, Hashable {
    /// The author's clock, in milliseconds since 1970.
    public let time: UInt64
    /// How many events this key had signed before this one.
    public let sequence: UInt64
    /// The newest tree head that the author had verified.
    public let seen: TreeHead
    public let fact: Fact

    /// The longest name of a type, or of a request's kind, in bytes.
    static let typeLimit = 32

    /// Creates an event.
    public init(time: UInt64, sequence: UInt64, seen: TreeHead, fact: Fact) {
        self.time = time
        self.sequence = sequence
        self.seen = seen
        self.fact = fact
    }

    /// Decodes the payload of an envelope.
    public init(decoding payload: Span<UInt8>) throws(CBORError) {
        // The type sorts behind the body, so the body is stepped over once and read when its type
        // is known.
        var reader = CBORReader(payload)
        var map = try reader.openMap()
        try reader.key("seq", in: &map)
        sequence = try reader.unsigned()
        try reader.key("body", in: &map)
        let body = reader.offset
        try reader.skip()
        let bodyEnd = reader.offset
        try reader.key("seen", in: &map)
        seen = try TreeHead(from: &reader)
        try reader.key("time", in: &map)
        time = try reader.unsigned()
        try reader.key("type", in: &map)
        let typeOffset = reader.offset
        let name = try reader.text(maximum: Self.typeLimit)
        guard let type = FactType(rawValue: name) else {
            throw .unexpected(
                offset: typeOffset, expected: "a type of event that these rules know",
                found: "\"\(name.escapedForDisplay)\"")
        }
        try reader.close(map)
        try reader.end()
        var bodyReader = CBORReader(payload.extracting(0..<bodyEnd), from: body)
        fact = try Fact(type, from: &bodyReader)
        try bodyReader.end()
    }

    /// The deterministic encoding that an envelope carries as its payload.
    ///
    /// - Precondition: integers are below 2^53.
    public var encoded: [UInt8] { cbor.encoded }

    var cbor: CBORValue {
        [
            "seq": .unsigned(sequence), "body": fact.cbor, "seen": seen.cbor,
            "time": .unsigned(time), "type": .text(fact.type.rawValue),
        ]
    }
}
