internal import Bytes

/// Something that must not happen and yet is true, recorded because it exists.
public struct Incident: Sendable, Equatable {
    /// Where the event stands that it followed from.
    public let position: UInt64
    /// What kind of thing it is.
    public let kind: Kind
    /// What happened, with the values.
    public let description: String

    /// The kinds of incidents.
    public enum Kind: String, Sendable, CaseIterable {
        /// A coin of ours was spent by a transaction that no request explains.
        case unexplainedSpend = "unexplained-spend"
        /// A valid signature exists for a request that is not, or no longer, authorised.
        case unauthorisedSignature = "unauthorised-signature"
    }
}

extension Incident {
    var cbor: CBORValue { [.unsigned(position), .text(kind.rawValue), .text(description)] }

    init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 3)
        position = try reader.unsigned()
        kind = try reader.named(Kind.self)
        description = try reader.text()
    }
}
