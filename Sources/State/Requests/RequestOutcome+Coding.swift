public import Bytes

extension RequestOutcome {
    /// The outcome as deterministic CBOR `[id, number, status, position]`.
    public var encoded: [UInt8] {
        let value: CBORValue = [
            .digest(id), .unsigned(number), .text(status.rawValue), .unsigned(position),
        ]
        return value.encoded
    }

    /// Decodes an outcome.
    public init(decoding span: Span<UInt8>) throws(CBORError) {
        var reader = CBORReader(span)
        try reader.openArray(exactly: 4)
        id = try reader.digest()
        number = try reader.unsigned()
        status = try reader.named(RequestStatus.self)
        position = try reader.unsigned()
        try reader.end()
    }
}
