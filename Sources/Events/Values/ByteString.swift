public import Bytes

/// A byte string of a fact: inline up to 16,384 bytes, by size and SHA-256 above, where the bytes
/// themselves are a blob that is committed together with the event.
public enum ByteString: Sendable, Hashable {
    case inline([UInt8])
    case blob(BlobReference)

    /// The longest byte string that stands in the event itself.
    public static let inlineLimit = FormatLimit.inlineBytes

    /// Chooses the form by length; a blob's bytes are returned to be sent along with the event.
    public static func holding(_ bytes: [UInt8]) -> (value: ByteString, blob: [UInt8]?) {
        guard bytes.count > inlineLimit else { return (.inline(bytes), nil) }
        return (.blob(BlobReference(bytes)), bytes)
    }

    /// The bytes, looked up in `blobs` when they are not inline; nil when they are not there.
    public func bytes(from blobs: [Digest32: [UInt8]]) -> [UInt8]? {
        switch self {
        case .inline(let bytes): bytes
        case .blob(let reference): blobs[reference.digest]
        }
    }

    /// The blob that holds the bytes, if one does.
    public var reference: BlobReference? {
        if case .blob(let reference) = self { reference } else { nil }
    }

    package init(from reader: inout CBORReader) throws(CBORError) {
        if reader.nextMajor == 4 {
            let offset = reader.offset
            let reference = try BlobReference(from: &reader)
            guard reference.size > Self.inlineLimit else {
                throw .unexpected(
                    offset: offset, expected: "bytes up to \(Self.inlineLimit) to stand inline",
                    found: "a blob of \(reference.size) bytes")
            }
            self = .blob(reference)
        } else {
            self = .inline(try reader.bytes(maximum: Self.inlineLimit))
        }
    }

    package var cbor: CBORValue {
        switch self {
        case .inline(let bytes): .bytes(bytes)
        case .blob(let reference): reference.cbor
        }
    }
}

/// A blob by its size in bytes and SHA-256.
public struct BlobReference: Sendable, Hashable {
    /// The size in bytes, 1 to ``sizeLimit``.
    public let size: Int
    /// SHA-256 of the bytes.
    public let digest: Digest32

    /// The largest blob.
    public static let sizeLimit = FormatLimit.blobBytes

    /// Describes `bytes`.
    public init(_ bytes: [UInt8]) {
        size = bytes.count
        digest = sha256(bytes)
    }

    package init(from reader: inout CBORReader) throws(CBORError) {
        try reader.openArray(exactly: 2)
        let offset = reader.offset
        size = Int(try reader.unsigned(maximum: UInt64(Self.sizeLimit)))
        guard size > 0 else {
            throw .unexpected(offset: offset, expected: "a blob of at least one byte", found: "0")
        }
        digest = try reader.digest()
    }

    package var cbor: CBORValue { [.unsigned(UInt64(size)), .digest(digest)] }
}
