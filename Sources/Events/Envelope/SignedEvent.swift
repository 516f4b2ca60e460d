public import Bytes
public import Keys

/// A COSE_Sign1 envelope (RFC 9052 §4.2, tag 18) around an event, decoded but not yet judged.
///
///     18([ << {1: -47, 3: "application/vnd.strongroom.event+cbor", 4: kid} >>,
///          {}, payload, r ‖ s ])
///
/// There is exactly one encoding of each envelope: the protected header has one form, the
/// unprotected one is empty. Whether the signature verifies is for whoever knows the author's key
/// to check, over ``id``.
public struct SignedEvent: Sendable {
    /// The envelope's bytes.
    public let bytes: [UInt8]
    /// Who signed: the `kid` of the protected header.
    public let author: KeyID
    public let event: Event
    public let signature: ECDSASignature
    /// SHA-256 of the Sig_structure: what is signed, and the event's identity.
    public let id: Digest32

    /// The longest envelope, so that its entry fits a bundle of the published log.
    public static let sizeLimit = Entry.sizeLimit - 16

    /// Decodes an envelope.
    ///
    /// - Parameters:
    ///   - bytes: the envelope.
    ///   - ledger: the ledger's id, which every signature covers as `external_aad`; nil for the
    ///     founding event, whose id it becomes.
    public init(decoding bytes: [UInt8], ledger: Digest32?) throws(EventError) {
        guard bytes.count <= Self.sizeLimit else {
            throw .tooLong(bytes: bytes.count, maximum: Self.sizeLimit)
        }
        let parts: EnvelopeParts
        do {
            parts = try EnvelopeParts(bytes.span)
        } catch {
            throw .envelope(error)
        }
        let payload = bytes.span.extracting(parts.payload)
        do {
            event = try Event(decoding: payload)
        } catch {
            if let form = UnknownForm(in: payload) { throw .unknown(form) }
            throw .payload(error)
        }
        author = parts.author
        signature = parts.signature
        id = Self.digest(author: parts.author, payload: payload, ledger: ledger)
        self.bytes = bytes
    }

    /// Signs `event`: `sign` turns the event id into an ECDSA signature by the key `author`.
    ///
    /// What is signed is not judged: ask ``Event/checkEncoding()`` first.
    public init<Failure: Error>(
        _ event: Event, by author: KeyID, ledger: Digest32?,
        sign: (Digest32) throws(Failure) -> ECDSASignature
    ) throws(Failure) {
        let payload = event.encoded
        let id = Self.digest(author: author, payload: payload.span, ledger: ledger)
        let signature = try sign(id)
        var bytes: [UInt8] = EnvelopeParts.head
        bytes.append(contentsOf: author.bytes)
        bytes.append(0xa0)
        bytes.appendCBORHead(major: 2, UInt64(payload.count))
        bytes.append(contentsOf: payload)
        bytes.appendCBORHead(major: 2, 64)
        bytes.append(contentsOf: signature.bytes)
        self.bytes = bytes
        self.author = author
        self.event = event
        self.signature = signature
        self.id = id
    }

    /// SHA-256 of `["Signature1", protected header, external_aad, payload]` (RFC 9052 §4.4).
    private static func digest(
        author: KeyID, payload: Span<UInt8>, ledger: Digest32?
    ) -> Digest32 {
        var hasher = SHA256Hasher()
        hasher.update(EnvelopeParts.signatureContext.span)
        hasher.update(author)
        var head: [UInt8] = []
        head.reserveCapacity(40)
        if let ledger {
            head.appendCBORHead(major: 2, 32)
            head.append(ledger)
        } else {
            head.append(0x40)
        }
        head.appendCBORHead(major: 2, UInt64(payload.count))
        hasher.update(head.span)
        hasher.update(payload)
        return hasher.finalize()
    }
}

extension SignedEvent {
    /// The request that the event is about: the one that it initiates, or else the one that its
    /// fact names.
    public var request: Digest32? {
        if case .initiated = event.fact { id } else { event.fact.namedRequest }
    }
}

extension Event {
    /// Throws what every reader of the log would say against the event's encoding, were it signed.
    ///
    /// Values are limited where bytes become facts; whoever makes a fact of what a person or a node
    /// said asks here before he signs it. Costs one encoding and one decoding.
    public func checkEncoding() throws(EventError) {
        let value = cbor
        // Encoders take it for a fault of the program.
        if let integer = value.tooLargeInteger {
            throw .payload(
                .refused(
                    offset: 0, rule: "the integer \(integer) is above \(largestCBORInteger)"))
        }
        let payload = value.encoded
        let bytes = EnvelopeParts.overhead + payload.count
        guard bytes <= SignedEvent.sizeLimit else {
            throw .tooLong(bytes: bytes, maximum: SignedEvent.sizeLimit)
        }
        let decoded: Event
        do {
            decoded = try Event(decoding: payload.span)
        } catch {
            throw .payload(error)
        }
        guard decoded == self else {
            throw .payload(
                .refused(
                    offset: 0, rule: "the event has a part that its encoding does not hold"))
        }
    }
}

extension CBORValue {
    /// An integer inside that has no encoding in our formats; nil when all have.
    fileprivate var tooLargeInteger: UInt64? {
        switch self {
        case .unsigned(let value), .negative(let value):
            value > largestCBORInteger ? value : nil
        case .array(let items): items.lazy.compactMap(\.tooLargeInteger).first
        case .map(let entries): entries.values.lazy.compactMap(\.tooLargeInteger).first
        case .bytes, .text, .bool, .null: nil
        }
    }
}

extension SignedEvent: Equatable {
    public static func == (left: SignedEvent, right: SignedEvent) -> Bool {
        left.bytes == right.bytes
    }
}

/// The parts of an envelope, found without copying them.
private struct EnvelopeParts {
    let author: KeyID
    let payload: Range<Int>
    let signature: ECDSASignature

    static let contentType = "application/vnd.strongroom.event+cbor"

    /// The protected header up to the key: `{1: -47, 3: content type, 4: h'` … `'}`.
    static let protectedHead: [UInt8] =
        [0xa3, 0x01, 0x38, 0x2e, 0x03, 0x78, UInt8(contentType.utf8.count)]
        + Array(contentType.utf8) + [0x04, 0x58, 33]

    static let protectedString: [UInt8] =
        [0x58, UInt8(protectedHead.count + 33)] + protectedHead

    /// The envelope up to the key: the tag, an array of four, the protected header.
    static let head: [UInt8] = [0xd2, 0x84] + protectedString

    /// How many bytes an envelope adds to a payload, of up to 65,535 bytes.
    static let overhead = head.count + 33 + 1 + 3 + 66

    /// The Sig_structure up to the key.
    static let signatureContext: [UInt8] =
        [0x84, 0x6a] + Array("Signature1".utf8) + protectedString

    init(_ span: Span<UInt8>) throws(CBORError) {
        for index in Self.head.indices {
            guard index < span.count else { throw .truncated(offset: index) }
            guard span[index] == Self.head[index] else {
                throw .unexpected(
                    offset: index,
                    expected: "COSE_Sign1 (tag 18) with alg ES256K, content type "
                        + "\(Self.contentType) and a 33-byte kid",
                    found: "other bytes")
            }
        }
        let keyEnd = Self.head.count + 33
        guard keyEnd < span.count else { throw .truncated(offset: span.count) }
        guard let author = KeyID(span.extracting(Self.head.count..<keyEnd)) else {
            throw .unexpected(
                offset: Self.head.count, expected: "a compressed public key", found: "other bytes")
        }
        guard span[keyEnd] == 0xa0 else {
            throw .unexpected(
                offset: keyEnd, expected: "an empty unprotected header", found: "another")
        }
        var reader = CBORReader(span, from: keyEnd + 1)
        let payload = try reader.lentBytes()
        let payloadEnd = reader.offset
        self.payload = payloadEnd - payload.count..<payloadEnd
        let bytes = try reader.lentBytes()
        guard let signature = ECDSASignature(bytes) else {
            throw .unexpected(
                offset: payloadEnd, expected: "a signature of 64 bytes",
                found: "\(bytes.count) bytes")
        }
        try reader.end()
        self.author = author
        self.signature = signature
    }
}
